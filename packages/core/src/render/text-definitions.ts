import type { HelperCall, HelperDefinition } from './helper-definition.ts';
import { HelperFault } from './helper-fault.ts';
import { localeOf, segmenter } from './intl-cache.ts';
import { isMissing } from './is-missing.ts';
import { ownValue } from './own-value.ts';
import { plainData } from './plain-data.ts';
import { textOfValue } from './text-of-value.ts';

function onText(usage: string, gives: string, change: (text: string, call: HelperCall) => string): HelperDefinition {
  return {
    usage,
    gives,
    arguments: [1, 1],
    run: ([value], call) => change(textOfValue(value, call.visit), call),
  };
}

function upper(text: string, call: HelperCall): string {
  return text.toLocaleUpperCase(localeOf(call.language));
}

function wholeNumber(value: unknown, name: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
  throw new HelperFault(`the ${name} must be a whole number from 0`);
}

/** The first characters as a reader counts them, so that no emoji or accent is cut in two. */
function firstCharacters(text: string, count: number): string {
  if (count === 0) return '';
  let seen = 0;
  for (const { index, segment } of segmenter().segment(text)) {
    if (++seen === count) return text.slice(0, index + segment.length);
  }
  return text;
}

function characterCount(text: string): number {
  let count = 0;
  for (const _ of segmenter().segment(text)) count++;
  return count;
}

function truncate(args: readonly unknown[], call: HelperCall): string {
  const text = textOfValue(args[0], call.visit);
  const most = wholeNumber(args[1], 'length');
  if (text.length <= most || firstCharacters(text, most).length === text.length) return text;
  const ending = firstCharacters(textOfValue(call.hash.ending ?? '…', call.visit), most);
  return firstCharacters(text, most - characterCount(ending)).trimEnd() + ending;
}

function itemsOf(value: unknown, call: HelperCall): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Set) {
    const items: unknown[] = [];
    Set.prototype.forEach.call(value, (item) => {
      call.visit();
      items.push(item);
    });
    return items;
  }
  throw new HelperFault('the first argument must be a list');
}

function join(args: readonly unknown[], call: HelperCall): string {
  if (isMissing(args[0])) return '';
  const items = itemsOf(args[0], call);
  const separator = args[1] === undefined ? ', ' : textOfValue(args[1], call.visit);
  const last = call.hash.last === undefined ? separator : textOfValue(call.hash.last, call.visit);
  let text = '';
  for (let index = 0; index < items.length; index++) {
    call.visit();
    if (index > 0) text += index === items.length - 1 ? last : separator;
    text += textOfValue(items[index], call.visit);
  }
  return text;
}

function length(value: unknown): number {
  if (typeof value === 'string') return characterCount(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map || value instanceof Set) return value.size;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
}

function replace(args: readonly unknown[], call: HelperCall): string {
  const [text, search, replacement] = args.map((value) => textOfValue(value, call.visit)) as [string, string, string];
  if (search === '') return text;
  const parts = text.split(search);
  if (text.length + (parts.length - 1) * (replacement.length - search.length) > call.mostCharacters) {
    throw new HelperFault('the result is longer than a template may write');
  }
  return parts.join(replacement);
}

function json(value: unknown, call: HelperCall): string {
  const text = JSON.stringify(plainData(value, call.visit)) ?? 'null';
  // So that {{{json x}}} cannot end the script element it stands in.
  if (call.escape !== 'html') return text;
  return text.replace(/[<>&\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const toUpper = onText('{{upper name}}', 'In capitals, by the rules of the language.', upper);
const toLower = onText('{{lower name}}', 'In small letters, by the rules of the language.', (text, call) =>
  text.toLocaleLowerCase(localeOf(call.language)),
);

/** Changing and joining text. */
export const textDefinitions: Readonly<Record<string, HelperDefinition>> = {
  upper: toUpper,
  uppercase: toUpper,
  toUpperCase: toUpper,
  lower: toLower,
  lowercase: toLower,
  toLowerCase: toLower,
  capitalize: onText('{{capitalize name}}', 'With a capital first letter; the rest stays.', (text, call) => {
    const first = String.fromCodePoint(...(text === '' ? [] : [text.codePointAt(0) as number]));
    return upper(first, call) + text.slice(first.length);
  }),
  trim: onText('{{trim name}}', 'Without white space at both ends.', (text) => text.trim()),
  truncate: {
    usage: '{{truncate text 80}} {{truncate text 80 ending="..."}}',
    gives: 'At most so many characters, the ending `…` included. Never cuts a character in two.',
    arguments: [2, 2],
    run: truncate,
  },
  join: {
    usage: '{{join names}} {{join names "; "}} {{join names ", " last=" and "}}',
    gives: 'The items of a list with a separator, `, ` by default, and maybe another one before the last.',
    arguments: [1, 2],
    run: join,
  },
  length: {
    usage: '{{length items}}',
    gives: 'Number of items of a list, fields of an object, or characters of a text; 0 for nothing.',
    arguments: [1, 1],
    tolerant: true,
    run: ([value]) => length(value),
  },
  replace: {
    usage: '{{replace phone "-" " "}}',
    gives: 'With every occurrence of a text replaced. The text is literal, never a pattern.',
    arguments: [3, 3],
    run: replace,
  },
  urlencode: onText('<a href="https://example.com/?q={{urlencode term}}">', 'Encoded for a part of a URL.', (text) =>
    encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')),
  ),
  json: {
    usage: '<script type="application/ld+json">{{{json data}}}</script>',
    gives: 'As JSON; in HTML `<`, `>` and `&` are written as `\\u003c` and so on. Functions and `toJSON` are ignored.',
    arguments: [1, 1],
    tolerant: true,
    run: ([value], call) => json(value, call),
  },
  lookup: {
    usage: '{{lookup prices currency}}',
    gives: 'The field or item with that name or index.',
    arguments: [2, 2],
    run: ([value, name]) => (typeof name === 'string' || typeof name === 'number' ? ownValue(value, name) : undefined),
  },
};
