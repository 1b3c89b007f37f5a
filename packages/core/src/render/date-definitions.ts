import type { HelperCall, HelperDefinition } from './helper-definition.ts';
import { HelperFault } from './helper-fault.ts';
import { dateFormat, relativeFormat } from './intl-cache.ts';
import { isMissing } from './is-missing.ts';
import { momentOf } from './moment-of.ts';

type Style = 'full' | 'long' | 'medium' | 'short';
type Kind = 'date' | 'time' | 'datetime';

interface Place {
  readonly language: string;
  readonly timeZone: string;
}

function styleOf(value: unknown, name: string, fallback: Style): Style {
  if (value === undefined) return fallback;
  if (value === 'full' || value === 'long' || value === 'medium' || value === 'short') return value;
  throw new HelperFault(`${name} must be "full", "long", "medium" or "short"`);
}

function placeOf(call: HelperCall, dateOnly: boolean): Place {
  const { language, timeZone } = call.hash;
  for (const [name, value] of Object.entries({ language, timeZone })) {
    if (value !== undefined && typeof value !== 'string') throw new HelperFault(`${name} must be text`);
  }
  return {
    language: (language as string | undefined) ?? call.language,
    timeZone: dateOnly ? 'UTC' : ((timeZone as string | undefined) ?? call.timeZone),
  };
}

function part(
  time: number,
  place: Place,
  type: Intl.DateTimeFormatPartTypes,
  options: Intl.DateTimeFormatOptions,
): string {
  const format = dateFormat(place.language, { ...options, timeZone: place.timeZone });
  return format.formatToParts(time).find((one) => one.type === type)?.value ?? '';
}

/** Numbers in Latin digits of the Gregorian calendar, whatever the language. */
function figure(time: number, place: Place, type: Intl.DateTimeFormatPartTypes, hours?: 'h12' | 'h23'): string {
  const options: Intl.DateTimeFormatOptions =
    hours === undefined ? { [type]: 'numeric' } : { hour: '2-digit', hourCycle: hours };
  return part(time, { language: 'en-u-ca-gregory-nu-latn', timeZone: place.timeZone }, type, options);
}

const patternParts: Readonly<Record<string, (time: number, place: Place) => string>> = {
  yyyy: (time, place) => figure(time, place, 'year').padStart(4, '0'),
  yy: (time, place) => figure(time, place, 'year').slice(-2),
  MMMM: (time, place) => part(time, place, 'month', { day: 'numeric', month: 'long' }),
  MMM: (time, place) => part(time, place, 'month', { day: 'numeric', month: 'short' }),
  MM: (time, place) => figure(time, place, 'month').padStart(2, '0'),
  M: (time, place) => figure(time, place, 'month'),
  dd: (time, place) => figure(time, place, 'day').padStart(2, '0'),
  d: (time, place) => figure(time, place, 'day'),
  EEEE: (time, place) => part(time, place, 'weekday', { weekday: 'long' }),
  EEE: (time, place) => part(time, place, 'weekday', { weekday: 'short' }),
  HH: (time, place) => figure(time, place, 'hour', 'h23').padStart(2, '0'),
  H: (time, place) => String(Number(figure(time, place, 'hour', 'h23'))),
  hh: (time, place) => figure(time, place, 'hour', 'h12').padStart(2, '0'),
  h: (time, place) => String(Number(figure(time, place, 'hour', 'h12'))),
  mm: (time, place) => figure(time, place, 'minute').padStart(2, '0'),
  ss: (time, place) => figure(time, place, 'second').padStart(2, '0'),
  a: (time, place) => part(time, place, 'dayPeriod', { hour: 'numeric', hourCycle: 'h12' }),
};

function byPattern(pattern: unknown, time: number, place: Place): string {
  if (typeof pattern !== 'string' || pattern.length > 100) {
    throw new HelperFault('format must be a text of at most 100 characters');
  }
  return pattern.replace(/'((?:[^']|'')*)'|([A-Za-z])\2*/g, (piece: string, quoted?: string) => {
    if (quoted !== undefined) return quoted === '' ? "'" : quoted.replaceAll("''", "'");
    const write = Object.hasOwn(patternParts, piece) ? patternParts[piece] : undefined;
    if (write !== undefined) return write(time, place);
    throw new HelperFault(`format has the unknown part "${piece}"; known are ${Object.keys(patternParts).join(' ')}`);
  });
}

function written(value: unknown, call: HelperCall, kind: Kind): string {
  if (isMissing(value)) return '';
  const { time, dateOnly } = momentOf(value, call.now);
  const place = placeOf(call, dateOnly);
  const { format, style } = call.hash;
  if (format !== undefined) return byPattern(format, time, place);
  const options: Intl.DateTimeFormatOptions = { timeZone: place.timeZone };
  if (kind !== 'time') options.dateStyle = styleOf(style, 'style', 'medium');
  if (kind === 'time') options.timeStyle = styleOf(style, 'style', 'short');
  if (kind === 'datetime') options.timeStyle = styleOf(call.hash.timeStyle, 'timeStyle', 'short');
  return dateFormat(place.language, options).format(time);
}

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365.2425 * 86_400_000],
  ['month', 30.436875 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

function relative(value: unknown, call: HelperCall): string {
  if (isMissing(value)) return '';
  const moment = momentOf(value, call.now);
  const distance = moment.time - call.now();
  for (const [unit, size] of steps) {
    if (Math.abs(distance) < size && unit !== 'second') continue;
    return relativeFormat(placeOf(call, moment.dateOnly).language).format(Math.round(distance / size), unit);
  }
  return '';
}

function definition(kind: Kind, usage: string, gives: string): HelperDefinition {
  return { usage, gives, arguments: [1, 1], run: ([value], call) => written(value, call, kind) };
}

/** Dates and times, by the contact's language and time zone unless `language=` or `timeZone=` say otherwise. */
export const dateDefinitions: Readonly<Record<string, HelperDefinition>> = {
  date: definition(
    'date',
    '{{date when}} {{date when style="full"}} {{date when format="d MMMM yyyy"}} {{date "now" format="yyyy"}}',
    'The day. `style` is full, long, medium (default) or short; `format` knows yyyy yy MMMM MMM MM M dd d EEEE EEE HH H hh h mm ss a and literal text in single quotes. A date without a time is never shifted by the time zone.',
  ),
  time: definition(
    'time',
    '{{time when}} {{time when timeZone="Europe/Berlin"}}',
    'The time of day; `style` is short by default.',
  ),
  datetime: definition(
    'datetime',
    '{{datetime when}} {{datetime when style="long" timeStyle="short"}}',
    'The day and the time of day.',
  ),
  relative: {
    usage: '{{relative when}}',
    gives: 'The distance from now, such as `in 3 days` or `yesterday`.',
    arguments: [1, 1],
    run: ([value], call) => relative(value, call),
  },
};
