import { describe, expect, test } from 'vitest';
import { email, slack, sms } from '../channels/index.ts';
import { chooseSender, type SenderChoice, senderNeed, wantedSender } from './sender.ts';

const choice: SenderChoice = {
  channel: 'email',
  need: 'required',
  wanted: undefined,
  listed: [],
  adapterDefault: undefined,
  confirmed: [],
};
const unverified = { problem: 'the sender asked for is not verified' };

describe('without a wish', () => {
  test('the listed default, else the first listed', () => {
    const listed = [
      { channel: 'sms', address: '+46701234567' },
      { channel: 'email', address: 'one@example.com', name: 'One' },
      { channel: 'email', address: 'two@example.com' },
    ];
    expect(chooseSender({ ...choice, listed })).toEqual({ sender: { address: 'one@example.com', name: 'One' } });
    const [, first, second] = listed;
    const withDefault = [first, { ...second, default: true }] as SenderChoice['listed'];
    expect(chooseSender({ ...choice, listed: withDefault })).toEqual({ sender: { address: 'two@example.com' } });
  });

  test('then the default of the adapter', () => {
    expect(chooseSender({ ...choice, adapterDefault: { address: 'a@example.com' } })).toEqual({
      sender: { address: 'a@example.com' },
    });
  });

  test('a listed domain is nobody in particular', () => {
    const listed = [{ channel: 'email', address: '@example.com' }];
    expect(chooseSender({ ...choice, listed })).toEqual({ problem: 'no sender is configured for it' });
  });

  test('one that is optional may be missing; one that is not needed is left out', () => {
    expect(chooseSender({ ...choice, need: 'optional' })).toEqual({ sender: undefined });
    const listed = [{ channel: 'email', address: 'one@example.com' }];
    expect(chooseSender({ ...choice, listed, need: 'none' })).toEqual({ sender: undefined });
  });
});

describe('a wish', () => {
  const wanted = { address: 'Sales@Example.com', name: 'Sales' };
  test.each<[string, Partial<SenderChoice>]>([
    ['listed', { listed: [{ channel: 'email', address: 'sales@example.com' }] }],
    ['of a listed domain', { listed: [{ channel: 'email', address: '@example.com' }] }],
    ['the default of the adapter', { adapterDefault: { address: 'sales@example.com' } }],
    ['confirmed by the provider', { confirmed: [{ address: 'sales@example.com' }] }],
    ['of a domain confirmed by the provider', { confirmed: [{ address: '@example.com' }] }],
  ])('is granted when it is %s', (_, given) => {
    expect(chooseSender({ ...choice, wanted, ...given })).toEqual({ sender: wanted });
  });

  test.each<[string, Partial<SenderChoice>]>([
    ['listed nowhere', {}],
    ['listed for another channel', { listed: [{ channel: 'sms', address: 'sales@example.com' }] }],
    ['of another domain', { listed: [{ channel: 'email', address: '@ample.com' }] }],
    ['of a subdomain', { wanted: { address: 'a@mail.example.com' }, confirmed: [{ address: '@example.com' }] }],
  ])('is refused when it is %s', (_, given) => {
    expect(chooseSender({ ...choice, wanted, ...given })).toEqual(unverified);
  });

  test('takes the listed name when it brings none', () => {
    const listed = [{ channel: 'email', address: 'sales@example.com', name: 'Listed' }];
    expect(chooseSender({ ...choice, listed, wanted: { address: 'sales@example.com' } })).toEqual({
      sender: { address: 'sales@example.com', name: 'Listed' },
    });
  });

  test('of another kind does not concern the channel', () => {
    const listed = [{ channel: 'sms', address: '+46701234567' }];
    expect(chooseSender({ ...choice, channel: 'sms', need: 'optional', wanted, listed })).toEqual({
      sender: { address: '+46701234567' },
    });
  });
});

test("the send's sender goes before the event's, where it is of the channel's kind", () => {
  const ofEvent = new Map([
    ['sms', { address: 'ACME' }],
    ['email', { address: 'event@example.com' }],
  ]);
  const ofSend = { address: 'send@example.com' };
  expect(wantedSender('email', ofSend, ofEvent)).toBe(ofSend);
  expect(wantedSender('sms', ofSend, ofEvent)).toEqual({ address: 'ACME' });
  expect(wantedSender('email', undefined, ofEvent)).toEqual({ address: 'event@example.com' });
});

test('no sender is needed where nothing is sent', () => {
  expect([senderNeed(email, 'live'), senderNeed(sms, 'live'), senderNeed(slack, 'live')]).toEqual([
    'required',
    'optional',
    'none',
  ]);
  expect([senderNeed(email, 'test'), senderNeed(slack, 'test')]).toEqual(['optional', 'none']);
});
