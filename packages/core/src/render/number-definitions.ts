import type { HelperCall, HelperDefinition } from './helper-definition.ts';
import { HelperFault } from './helper-fault.ts';
import { numberFormat, pluralRules } from './intl-cache.ts';
import { isMissing } from './is-missing.ts';
import { textOfValue } from './text-of-value.ts';

function numberOf(value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'bigint') return Number(number);
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw new HelperFault(`an argument is not a number but ${value === null ? 'null' : `a ${typeof value}`}`);
}

function decimalsOf(value: unknown): Pick<Intl.NumberFormatOptions, 'minimumFractionDigits' | 'maximumFractionDigits'> {
  if (value === undefined) return {};
  const decimals = numberOf(value);
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > 20) {
    throw new HelperFault('decimals must be a whole number from 0 to 20');
  }
  return { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
}

function languageOf(call: HelperCall): string {
  const { language } = call.hash;
  return typeof language === 'string' ? language : call.language;
}

function format(value: unknown, call: HelperCall, options: Intl.NumberFormatOptions): string {
  if (isMissing(value)) return '';
  return numberFormat(languageOf(call), { ...options, ...decimalsOf(call.hash.decimals) }).format(numberOf(value));
}

function number([value]: readonly unknown[], call: HelperCall): string {
  const { notation } = call.hash;
  if (notation === undefined) return format(value, call, {});
  if (notation !== 'compact' && notation !== 'standard')
    throw new HelperFault('notation must be "compact" or "standard"');
  return format(value, call, { notation });
}

function currency([value, second]: readonly unknown[], call: HelperCall): string {
  const code = second ?? call.hash.currency;
  if (typeof code !== 'string' || !/^[A-Za-z]{3}$/.test(code)) {
    throw new HelperFault('the currency must be a code of three letters, as in {{currency total "EUR"}}');
  }
  const options: Intl.NumberFormatOptions = { style: 'currency', currency: code.toUpperCase() };
  if (call.hash.minor !== true || isMissing(value)) return format(value, call, options);
  const digits = numberFormat('en', options).resolvedOptions().maximumFractionDigits ?? 2;
  return format(numberOf(value) / 10 ** digits, call, options);
}

function plural(args: readonly unknown[], call: HelperCall): string {
  if (isMissing(args[0])) return '';
  const count = numberOf(args[0]);
  const category = pluralRules(languageOf(call)).select(count);
  const words: Record<string, unknown> = { ...call.hash };
  if (args.length > 1) {
    words.one = args[1];
    words.other = args[2] ?? args[1];
  }
  const exact = count === 0 && words.zero !== undefined ? words.zero : undefined;
  const word = exact ?? words[category] ?? words.other;
  if (word === undefined) {
    throw new HelperFault(`no word is given for the plural category "${category}"; add other="…"`);
  }
  return textOfValue(word, call.visit).replaceAll('#', () => format(count, call, {}));
}

/** Sums of decimal fractions come out as a person would write them: 0.1 + 0.2 is 0.3. */
function tidy(result: number): number {
  if (!Number.isFinite(result)) throw new HelperFault('the result is not a finite number, as when dividing by zero');
  return Number(result.toPrecision(15));
}

function arithmetic(
  usage: string,
  gives: string,
  most: number,
  step: (left: number, right: number) => number,
): HelperDefinition {
  return {
    usage,
    gives,
    arguments: [2, most],
    run: (args) => (args.some(isMissing) ? '' : tidy(args.map(numberOf).reduce(step))),
  };
}

function round([value, places]: readonly unknown[]): number | string {
  if (isMissing(value)) return '';
  const decimals = decimalsOf(places).maximumFractionDigits ?? 0;
  const exact = numberOf(value);
  // Shifting by the exponent keeps 1.005 from becoming 1.00.
  const [mantissa, exponent = '0'] = String(Math.abs(exact)).split('e') as [string, string?];
  const shifted = Math.round(Number(`${mantissa}e${Number(exponent) + decimals}`));
  const [digits, power = '0'] = String(shifted).split('e') as [string, string?];
  return Math.sign(exact) * Number(`${digits}e${Number(power) - decimals}`);
}

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'];

function bytes([value]: readonly unknown[], call: HelperCall): string {
  if (isMissing(value)) return '';
  let amount = numberOf(value);
  let unit = 0;
  while (Math.abs(amount) >= 999.95 && unit < byteUnits.length - 1) {
    amount /= 1000;
    unit++;
  }
  const unitDisplay = unit === 0 ? 'long' : 'short';
  const options = { style: 'unit', unit: byteUnits[unit] as string, unitDisplay, maximumFractionDigits: 1 } as const;
  return format(amount, call, options);
}

/** Numbers, by the rules of the language. Nothing in gives nothing out. */
export const numberDefinitions: Readonly<Record<string, HelperDefinition>> = {
  number: {
    usage: '{{number total}} {{number total decimals=2}} {{number total notation="compact"}}',
    gives: 'The number as the language writes it.',
    arguments: [1, 1],
    run: number,
  },
  currency: {
    usage: '{{currency total "EUR"}} {{currency cents "EUR" minor=true}}',
    gives: 'An amount of money. With `minor=true` the amount is in cents or whatever the currency has.',
    arguments: [1, 2],
    run: currency,
  },
  percent: {
    usage: '{{percent 0.25}} {{percent rate decimals=1}}',
    gives: 'A share of 1 as a percentage: 0.25 gives 25%.',
    arguments: [1, 1],
    run: ([value], call) => format(value, call, { style: 'percent' }),
  },
  plural: {
    usage: '{{plural count "item" "items"}} {{plural count one="# file" few="# pliki" other="# plików"}}',
    gives: 'The word for the number, by the plural rules of the language; `#` becomes the number. `zero=` wins for 0.',
    arguments: [1, 3],
    run: plural,
  },
  add: arithmetic('{{add a b}}', 'The sum.', 32, (left, right) => left + right),
  subtract: arithmetic('{{subtract a b}}', 'The difference.', 2, (left, right) => left - right),
  multiply: arithmetic('{{multiply a b}}', 'The product.', 32, (left, right) => left * right),
  divide: arithmetic('{{divide a b}}', 'The quotient; dividing by zero is an error.', 2, (left, right) => left / right),
  round: {
    usage: '{{round value}} {{round value 2}}',
    gives: 'Rounded, halves away from zero, to so many decimals.',
    arguments: [1, 2],
    run: round,
  },
  bytes: {
    usage: '{{bytes size}}',
    gives: 'A size with its unit, in steps of 1000: 1536 gives 1.5 kB.',
    arguments: [1, 1],
    run: bytes,
  },
};
