import { describe, expect, test } from 'vitest';
import type { SuppressionReason } from '../spec/index.ts';
import { type ChannelOption, type RouteAddress, routing } from './routing.ts';

function address(name: string, suppressed?: SuppressionReason): RouteAddress {
  return { address: name, hash: new Uint8Array(32), suppressed };
}

/** A channel that can be used, but for what is given. */
function option(channel: string, given: Partial<ChannelOption> = {}): ChannelOption {
  return {
    channel,
    addresses: [address(`${channel} address`)],
    language: 'en',
    adapter: `${channel} adapter`,
    senderProblem: undefined,
    passedOver: [],
    ...given,
  };
}

describe('picks a channel', () => {
  test('the first that can reach the recipient; those after it are not looked at', () => {
    const route = routing([option('email'), option('sms')]);
    expect(route).toMatchObject({ kind: 'send', option: { channel: 'email' } });
    expect(route.steps).toEqual([{ channel: 'email', result: 'chosen' }]);
  });

  test.each<[string, Partial<ChannelOption>, string, string]>([
    ['no address', { addresses: [] }, 'MISSING_IDENTIFIER', 'the contact has no address for it'],
    ['no template', { language: undefined }, 'TEMPLATE_MISSING', 'the event has no template for it'],
    ['no language', { language: null }, 'TEMPLATE_MISSING', 'its template has no usable language'],
    ['no adapter', { adapter: undefined }, 'INTEGRATION_MISSING', 'no adapter is configured for it'],
    ['no sender', { senderProblem: 'nobody may' }, 'UNVERIFIED_SENDER', 'nobody may'],
  ])('passes over one with %s', (_, given, code, why) => {
    const route = routing([option('email', given), option('sms')]);
    expect(route).toMatchObject({ kind: 'send', option: { channel: 'sms' } });
    expect(route.steps).toEqual([
      { channel: 'email', result: 'skipped', code, why },
      { channel: 'sms', result: 'chosen' },
    ]);
  });

  test('sends to every address of a channel that is not suppressed', () => {
    const addresses = [address('one', 'invalid'), address('two'), address('three', 'manual'), address('four')];
    const route = routing([option('push', { addresses })]);
    expect(route.kind === 'send' && route.addresses.map((to) => to.address)).toEqual(['two', 'four']);
  });
});

describe('suppression', () => {
  test.each(['unsubscribed', 'complained', 'manual'] as const)('%s stops at its channel', (reason) => {
    const route = routing([option('email', { addresses: [address('a', reason)] }), option('sms')]);
    expect(route).toMatchObject({ kind: 'suppressed', option: { channel: 'email' }, reason });
    expect(route.steps).toEqual([{ channel: 'email', result: 'suppressed', code: 'SUPPRESSED', why: reason }]);
  });

  test.each(['bounced', 'invalid'] as const)('%s counts as no address', (reason) => {
    const route = routing([option('email', { addresses: [address('a', reason)] }), option('sms')]);
    expect(route).toMatchObject({ kind: 'send', option: { channel: 'sms' } });
    expect(route.steps[0]).toEqual({ channel: 'email', result: 'skipped', code: 'SUPPRESSED', why: reason });
  });

  test('dead on every channel: suppressed on the first that is', () => {
    const route = routing([
      option('slack', { addresses: [] }),
      option('email', { addresses: [address('a', 'bounced')] }),
      option('sms', { addresses: [address('b', 'invalid')] }),
    ]);
    expect(route).toMatchObject({ kind: 'suppressed', option: { channel: 'email' }, reason: 'bounced' });
    expect(route.steps).toHaveLength(3);
  });

  test('consent weighs more than a dead address beside it', () => {
    const addresses = [address('one', 'bounced'), address('two', 'unsubscribed')];
    expect(routing([option('push', { addresses }), option('sms')])).toMatchObject({
      kind: 'suppressed',
      reason: 'unsubscribed',
      address: { address: 'two' },
    });
  });

  test('a channel that could not be used anyway does not stop those after it', () => {
    const addresses = [address('a', 'unsubscribed')];
    const route = routing([option('email', { addresses, adapter: undefined }), option('sms')]);
    expect(route).toMatchObject({ kind: 'send', option: { channel: 'sms' } });
  });
});

describe('a refusal', () => {
  test('names every channel and why, under the code of the one that came furthest', () => {
    const route = routing([
      option('email', { senderProblem: 'no sender is configured for it' }),
      option('sms', { adapter: undefined }),
      option('push', { addresses: [] }),
    ]);
    expect(route).toMatchObject({
      kind: 'none',
      code: 'UNVERIFIED_SENDER',
      why: 'email: no sender is configured for it; sms: no adapter is configured for it; push: the contact has no address for it',
    });
  });

  test('says so when there is no channel at all', () => {
    expect(routing([])).toMatchObject({ kind: 'none', code: 'MISSING_IDENTIFIER', why: 'the event has no channel' });
  });

  test('speaks of an address where there is no contact', () => {
    expect(routing([option('sms', { addresses: [] })], 'address given')).toMatchObject({
      why: 'sms: the address given has no address for it',
    });
  });
});
