import type { PgBoss } from 'pg-boss';

/** Makes the queue when it is missing; one that is there keeps its settings. */
export async function ensureQueue(boss: PgBoss, name: string): Promise<void> {
  await boss.createQueue(name, {
    notify: true,
    // Of the jobs with one key a single one waits: what bounds the queue.
    policy: 'short',
    // A failed wake-up comes back a few times; after that the due poll has long found its rows.
    retryLimit: 2,
    retryDelay: 1,
    retryBackoff: true,
    // Nobody needs it any more: what waits this long is not being consumed, and what is done is done.
    retentionSeconds: 600,
    deleteAfterSeconds: 60,
  });
}
