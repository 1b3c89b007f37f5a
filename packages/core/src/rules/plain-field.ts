import { TidingsError } from '../spec/index.ts';
import { parseLanguage } from './language-chain.ts';
import type { PlainField } from './recipient.ts';

const maxLength: Readonly<Record<PlainField, number>> = {
  name: 1_000,
  firstName: 500,
  lastName: 500,
  username: 500,
  avatar: 2_048,
  language: 35,
  timezone: 64,
};

/**
 * Reads a field of a contact that is no identifier. Control characters and line breaks become a space, so that a name
 * cannot end a header; a language is brought to its canonical form. Undefined when nothing is left.
 *
 * @throws TidingsError `VALIDATION_ERROR`
 */
export function readPlainField(field: PlainField, value: string, path: string): string | undefined {
  if (value.length > maxLength[field]) {
    throw refusal(path, `is longer than ${maxLength[field]} characters`);
  }
  const text = singleLine(value);
  if (text === '') return undefined;
  if (field === 'language') {
    const language = parseLanguage(text);
    if (language === undefined) throw refusal(path, 'is not a BCP 47 language tag such as sv-SE');
    return language;
  }
  if (field === 'timezone' && !isTimezone(text)) {
    throw refusal(path, 'is not an IANA time zone such as Europe/Stockholm');
  }
  return text;
}

/** Control characters and line breaks folded into single spaces, none at the ends. */
export function singleLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim();
}

const known = new Map<string, boolean>();

function isTimezone(name: string): boolean {
  let answer = known.get(name);
  if (answer === undefined) {
    answer = /^[A-Za-z]/.test(name) && isFormattable(name);
    // Asking Intl is slow; the bound keeps made-up names from filling the memory.
    if (known.size >= 1_000) known.clear();
    known.set(name, answer);
  }
  return answer;
}

function isFormattable(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}

function refusal(path: string, why: string): TidingsError {
  return new TidingsError('VALIDATION_ERROR', `\`${path}\` ${why}.`, { path });
}
