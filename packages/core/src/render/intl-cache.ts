import { HelperFault } from './helper-fault.ts';

// Options can come from a template's variables, so the number of entries must not grow with the data.
const mostEntries = 500;
const formatters = new Map<string, object>();
const locales = new Map<string, string>();

function remember<Value>(cache: Map<string, Value>, key: string, value: Value): Value {
  if (cache.size >= mostEntries) cache.clear();
  cache.set(key, value);
  return value;
}

/** The locale for a language tag; `en` for a tag that is none. Accepts `pt_BR` for `pt-BR`. */
export function localeOf(language: string): string {
  const known = locales.get(language);
  if (known !== undefined) return known;
  let locale = 'en';
  try {
    locale = Intl.getCanonicalLocales(language.replaceAll('_', '-'))[0] ?? 'en';
  } catch {}
  return remember(locales, language, locale);
}

function formatter<Formatter extends object>(
  kind: string,
  language: string,
  options: object,
  make: (locale: string) => Formatter,
): Formatter {
  const key = `${kind} ${language} ${JSON.stringify(options)}`;
  const known = formatters.get(key);
  if (known !== undefined) return known as Formatter;
  let made: Formatter;
  try {
    made = make(localeOf(language));
  } catch (error) {
    throw new HelperFault(`an option cannot be used: ${error instanceof Error ? error.message : 'unknown reason'}`);
  }
  remember(formatters, key, made);
  return made;
}

/** A cached number formatter. */
export function numberFormat(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return formatter('number', language, options, (locale) => new Intl.NumberFormat(locale, options));
}

/** A cached date formatter. */
export function dateFormat(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return formatter('date', language, options, (locale) => new Intl.DateTimeFormat(locale, options));
}

/** Cached plural rules. */
export function pluralRules(language: string): Intl.PluralRules {
  return formatter('plural', language, {}, (locale) => new Intl.PluralRules(locale));
}

/** A cached formatter of distances in time. */
export function relativeFormat(language: string): Intl.RelativeTimeFormat {
  return formatter('relative', language, {}, (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));
}

/** The segmenter that finds the characters a reader sees. */
export function segmenter(): Intl.Segmenter {
  return formatter('segmenter', 'en', {}, () => new Intl.Segmenter('en', { granularity: 'grapheme' }));
}
