import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { TidingsError } from '../spec/errors.ts';
import { defineChannel, isChannel } from './define-channel.ts';

const template = z.object({ body: z.string(), title: z.string().optional() });
const least = { name: 'matrix', address: 'matrixId', template };

function refusal(options: unknown): { path: string | undefined; message: string } {
  try {
    defineChannel(options as never);
  } catch (error) {
    if (TidingsError.is(error, 'CONFIGURATION_INVALID')) return { path: error.path, message: error.message };
    throw error;
  }
  throw new Error('accepted');
}

test('defaults: one address, nothing escaped, no limits, addresses as they are', () => {
  const channel = defineChannel(least);
  expect(channel).toMatchObject({ name: 'matrix', address: 'matrixId', many: false, sender: 'none', template });
  expect('overrides' in channel).toBe(false);
  expect(channel.escape('body', {})).toBe('none');
  expect(channel.normalize('@Jane:Example.com')).toBe('@Jane:Example.com');
  expect(channel.check({ body: 'x'.repeat(100_000) })).toBeUndefined();
  expect(Object.isFrozen(channel)).toBe(true);
  expect(isChannel(channel)).toBe(true);
});

test('limits count characters, not code units', () => {
  const channel = defineChannel({ ...least, limits: { body: 3 } });
  expect(channel.check({ body: '😀😀😀' })).toBeUndefined();
  expect(channel.check({ body: '😀😀😀!' })).toEqual({
    field: 'body',
    message: 'body is 4 characters long; at most 3 are allowed',
  });
  expect(channel.check({ body: 'abc', title: 'any length' })).toBeUndefined();
});

test('its own check comes after the limits', () => {
  const check = ({ body }: { body: string }) =>
    body.startsWith('no') ? { field: 'body', message: 'is no' } : undefined;
  const channel = defineChannel({ ...least, limits: { body: 3 }, check });
  expect(channel.check({ body: 'no' })).toEqual({ field: 'body', message: 'is no' });
  expect(channel.check({ body: 'yes' })).toBeUndefined();
  expect(channel.check({ body: 'nooo' })?.message).toContain('at most 3');
});

test('escaping for all fields, or by field', () => {
  const shout = (value: string) => value.toUpperCase();
  expect(defineChannel({ ...least, escape: 'html' }).escape('title', {})).toBe('html');
  expect(defineChannel({ ...least, escape: shout }).escape('body', {})).toBe(shout);
  const mixed = defineChannel({ ...least, escape: { body: 'html', title: shout } });
  expect([
    mixed.escape('body', {}),
    mixed.escape('title', {}),
    mixed.escape('other', {}),
    mixed.escape('toString', {}),
  ]).toEqual(['html', shout, 'none', 'none']);
});

test('normal forms: its own, that of the built-in channel of the same address, or a plain check', () => {
  expect(defineChannel({ ...least, normalize: (address) => address.toLowerCase() }).normalize('A')).toBe('a');
  const plain = defineChannel(least);
  for (const address of ['', 'x'.repeat(256), 'ä'.repeat(128), 'a\0b']) {
    expect(() => plain.normalize(address)).toThrow(
      'matrixId must be 1–255 bytes long and hold no NUL, for the channel matrix.',
    );
  }
  expect(plain.normalize('x'.repeat(255))).toHaveLength(255);
});

describe('refusals', () => {
  const name = 'must be a lower-case word of up to 64 letters, digits and -, and not "brand"';
  const address =
    'must be the name of a contact field that holds addresses, and none of id, externalId, meta, name, firstName, lastName, avatar, username, language, timezone, pushToken, addresses';
  const schema = 'must be a Standard Schema, such as one of zod, valibot or arktype';
  const kinds = "must be 'html', 'slack', 'none', a function, or these by field";
  test.each<[unknown, string, string]>([
    ['matrix', 'options', 'must be an object'],
    [
      { ...least, limit: 3 },
      'limit',
      'is no option; there are name, address, template, overrides, limits, escape, many, sender, normalize, check',
    ],
    [{ ...least, name: 'Matrix' }, 'name', name],
    [{ ...least, name: 'a.b' }, 'name', name],
    [{ ...least, name: 'brand' }, 'name', name],
    [{ ...least, address: 'name' }, 'address', address],
    [{ ...least, address: 'matrix_id' }, 'address', address],
    [{ ...least, template: { body: 'string' } }, 'template', schema],
    [{ ...least, template: undefined }, 'template', schema],
    [{ ...least, overrides: {} }, 'overrides', schema],
    [{ ...least, limits: 3 }, 'limits', 'must be an object by field'],
    [{ ...least, limits: { body: 0 } }, 'limits.body', 'must be a whole number of characters from 1'],
    [{ ...least, escape: 'markdown' }, 'escape', kinds],
    [{ ...least, escape: { body: 'markdown' } }, 'escape.body', "must be 'html', 'slack', 'none' or a function"],
    [{ ...least, many: 'yes' }, 'many', 'must be true or false'],
    [{ ...least, sender: 'yes' }, 'sender', "must be 'required', 'optional' or 'none'"],
    [{ ...least, normalize: 'lower' }, 'normalize', 'must be a function'],
    [{ ...least, check: true }, 'check', 'must be a function'],
  ])('%#: %j', (options, path, problem) => {
    expect(refusal(options)).toEqual({ path, message: `defineChannel: ${path} ${problem}.` });
  });
});
