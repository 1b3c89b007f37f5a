import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TidingsError } from '../spec/index.ts';
import { readRecipient } from './read-recipient.ts';
import type { ContactPatch, ContactRequest, CustomAddress, RecipientRules } from './recipient.ts';

const customAddresses = new Map<string, CustomAddress>([
  ['matrixId', { many: false, normalize: (address) => address.toLowerCase() }],
  [
    'pager',
    {
      many: true,
      normalize(address) {
        if (!/^\d+$/.test(address)) throw new RangeError('digits, please');
        return address;
      },
    },
  ],
]);
const rules: RecipientRules = { customAddresses };

function contact(to: unknown, how: RecipientRules = rules): ContactRequest {
  const request = readRecipient(to, how, 'to');
  if (request.kind !== 'contact') throw new Error(`was read as ${request.kind}`);
  return request;
}

const patch = (to: unknown): ContactPatch => contact(to).patch;

function refusal(to: unknown): { code: string; message: string; path: string | undefined } {
  try {
    readRecipient(to, rules, 'to');
  } catch (error) {
    if (!TidingsError.is(error)) throw error;
    return { code: error.code, message: error.message, path: error.path };
  }
  throw new Error('was taken');
}

describe('an object', () => {
  it('takes every field by every name', () => {
    const camel = patch({
      externalId: 'x1',
      email: 'j@example.com',
      phone: '+46701234567',
      slack: 'U1234ABCD',
      telegram: '123',
      discord: '123456789012345678',
      pushTokens: ['t1', 't2'],
      firstName: 'Jane',
      lastName: 'Doe',
      avatar: 'https://example.com/a.png',
      username: 'jane',
      language: 'sv_se',
      timezone: 'Europe/Stockholm',
      matrixId: '@J:X',
      pager: ['1', '2', '1'],
    });
    const snake = patch({
      external_id: 'x1',
      email: 'j@example.com',
      phone: '+46701234567',
      slack_id: 'U1234ABCD',
      telegram_id: 123,
      discord_id: '123456789012345678',
      push_tokens: ['t1', 't2'],
      first_name: 'Jane',
      last_name: 'Doe',
      avatar: 'https://example.com/a.png',
      username: 'jane',
      language: 'sv-SE',
      time_zone: 'Europe/Stockholm',
      matrix_id: '@J:X',
      pager: ['1', '2'],
    });
    expect(snake).toEqual(camel);
    expect([...camel.single]).toEqual([
      ['externalId', { given: 'x1', value: 'x1' }],
      ['email', { given: 'j@example.com', value: 'j@example.com' }],
      ['phone', { given: '+46701234567', value: '+46701234567' }],
      ['slack', { given: 'U1234ABCD', value: 'U1234ABCD' }],
      ['telegram', { given: '123', value: '123' }],
      ['discord', { given: '123456789012345678', value: '123456789012345678' }],
      ['matrixId', { given: '@J:X', value: '@j:x' }],
    ]);
    expect([...camel.several]).toEqual([
      ['pushToken', { add: ['t1', 't2'], remove: [] }],
      ['pager', { add: ['1', '2'], remove: [] }],
    ]);
    expect(camel.fields).toEqual({
      firstName: 'Jane',
      lastName: 'Doe',
      avatar: 'https://example.com/a.png',
      username: 'jane',
      language: 'sv-SE',
      timezone: 'Europe/Stockholm',
    });
    expect(camel.meta).toEqual({});
    for (const name of ['slack', 'slack_id', 'slackId', 'telegram', 'telegramId', 'discord', 'discordId']) {
      const value = name.startsWith('slack') ? 'U1234ABCD' : '123456789012345678';
      expect(patch({ [name]: value }).single.size).toBe(1);
    }
    for (const name of ['pushToken', 'pushTokens', 'push_token', 'push_tokens']) {
      expect(patch({ [name]: 't' }).several.get('pushToken')).toEqual({ add: ['t'], remove: [] });
      expect(patch({ [name]: ['t'] }).several.get('pushToken')).toEqual({ add: ['t'], remove: [] });
    }
    for (const name of ['timezone', 'timeZone', 'time_zone']) {
      expect(patch({ [name]: 'UTC' }).fields.timezone).toBe('UTC');
    }
  });

  it('names everything to look up', () => {
    const request = contact({
      id: '0190A0B0-0000-7000-8000-00000000000A',
      email: 'J@example.com',
      phone: null,
      pushToken: 't',
    });
    expect(request.ids).toEqual(['0190a0b0-0000-7000-8000-00000000000a']);
    expect(request.identifiers).toEqual([
      { kind: 'email', value: 'j@example.com' },
      { kind: 'externalId', value: '0190A0B0-0000-7000-8000-00000000000A' },
      { kind: 'pushToken', value: 't' },
    ]);
    expect(contact({ id: 42, email: 'j@example.com' }).patch.id).toBe('42');
    expect(contact({ id: 42n, email: 'j@example.com' }).patch.id).toBe('42');
    expect(contact({ id: null, email: 'j@example.com' }).patch.id).toBeUndefined();
  });

  it('keeps other fields in meta under camelCase names, an explicit meta first and as it is', () => {
    expect(
      patch({
        email: 'j@example.com',
        plan_name: 'gold',
        meta: { plan_name: 'a', tier: 'b', planName: 'c' },
        tier: 'silver',
        _private_thing: 1,
        trailing_: 2,
        double__under: 3,
        signed_up_at: new Date(0),
        nested: { snake_case: [1, undefined] },
        constructor: 'Williams',
        gone: null,
        skipped: undefined,
      }).meta,
    ).toEqual({
      plan_name: 'a',
      tier: 'silver',
      planName: 'gold',
      _privateThing: 1,
      trailing_: 2,
      doubleUnder: 3,
      signedUpAt: '1970-01-01T00:00:00.000Z',
      nested: { snake_case: [1, null] },
      constructor: 'Williams',
      gone: null,
    });
    expect(patch({ email: 'j@example.com', meta: null }).meta).toBeNull();
    expect(patch({ email: 'j@example.com', meta: null, tier: 1 }).meta).toEqual({ tier: 1 });
  });

  it('removes with null, and with blank text where a field is no identifier', () => {
    const read = patch({
      externalId: 'x',
      email: null,
      pushTokens: null,
      name: null,
      username: ' ',
      pager: null,
      matrixId: null,
    });
    expect(read.single.get('email')).toBeNull();
    expect(read.single.get('matrixId')).toBeNull();
    expect([...read.several]).toEqual([
      ['pushToken', { add: [], remove: 'all' }],
      ['pager', { add: [], remove: 'all' }],
    ]);
    expect(read.fields).toEqual({ name: null, username: null });
  });

  it('folds line breaks and control characters in names', () => {
    expect(patch({ email: 'j@example.com', name: 'Jane\r\nBcc: x\0\u2028Doe ' }).fields.name).toBe('Jane Bcc: x Doe');
  });

  it('takes a contact back as it was given out', () => {
    const read = contact({
      id: '0190a0b0-0000-7000-8000-00000000000a',
      externalId: 'x',
      email: 'j@example.com',
      pushTokens: ['t'],
      meta: { tier: 'gold' },
      addresses: { matrixId: '@j:x' },
    }).patch;
    expect(read.single.get('matrixId')).toEqual({ given: '@j:x', value: '@j:x' });
    expect(read.meta).toEqual({ tier: 'gold' });
  });

  it('with a Slack channel alone is a post without a contact', () => {
    for (const slack of ['#general', 'C1234ABCD', 'G1234ABCD']) {
      expect(readRecipient({ slack }, rules, 'to')).toEqual({
        kind: 'address',
        path: 'to',
        channel: 'slack',
        address: slack,
      });
      for (const more of [
        { name: 'x' },
        { email: 'j@example.com' },
        { tier: 1 },
        { id: '1' },
        { pushToken: 't' },
        { meta: null },
      ]) {
        expect(refusal({ slack, ...more })).toEqual({
          code: 'INVALID_ADDRESS',
          message:
            "`to.slack` is a Slack channel, which is nobody's own: give it alone, or a member id such as U1234ABCD.",
          path: 'to.slack',
        });
      }
    }
    expect(contact({ slack: 'D1234ABCD' }).kind).toBe('contact');
  });

  it.each<[Record<string, unknown>, string, string, string]>([
    [
      { email: 'x' },
      'INVALID_EMAIL',
      'to.email',
      '`to.email` is not an e-mail address: it has no @. Give one such as jane@example.com.',
    ],
    [
      { email: 1 },
      'INVALID_EMAIL',
      'to.email',
      '`to.email` is not an e-mail address: it has no @. Give one such as jane@example.com.',
    ],
    [{ email: true }, 'VALIDATION_ERROR', 'to.email', '`to.email` is a boolean; give a string.'],
    [{ email: ['a@b.c'] }, 'VALIDATION_ERROR', 'to.email', '`to.email` is a list; give a string.'],
    [
      { phone: '0701' },
      'INVALID_PHONE',
      'to.phone',
      '`to.phone` is not a phone number: it is not + and 7 to 15 digits, the first of them not 0. Give it in E.164 form, such as +46701234567.',
    ],
    [
      { external_id: '' },
      'VALIDATION_ERROR',
      'to.external_id',
      '`to.external_id` is empty; leave it out, or give null to remove it.',
    ],
    [
      { externalId: 1.5 },
      'VALIDATION_ERROR',
      'to.externalId',
      '`to.externalId` is a number that cannot be exact; give a string.',
    ],
    [
      { discord: 1e19 },
      'VALIDATION_ERROR',
      'to.discord',
      '`to.discord` is a number that cannot be exact; give a string.',
    ],
    [
      { slack_id: 'jane' },
      'INVALID_ADDRESS',
      'to.slack_id',
      '`to.slack_id` is not a Slack address: give a member id such as U1234ABCD, a channel id such as C1234ABCD or a name such as #general.',
    ],
    [
      { telegram: 'jane' },
      'INVALID_ADDRESS',
      'to.telegram',
      '`to.telegram` is not a Telegram address: give the number of a chat, such as 123456789, or the @name of a public channel.',
    ],
    [
      { push_tokens: ['a', ''] },
      'INVALID_ADDRESS',
      'to.push_tokens[1]',
      '`to.push_tokens[1]` is not a push token: it is empty or holds a space or an invisible character.',
    ],
    [{ pushTokens: [null] }, 'VALIDATION_ERROR', 'to.pushTokens[0]', '`to.pushTokens[0]` is null; give a string.'],
    [
      { pushTokens: Array.from({ length: 101 }, (_, n) => `t${n}`) },
      'VALIDATION_ERROR',
      'to.pushTokens',
      '`to.pushTokens` holds more than 100 addresses.',
    ],
    [{ name: 5 }, 'VALIDATION_ERROR', 'to.name', '`to.name` is a number; give a string.'],
    [{ name: 'x'.repeat(1001) }, 'VALIDATION_ERROR', 'to.name', '`to.name` is longer than 1000 characters.'],
    [
      { language: 'not a language' },
      'VALIDATION_ERROR',
      'to.language',
      '`to.language` is not a BCP 47 language tag such as sv-SE.',
    ],
    [
      { timezone: 'Mars/Olympus' },
      'VALIDATION_ERROR',
      'to.timezone',
      '`to.timezone` is not an IANA time zone such as Europe/Stockholm.',
    ],
    [
      { timezone: '+01:00' },
      'VALIDATION_ERROR',
      'to.timezone',
      '`to.timezone` is not an IANA time zone such as Europe/Stockholm.',
    ],
    [{ meta: [] }, 'VALIDATION_ERROR', 'to.meta', '`to.meta` is a list; give an object.'],
    [{ meta: 'x' }, 'VALIDATION_ERROR', 'to.meta', '`to.meta` is a string; give an object.'],
    [{ meta: { a: { b: Number.NaN } } }, 'VALIDATION_ERROR', 'to.meta.a.b', '`to.meta.a.b` is not a finite number.'],
    [{ tier: () => 1 }, 'VALIDATION_ERROR', 'to.tier', '`to.tier` is a function, which JSON cannot hold.'],
    [
      { addresses: 'x' },
      'VALIDATION_ERROR',
      'to.addresses',
      '`to.addresses` is a string; give an object of addresses by field.',
    ],
    [
      { addresses: { icq: '1' } },
      'VALIDATION_ERROR',
      'to.addresses.icq',
      '`to.addresses.icq` is the address field of no custom channel.',
    ],
    [{ pager: ['x'] }, 'INVALID_ADDRESS', 'to.pager[0]', '`to.pager[0]` is no address: its channel refused it.'],
    [
      { matrixId: '' },
      'VALIDATION_ERROR',
      'to.matrixId',
      '`to.matrixId` is empty; leave it out, or give null to remove it.',
    ],
    [
      { external_id: 'a', externalId: 'b' },
      'VALIDATION_ERROR',
      'to.externalId',
      '`to.externalId` says otherwise than another name of the same field; give one of them.',
    ],
    [
      { first_name: 'a', firstName: null },
      'VALIDATION_ERROR',
      'to.firstName',
      '`to.firstName` says otherwise than another name of the same field; give one of them.',
    ],
    [
      { push_token: 'a', pushTokens: null },
      'VALIDATION_ERROR',
      'to.pushTokens',
      '`to.pushTokens` says otherwise than another name of the same field; give one of them.',
    ],
    [
      { pushTokens: null, push_token: 'a' },
      'VALIDATION_ERROR',
      'to.push_token',
      '`to.push_token` says otherwise than another name of the same field; give one of them.',
    ],
    [
      JSON.parse('{"__proto__":{"polluted":1}}'),
      'VALIDATION_ERROR',
      'to.__proto__',
      '`to.__proto__` is no name a field may have.',
    ],
    [
      JSON.parse('{"meta":{"__proto__":{"polluted":1}}}'),
      'VALIDATION_ERROR',
      'to.meta.__proto__',
      '`to.meta.__proto__` is no name a field may have.',
    ],
  ])('refuses %j', (to, code, path, message) => {
    expect(refusal(to)).toEqual({ code, path, message });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('takes two names of a field that say the same', () => {
    expect(
      patch({ external_id: 'a', externalId: 'a', push_token: 't1', pushTokens: ['t2', 't1'] }).several.get('pushToken'),
    ).toEqual({
      add: ['t1', 't2'],
      remove: [],
    });
  });

  it('is read alike whatever the order of its fields', () => {
    const to = {
      id: 'x',
      email: 'J@example.com',
      first_name: 'A',
      meta: { a: 1 },
      plan: 'gold',
      pushToken: 't',
      matrix_id: '@A:b',
    };
    const expected = patch(to);
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.entries(to), { minLength: 7 }), (entries) => {
        expect(patch(Object.fromEntries(entries))).toEqual(expected);
      }),
    );
  });
});
