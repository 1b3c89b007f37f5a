import type { Logger } from '../spec/index.ts';

/** Writes warnings and errors to the standard error stream, a line of JSON each; says nothing of the rest. */
export const consoleLogger: Logger = {
  debug() {},
  info() {},
  warn: (fields, message) => console.error(line('warn', fields, message)),
  error: (fields, message) => console.error(line('error', fields, message)),
};

function line(level: string, fields: object, message: string): string {
  const head = { time: new Date().toISOString(), level, message };
  try {
    return JSON.stringify({ ...head, ...fields }, readable);
  } catch {
    // circular fields, or a getter that throws
    return JSON.stringify(head);
  }
}

function readable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { name, code: (value as { code?: unknown }).code, message, stack, cause };
}
