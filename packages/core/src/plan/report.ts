import { type Clock, type Logger, type Scope, TidingsError } from '../spec/index.ts';

/** Something that was committed, for `engine.on`. */
export interface Report {
  /** As in `Reports`, such as `message.sent`. */
  readonly name: string;
  /** Undefined: concerns every scope. */
  readonly scope: Scope | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Who listens to what. */
export interface Listeners {
  readonly report: (report: Report) => void;
  /** Calls `listener` for reports of that name in that scope; returns how to stop. */
  on(name: string, scope: Scope, listener: (report: unknown) => unknown): () => void;
}

const names = new Set([
  'message.sent',
  'message.delivered',
  'message.opened',
  'message.clicked',
  'message.bounced',
  'message.complained',
  'message.suppressed',
  'message.retrying',
  'message.failed',
  'message.cancelled',
  'message.unknown',
  'notification.completed',
  'notification.failed',
  'notification.stopped',
  'broadcast.progress',
  'adapter.circuit',
  'error',
]);

/** Keeps listeners. What one throws is reported as `error` and harms nobody else. */
export function createReports(clock: Clock, log: Logger): Listeners {
  const listeners = new Map<string, Set<{ readonly scope: Scope; readonly listener: (report: unknown) => unknown }>>();

  function report({ name, scope, fields }: Report): void {
    const all = listeners.get(name);
    if (!all || all.size === 0) return;
    const told = scope === undefined ? fields : { ...fields, scope, at: new Date(clock.now()) };
    for (const entry of all) {
      if (scope && (entry.scope.tenant !== scope.tenant || entry.scope.mode !== scope.mode)) continue;
      const failed = (cause: unknown): void => listenerFailed(name, cause);
      try {
        // What an asynchronous listener rejects with would end the process.
        Promise.resolve(entry.listener(told)).catch(failed);
      } catch (cause) {
        failed(cause);
      }
    }
  }

  function listenerFailed(name: string, cause: unknown): void {
    const error = new TidingsError('INTERNAL', `A listener of "${name}" threw.`, { cause });
    log.error({ listener: name, err: cause }, error.message);
    if (name !== 'error') report({ name: 'error', scope: undefined, fields: { error, during: `listener of ${name}` } });
  }

  return {
    report,
    on(name, scope, listener) {
      if (!names.has(name)) {
        throw new TidingsError(
          'VALIDATION_ERROR',
          `engine.on: there is no report "${name}"; there are ${[...names].join(', ')}.`,
          {
            path: 'name',
          },
        );
      }
      const entry = { scope, listener };
      const all = listeners.get(name) ?? new Set();
      listeners.set(name, all);
      all.add(entry);
      return () => {
        all.delete(entry);
      };
    },
  };
}
