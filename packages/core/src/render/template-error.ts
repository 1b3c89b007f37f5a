import type { ErrorCode } from '../spec/errors.ts';
import { TidingsError } from '../spec/errors.ts';
import type { TemplateWhere } from './template-where.ts';

/** What a template error is blamed on: the template's place, and the partial or layout within it, if any. */
export interface Blame {
  readonly where?: TemplateWhere | undefined;
  /** Such as `partial "card"` or `layout "main"`. */
  readonly unit?: string | undefined;
}

/** Facts that go with the sentence. */
export interface TemplateErrorExtra {
  readonly line?: number | undefined;
  readonly cause?: unknown;
  readonly details?: Readonly<Record<string, unknown>>;
}

function placeOf(blame: Blame, line: number | undefined): string {
  const parts: string[] = [];
  const { where, unit } = blame;
  if (where !== undefined) {
    parts.push(`event "${where.event}", channel "${where.channel}"`);
    parts.push(`language "${where.language}", field "${where.field}"`);
  }
  if (unit !== undefined) parts.push(unit);
  if (line !== undefined) parts.push(`line ${line}`);
  return parts.length === 0 ? 'Template' : `Template of ${parts.join(', ')}`;
}

/** An error whose message starts with the place and whose `details` hold the same facts for programs. */
export function templateError(
  code: ErrorCode,
  blame: Blame,
  problem: string,
  extra: TemplateErrorExtra = {},
): TidingsError {
  const details = {
    ...blame.where,
    ...(blame.unit === undefined ? {} : { unit: blame.unit }),
    ...(extra.line === undefined ? {} : { line: extra.line }),
    ...extra.details,
  };
  const message = `${placeOf(blame, extra.line)}: ${problem}`;
  return new TidingsError(code, message, extra.cause === undefined ? { details } : { cause: extra.cause, details });
}
