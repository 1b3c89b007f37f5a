import { HelperFault } from './helper-fault.ts';

const deepest = 64;

/** A copy of data that can be written as JSON without calling anything of it: no functions, no `toJSON`, no cycles. */
export function plainData(value: unknown, visit: () => void, depth = 0): unknown {
  visit();
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return typeof value === 'function' || typeof value === 'symbol' ? undefined : value;
  if (value === null) return null;
  if (value instanceof Date) {
    const time = Date.prototype.getTime.call(value);
    return Number.isNaN(time) ? null : new Date(time).toISOString();
  }
  if (depth === deepest) throw new HelperFault(`the data is nested more than ${deepest} deep, or contains itself`);
  if (Array.isArray(value)) return value.map((item) => plainData(item, visit, depth + 1) ?? null);
  const copy: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(value)) {
    copy[name] = plainData((value as Record<string, unknown>)[name], visit, depth + 1);
  }
  return copy;
}
