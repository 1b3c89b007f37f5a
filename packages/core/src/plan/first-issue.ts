import type { z } from 'zod';

/** What a schema found wrong first. */
export interface FirstIssue {
  /** Where, such as `delivery.retry` or `adapters[0].name`; empty: the whole. Ends with `unknown`, where there is one. */
  readonly path: string;
  /** The parts of the path of the object that is wrong. */
  readonly within: readonly PropertyKey[];
  /** The key that is no option. */
  readonly unknown: string | undefined;
  readonly message: string;
}

/** Reads the first of the issues; callers say it in their own words. */
export function firstIssue({ issues: [issue] }: z.ZodError): FirstIssue {
  const within = issue?.path ?? [];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const parts = unknown === undefined ? within : [...within, unknown];
  const path = parts
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  return { path, within, unknown, message: issue?.message ?? 'is wrong' };
}
