import type { HelperDefinition } from './helper-definition.ts';
import { HelperFault } from './helper-fault.ts';
import { isMissing } from './is-missing.ts';
import { isTruthy } from './is-truthy.ts';

type Comparable = string | number | boolean | bigint | null | undefined;

/** A value comparison operators can take without calling anything of it; other objects compare as nothing. */
function comparable(value: unknown): Comparable {
  if (value instanceof Date) return Date.prototype.getTime.call(value);
  if (typeof value === 'object' && value !== null) return Number.NaN;
  return typeof value === 'function' || typeof value === 'symbol' ? undefined : (value as Comparable);
}

function same(left: unknown, right: unknown): boolean {
  if (left instanceof Date || right instanceof Date) return comparable(left) === comparable(right);
  return left === right;
}

function loose(left: unknown, right: unknown): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: `==` is what the template asked for.
  return left === right || comparable(left) == comparable(right);
}

function less(left: unknown, right: unknown): boolean {
  return (comparable(left) as number) < (comparable(right) as number);
}

function atMost(left: unknown, right: unknown): boolean {
  return (comparable(left) as number) <= (comparable(right) as number);
}

const operators: Readonly<Record<string, (left: unknown, right: unknown) => boolean>> = {
  '==': loose,
  '===': same,
  '!=': (left, right) => !loose(left, right),
  '!==': (left, right) => !same(left, right),
  '<': less,
  '<=': atMost,
  '>': (left, right) => less(right, left),
  '>=': (left, right) => atMost(right, left),
  typeof: (left, right) => typeof left === right,
};

function relation(usage: string, gives: string, holds: (left: unknown, right: unknown) => boolean): HelperDefinition {
  return { usage, gives, arguments: [2, 2], block: 'also', tolerant: true, run: ([left, right]) => holds(left, right) };
}

/** Comparing and combining. All of them also work as blocks, with `{{else}}`. */
export const logicDefinitions: Readonly<Record<string, HelperDefinition>> = {
  compare: {
    usage: '{{#compare a ">" b}}…{{else}}…{{/compare}}',
    gives: 'Compares by `==` `===` `!=` `!==` `<` `<=` `>` `>=` or `typeof`. Dates compare by their time.',
    arguments: [3, 3],
    block: 'also',
    tolerant: true,
    run: ([left, operator, right]) => {
      const holds =
        typeof operator === 'string' && Object.hasOwn(operators, operator) ? operators[operator] : undefined;
      if (holds === undefined) {
        throw new HelperFault(`the second argument must be one of ${Object.keys(operators).join(' ')}, in quotes`);
      }
      return holds(left, right);
    },
  },
  eq: relation('{{#if (eq status "paid")}}…{{/if}}', 'Whether both are the same (`===`).', same),
  ne: relation(
    '{{#if (ne status "paid")}}…{{/if}}',
    'Whether they differ (`!==`).',
    (left, right) => !same(left, right),
  ),
  lt: relation('{{#if (lt stock 5)}}…{{/if}}', 'Whether the first is less.', less),
  lte: relation('{{#if (lte stock 5)}}…{{/if}}', 'Whether the first is less or equal.', atMost),
  gt: relation('{{#if (gt stock 5)}}…{{/if}}', 'Whether the first is greater.', (left, right) => less(right, left)),
  gte: relation('{{#if (gte stock 5)}}…{{/if}}', 'Whether the first is greater or equal.', (left, right) =>
    atMost(right, left),
  ),
  and: {
    usage: '{{#if (and a b)}}…{{/if}}',
    gives: 'The first argument that is not true, or else the last.',
    arguments: [1, 32],
    block: 'also',
    tolerant: true,
    run: (args) => args.find((value) => !isTruthy(value)) ?? (args.every(isTruthy) ? args.at(-1) : undefined),
  },
  or: {
    usage: '{{#if (or a b)}}…{{/if}}',
    gives: 'The first argument that is true, or else the last.',
    arguments: [1, 32],
    block: 'also',
    tolerant: true,
    run: (args) => args.find(isTruthy) ?? args.at(-1),
  },
  not: {
    usage: '{{#if (not a)}}…{{/if}}',
    gives: 'Whether the argument is not true.',
    arguments: [1, 1],
    block: 'also',
    tolerant: true,
    run: ([value]) => !isTruthy(value),
  },
  default: {
    usage: '{{default nick "friend"}}',
    gives: 'The first argument that is not missing, null or empty.',
    arguments: [2, 32],
    tolerant: true,
    run: (args) => args.find((value) => !isMissing(value)),
  },
};
