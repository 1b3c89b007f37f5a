import type { Logger } from '../spec/index.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';

/** A logger that never throws: what cannot be logged must not stop what it tells of. */
export function safeLogger(logger: Logger): Logger {
  const at =
    (level: Level) =>
    (fields: object, message: string): void => {
      try {
        const said: unknown = logger[level](fields, message);
        // What an asynchronous logger rejects with would end the process.
        if (said instanceof Promise) said.catch(() => {});
      } catch {
        // there is nowhere left to say it
      }
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
