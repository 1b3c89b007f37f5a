import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TidingsError } from '../spec/index.ts';
import { addressHash } from './address-hash.ts';
import { canonicalFields, canonicalJson } from './canonical-json.ts';
import { fingerprint } from './fingerprint.ts';

describe('canonicalFields', () => {
  it('is the canonical form of the object, fields that are in that form already taken as they are', () => {
    const whole = { z: [1, { b: 2, a: new Date(0) }], 'quoted "name"': 'é', a: null, gone: undefined };
    const { z, ...others } = whole;
    expect(canonicalFields(others, { z: canonicalJson(z) })).toBe(canonicalJson(whole));
  });
});

describe('canonicalJson', () => {
  it('sorts keys, drops undefined and writes dates and bytes as text', () => {
    const value = {
      b: [1, undefined, -0],
      a: { z: null, y: undefined, 10: 1, 9: 2 },
      at: new Date(0),
      raw: Buffer.from('hi'),
    };
    expect(canonicalJson(value)).toBe(
      '{"a":{"10":1,"9":2,"z":null},"at":"1970-01-01T00:00:00.000Z","b":[1,null,0],"raw":"aGk="}',
    );
    expect(canonicalJson(undefined)).toBe('null');
  });

  it.each([
    [{ n: Number.NaN }, '`to.n` is not a finite number.'],
    [{ n: [1, Number.POSITIVE_INFINITY] }, '`to.n[1]` is not a finite number.'],
    [{ n: 1n }, '`to.n` is a bigint, which JSON cannot hold; give a number or a string.'],
    [{ n: () => 1 }, '`to.n` is a function, which JSON cannot hold.'],
    [{ n: Symbol('x') }, '`to.n` is a symbol, which JSON cannot hold.'],
    [{ n: new Map() }, '`to.n` is a Map or Set, which JSON cannot hold.'],
    [{ n: new Set() }, '`to.n` is a Map or Set, which JSON cannot hold.'],
    [{ n: new Date(Number.NaN) }, '`to.n` is an invalid date.'],
    [JSON.parse('{"a":{"__proto__":{"x":1}}}'), '`to.a.__proto__` is no name a field may have.'],
  ])('refuses %#', (value, message) => {
    expect(() => canonicalJson(value, 'to')).toThrow(
      new TidingsError('VALIDATION_ERROR', message, { path: message.slice(1, message.indexOf('`', 1)) }),
    );
  });

  it('is the same by the quick way and by the long one, which a date in the list asks for', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        expect(canonicalJson([value, new Date(0)])).toBe(`[${canonicalJson(value)},"1970-01-01T00:00:00.000Z"]`);
      }),
    );
  });

  it('refuses what contains itself', () => {
    const loop: Record<string, unknown> = {};
    loop.loop = loop;
    expect(() => canonicalJson(loop, 'to')).toThrow('is nested deeper than 100 levels or contains itself.');
    const endless = { toJSON: (): unknown => endless };
    expect(() => canonicalJson(endless, 'to')).toThrow('is nested deeper than 100 levels or contains itself.');
  });

  it('is the same for any order of keys and reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        const text = canonicalJson(value);
        expect(canonicalJson(reversed(value))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

describe('keyed hashes', () => {
  it('fingerprints a request whatever the order of its keys', () => {
    const print = (secret: string, request: unknown): Uint8Array => fingerprint(secret, canonicalJson(request));
    expect(print('s', { a: 1, b: 2 })).toEqual(print('s', { b: 2, a: 1 }));
    expect(print('s', { a: 1 })).not.toEqual(print('s', { a: 2 }));
    expect(print('s', { a: 1 })).not.toEqual(print('t', { a: 1 }));
    expect(print('s', { a: 1 })).toHaveLength(32);
  });

  it('hashes an address with its kind', () => {
    const expected = createHmac('sha256', 's').update('email\0jane@example.com').digest();
    expect(addressHash('s', 'email', 'jane@example.com')).toEqual(expected);
    expect(addressHash('s', 'phone', 'jane@example.com')).not.toEqual(expected);
    expect(addressHash('t', 'email', 'jane@example.com')).not.toEqual(expected);
  });
});
