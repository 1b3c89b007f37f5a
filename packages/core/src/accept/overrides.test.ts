import { describe, expect, test, vi } from 'vitest';
import { messageOf, refusal, trial } from '../../test/engine-trial.ts';
import { type ChannelAdapter, captureAdapter, defineEvent } from '../index.ts';
import type { Sender } from '../spec/index.ts';

const to = 'jane@example.com';
const mail = { email: { en: { subject: 'Hi {{brand.name}}', text: 'Text' } } };

describe('overrides', () => {
  test('of the subject are sent; others reach the adapter', async () => {
    const on = trial();
    await on.done('mail', { to, overrides: { email: { subject: 'Mine', replyTo: 'a@example.com' } } });
    expect(on.email.last()).toMatchObject({
      content: { subject: 'Mine' },
      overrides: { replyTo: ['a@example.com'] },
    });
  });

  test('of the brand go over that of the engine, key by key', async () => {
    const event = defineEvent({
      templates: { email: { en: { subject: '{{brand.name}} {{brand.color}}', text: 'x' } } },
    });
    const on = trial({ events: { event }, brand: { name: 'ACME', color: 'red' } });
    await on.done('event', { to, overrides: { brand: { color: 'blue' } } });
    expect(on.email.last()?.content).toMatchObject({ subject: 'ACME blue' });
  });

  test('suppressed copies are dropped and traced', async () => {
    const on = trial();
    await on.engine.suppressions.add({ address: 'Two@example.com', reason: 'unsubscribed' });
    const email = { cc: ['one@example.com', 'two@example.com'], bcc: 'TWO@example.com' };
    const sent = await on.done('mail', { to, overrides: { email } });
    expect(on.email.last()?.overrides).toEqual({ cc: ['one@example.com'], bcc: [] });
    const { timeline } = await messageOf(on, sent);
    expect(timeline.filter(({ event }) => event === 'copy-suppressed')).toMatchObject([
      { field: 'cc', reason: 'unsubscribed' },
      { field: 'bcc', reason: 'unsubscribed' },
    ]);
    expect(JSON.stringify(timeline)).not.toContain('example.com');
  });

  test('copies concern no other channel', async () => {
    const on = trial();
    await on.engine.suppressions.add({ address: 'two@example.com' });
    const sent = await on.done('any', { to: '+46701234567', overrides: { email: { cc: 'two@example.com' } } });
    const { channel, timeline } = await messageOf(on, sent);
    expect(channel).toBe('sms');
    expect(timeline.map(({ event }) => event)).toEqual(['queued', 'attempt', 'sent']);
  });
});

describe('the sender', () => {
  function adapter(more: Partial<ChannelAdapter>): ChannelAdapter & { last(): unknown } {
    const base = captureAdapter({ name: 'mailer', channel: 'email' });
    return {
      specVersion: 1,
      name: 'mailer',
      channel: 'email',
      send: base.send,
      last: () => base.last()?.from,
      ...more,
    };
  }

  test('is the listed one; a listed name goes with a bare address', async () => {
    const on = trial();
    await on.done('mail', { to });
    await on.done('mail', { to, from: 'hello@example.com' });
    await on.done('mail', { to, from: { address: 'Hello@Example.com', name: 'Me' } });
    await on.done('mail', { to, from: { email: 'hello@example.com', name: 'You' } as never });
    expect(on.email.messages.map(({ from }) => from)).toEqual([
      { address: 'hello@example.com', name: 'Example' },
      { address: 'hello@example.com', name: 'Example' },
      { address: 'Hello@Example.com', name: 'Me' },
      { address: 'hello@example.com', name: 'You' },
    ]);
  });

  test('may be anyone of a listed domain', async () => {
    const on = trial({
      senders: [
        { channel: 'email', address: 'hello@example.com' },
        { channel: 'email', address: '@example.org' },
      ],
    });
    await on.done('mail', { to, from: 'anyone@example.org' });
    expect(on.email.last()).toMatchObject({ from: { address: 'anyone@example.org' } });
    expect(await refusal(() => on.one('mail', { to, from: 'anyone@notexample.org' }))).toMatchObject({
      code: 'UNVERIFIED_SENDER',
    });
  });

  test('may be the default of the adapter', async () => {
    const own = adapter({ defaultSender: { address: 'own@example.net', name: 'Own' } });
    const on = trial({ senders: [], adapters: [own] });
    await on.done('mail', { to });
    expect(own.last()).toEqual({ address: 'own@example.net', name: 'Own' });
    await on.done('mail', { to, from: 'own@example.net' });
  });

  test('that nobody verified is refused', async () => {
    const on = trial();
    expect(await refusal(() => on.one('mail', { to, from: 'stranger@example.org' }))).toEqual({
      code: 'UNVERIFIED_SENDER',
      path: 'to',
      message: 'Event "mail" cannot reach this recipient: email: the sender asked for is not verified.',
    });
  });

  test('may be one the provider has confirmed, which is asked once in 5 minutes', async () => {
    const senders = vi.fn(async (): Promise<readonly Sender[]> => [{ address: 'sales@example.org' }]);
    const asking = adapter({ senders });
    const on = trial({ adapters: [asking] });
    await on.done('mail', { to });
    expect(senders).not.toHaveBeenCalled();
    await on.done('mail', { to, from: 'sales@example.org' });
    expect(await refusal(() => on.one('mail', { to, from: 'other@example.org' }))).toMatchObject({
      code: 'UNVERIFIED_SENDER',
    });
    expect(senders).toHaveBeenCalledTimes(1);
    await on.clock.advance(300_001);
    await on.done('mail', { to, from: 'sales@example.org' });
    expect(senders).toHaveBeenCalledTimes(2);
    expect(asking.last()).toEqual({ address: 'sales@example.org' });
  });

  test('of an event may be one the provider has confirmed', async () => {
    const asking = adapter({ senders: async () => [{ address: 'sales@example.org' }] });
    const event = defineEvent({ templates: mail, from: { email: 'sales@example.org' } });
    const on = trial({ adapters: [asking], events: { event } });
    await on.done('event', { to });
    expect(asking.last()).toEqual({ address: 'sales@example.org' });
  });

  test.each([
    ['rejects', async () => Promise.reject(new Error('away'))],
    [
      'throws',
      () => {
        throw new Error('away');
      },
    ],
  ] as const)('is unverified while a provider that %s cannot be asked, which is logged', async (_, senders) => {
    const on = trial({ adapters: [adapter({ senders: senders as () => Promise<readonly Sender[]> })] });
    expect(await refusal(() => on.one('mail', { to, from: 'sales@example.org' }))).toMatchObject({
      code: 'UNVERIFIED_SENDER',
    });
    expect(on.logged).toEqual(['warn The provider could not be asked for its confirmed senders.']);
  });

  test('is unverified while a provider does not answer within the deadline of a call', async () => {
    const senders = vi.fn(() => new Promise<readonly Sender[]>(() => {}));
    const on = trial({ adapters: [adapter({ senders })] });
    const refused = refusal(() => on.one('mail', { to, from: 'sales@example.org' }));
    await on.clock.advance(15_000);
    expect(await refused).toMatchObject({ code: 'UNVERIFIED_SENDER' });
    expect(on.logged).toEqual(['warn The provider could not be asked for its confirmed senders.']);
    expect(on.clock.held).toBe(0);
  });

  test('is asked for only where it can be used', async () => {
    const own = vi.fn(async (): Promise<readonly Sender[]> => [{ address: 'sales@example.org' }]);
    const texting = vi.fn(async (): Promise<readonly Sender[]> => []);
    const texter = captureAdapter({ name: 'texting', channel: 'sms' });
    const on = trial({ adapters: [adapter({ senders: own }), { ...texter, senders: texting }] });
    await on.done('any', { to, from: 'sales@example.org' });
    expect([own.mock.calls.length, texting.mock.calls.length]).toEqual([1, 0]);
    await on.done('mail', { to, from: 'ACME' });
    expect([own.mock.calls.length, texting.mock.calls.length]).toEqual([1, 0]);
  });

  test('of another kind leaves a channel its own, and that of the event', async () => {
    const event = defineEvent({ templates: { sms: { en: { text: 'x' } } }, from: { sms: 'ACME' } });
    const on = trial({
      events: { event },
      senders: [
        { channel: 'sms', address: '+46701234567' },
        { channel: 'sms', address: 'ACME' },
      ],
    });
    await on.done('event', { to: '+46701234567', from: 'hello@example.com' });
    expect(on.sms.last()?.from).toEqual({ address: 'ACME' });
  });
});
