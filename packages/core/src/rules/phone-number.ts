import type { CountryCode } from 'libphonenumber-js/max';
import { TidingsError } from '../spec/index.ts';
import { phoneCountries } from './phone-countries.ts';
import type { PhoneCheck } from './recipient.ts';

/** How a phone number is read. */
export interface PhoneRules {
  /** Default: `form`. */
  readonly phones?: PhoneCheck;
  /** ISO 3166-1 alpha-2. Default: none, only E.164 is taken. */
  readonly defaultCountry?: string;
}

// The longest way to write one that is worth reading: 15 digits, each set apart, and an international prefix.
const maxLength = 40;
const e164 = /^\+[1-9]\d{6,14}$/;

type PhoneLibrary = typeof import('libphonenumber-js/max');
let library: PhoneLibrary | undefined;

/** Whether these rules need {@link loadPhoneNumbers}: E.164 is known by its form. */
export function needPhoneNumbers({ phones = 'form', defaultCountry }: PhoneRules): boolean {
  return phones !== 'form' || defaultCountry !== undefined;
}

/** Loads what knows the numbers of every country, which is as large as this whole package; most engines never need it. */
export async function loadPhoneNumbers(): Promise<void> {
  // Not by `createRequire`, which would not have to be awaited: bundlers follow an import only.
  library ??= await import('libphonenumber-js/max');
}

function loaded(): PhoneLibrary {
  if (library === undefined) throw new Error('loadPhoneNumbers was not awaited.');
  return library;
}

/**
 * The normal form of a phone number: E.164. Without a default country nothing else is taken; with one, formatted and local
 * numbers are. Where {@link needPhoneNumbers} says so, {@link loadPhoneNumbers} comes first.
 *
 * @throws TidingsError `INVALID_PHONE`
 */
export function normalizePhone(phone: string, rules: PhoneRules = {}, path = 'phone'): string {
  if (e164.test(phone) && (rules.phones ?? 'form') === 'form') return phone;
  if (phone.length > maxLength) throw refusal(path, 'it is too long', rules);
  if (!e164.test(phone) && rules.defaultCountry === undefined) {
    throw refusal(path, 'it is not + and 7 to 15 digits, the first of them not 0', rules);
  }
  const parsed = loaded().parsePhoneNumberFromString(phone, { extract: false, ...countryOf(rules) });
  if (!parsed || parsed.ext !== undefined || !e164.test(parsed.number)) {
    throw refusal(path, parsed?.ext === undefined ? 'it cannot be read as one' : 'it has an extension', rules);
  }
  if ((rules.phones ?? 'form') !== 'form' && !isStable(parsed.number)) {
    throw refusal(path, 'the number after the country code begins with several zeros', rules);
  }
  if (rules.phones === 'possible' && !parsed.isPossible()) {
    throw refusal(path, 'no number of its country has that many digits', rules);
  }
  if (rules.phones === 'valid' && !parsed.isValid()) {
    throw refusal(path, 'its country has assigned no such number', rules);
  }
  return parsed.number;
}

/** Reading takes a trunk zero away; a number that loses another one each time it is read has no normal form. */
function isStable(number: string): boolean {
  return loaded().parsePhoneNumberFromString(number, { extract: false })?.number === number;
}

/** Whether a default country is one that local numbers can be read by. */
export function isPhoneCountry(country: string): boolean {
  return phoneCountries.has(country);
}

function countryOf(rules: PhoneRules): { defaultCountry?: CountryCode } {
  const country = rules.defaultCountry;
  return country !== undefined && isPhoneCountry(country) ? { defaultCountry: country as CountryCode } : {};
}

function refusal(path: string, why: string, rules: PhoneRules): TidingsError {
  const form =
    rules.defaultCountry === undefined
      ? 'in E.164 form'
      : `in E.164 form or as it is dialled in ${rules.defaultCountry}`;
  return new TidingsError(
    'INVALID_PHONE',
    `\`${path}\` is not a phone number: ${why}. Give it ${form}, such as +46701234567.`,
    { path },
  );
}
