import type { Context } from '../plan/context.ts';
import type { Logger } from '../spec/index.ts';

/** The context with a logger and listeners that cannot break a delivery by throwing: there is nobody left to tell. */
export function guardHost(context: Context): Context {
  const { log } = context;
  const at =
    (level: keyof Logger) =>
    (fields: object, message: string): void =>
      harmless(() => log[level](fields, message));
  return {
    ...context,
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    report: (report) => harmless(() => context.report(report)),
  };
}

function harmless(task: () => void): void {
  try {
    task();
  } catch {
    // What the host's logger throws cannot be logged.
  }
}
