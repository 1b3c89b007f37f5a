import { TidingsError } from '@tidings/core';
import type { openEngine } from './engine.ts';
import type { Progress } from './progress.ts';
import type { ContactRow } from './read-contacts.ts';
import type { Refusal } from './show.ts';

/** What became of the rows in this run. */
export interface Outcome {
  readonly accepted: number;
  /** Accepted by an earlier run, so not sent again. */
  readonly repeated: number;
  readonly sent: number;
  readonly failed: readonly Refusal[];
  readonly rejected: readonly Refusal[];
  /** Errors that are nobody's in particular. */
  readonly errors: readonly TidingsError[];
}

const atOnce = 200;

/** Sends `welcome` to every row and waits until all that is due has been delivered. */
export async function sendWelcome(
  engine: ReturnType<typeof openEngine>,
  rows: readonly ContactRow[],
  progress: Progress,
): Promise<Outcome> {
  const count = { accepted: 0, repeated: 0, sent: 0 };
  const rejected: Refusal[] = [];
  const failed: Refusal[] = [];
  const errors: TidingsError[] = [];
  const rowOf = new Map<string, string>();

  engine.on('message.sent', () => {
    count.sent += 1;
    progress.add();
  });
  engine.on('message.failed', ({ id, error }) => {
    failed.push({ what: rowOf.get(id) ?? id, ...error });
    progress.add();
  });
  engine.on('error', ({ error }) => errors.push(error));

  async function sendTo(row: ContactRow): Promise<void> {
    try {
      const { replayed, deliveries } = await engine.send('welcome', {
        to: row,
        payload: { deliveries: 2 },
        idempotencyKey: `welcome-${row.id}`,
      });
      for (const { id } of deliveries) rowOf.set(id, row.id);
      if (!replayed) {
        count.accepted += 1;
        return;
      }
      count.repeated += 1;
    } catch (error) {
      if (!TidingsError.is(error) || /^(STORE_|INTERNAL)/.test(error.code)) throw error;
      rejected.push({ what: row.id, code: error.code, message: error.message });
    }
    progress.add();
  }

  for (let next = 0; next < rows.length; next += atOnce) {
    await Promise.all(rows.slice(next, next + atOnce).map(sendTo));
  }
  await engine.idle();
  progress.end();
  return { ...count, failed, rejected, errors };
}
