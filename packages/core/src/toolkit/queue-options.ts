import { type Logger, TidingsError } from '../spec/index.ts';
import { consoleLogger } from './console-logger.ts';
import { safeLogger } from './safe-logger.ts';

/** Checks options of a queue; each refusal is a `CONFIGURATION_INVALID` with the option's path. */
export interface QueueOptionChecks {
  /** The error for an option; `problem` goes on after its name: `must be …`. */
  wrong(path: string, problem: string): TidingsError;
  /** Refuses what is no object, and options that are not among `known`. */
  keys(options: object, known: readonly string[]): void;
  /** A text of that form, which `must` tells: `must be …`. */
  text(path: string, value: unknown, form: RegExp, must: string): string;
  /** A whole number of milliseconds. */
  milliseconds(path: string, value: unknown, least: number, most: number): number;
  /** A logger that never throws. Default: warnings to the standard error stream. */
  log(value: Logger | undefined): Logger;
}

/** The checks of the queue that the function `owner` makes. */
export function queueOptionChecks(owner: string): QueueOptionChecks {
  const wrong = (path: string, problem: string): TidingsError =>
    new TidingsError('CONFIGURATION_INVALID', `${owner}: ${path} ${problem}.`, { path });
  return {
    wrong,

    keys(options, known) {
      if (typeof options !== 'object' || options === null) throw wrong('options', 'must be an object');
      const unknown = Object.keys(options).find((name) => !known.includes(name));
      if (unknown !== undefined) throw wrong(unknown, `is no option; there are ${known.join(', ')}`);
    },

    text(path, value, form, must) {
      if (typeof value !== 'string' || !form.test(value)) throw wrong(path, must);
      return value;
    },

    milliseconds(path, value, least, most) {
      if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most) {
        throw wrong(path, `must be a whole number of milliseconds from ${least} to ${most}`);
      }
      return value as number;
    },

    log(value) {
      if (value === undefined) return safeLogger(consoleLogger);
      const levels = ['debug', 'info', 'warn', 'error'] as const;
      if (levels.every((level) => typeof value?.[level] === 'function')) return safeLogger(value);
      throw wrong('log', `must have the functions ${levels.join(', ')}`);
    },
  };
}
