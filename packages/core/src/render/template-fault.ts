import type { ErrorCode } from '../spec/errors.ts';

/**
 * Thrown by the passes over a template's source, which know the line but not whose template it is; `parseTemplate` turns
 * it into a `TidingsError`.
 */
export class TemplateFault extends Error {
  readonly line: number | undefined;
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    line: number | undefined,
    problem: string,
    code: ErrorCode = 'TEMPLATE_INVALID',
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(problem);
    this.name = 'TemplateFault';
    this.line = line;
    this.code = code;
    this.details = details;
  }
}
