import { DatabaseSync } from 'node:sqlite';
import { captureAdapter, createEngine, defineEvent, silentLogger, TidingsError } from '@tidings/core';
import { databases, isolatedSqlite } from '@tidings/testing';
import { describe, expect, it } from 'vitest';
import { sqliteStore } from '../src/index.ts';

const note = defineEvent({ templates: { email: { en: { subject: 'Note', text: 'Note' } } } });

/** A database file that may not grow beyond what it is, until it may again. */
async function small(): Promise<{ database: DatabaseSync; full(): void; roomy(): void; drop(): Promise<void> }> {
  const { file, drop } = await isolatedSqlite();
  const database = new DatabaseSync(file, { timeout: 0 });
  database.exec('PRAGMA journal_mode = WAL');
  return {
    database,
    full: () => database.exec('PRAGMA max_page_count = 1'),
    roomy: () => database.exec('PRAGMA max_page_count = 1073741823'),
    async drop() {
      database.close();
      await drop();
    },
  };
}

const count = (database: DatabaseSync, table: string): number =>
  Number((database.prepare(`SELECT count(*) AS n FROM tidings_${table}`).get() as { n: number }).n);

describe.skipIf(databases(['sqlite']).length === 0)('a full disk', () => {
  it('refuses sends clearly, leaves nothing half written, and is over when there is room', async () => {
    const { database, full, roomy, drop } = await small();
    const mailer = captureAdapter({ name: 'mailer', channel: 'email', keep: 10_000 });
    const engine = createEngine({
      store: sqliteStore({ database }),
      adapters: [mailer],
      events: { note },
      senders: [{ channel: 'email', address: 'notes@example.com' }],
      log: silentLogger,
      delivery: { pollMs: 50 },
    });
    const send = (n: number): Promise<{ id: string }> =>
      engine.send('note', { to: { email: `p${n}@example.com`, filler: 'x'.repeat(3000) } });
    await send(0);
    await engine.idle();
    full();
    const accepted = new Set<string>();
    const refused: unknown[] = [];
    for (let n = 1; n <= 200 && refused.length < 20; n += 1) {
      await send(n).then(
        ({ id }) => accepted.add(id),
        (error: unknown) => refused.push(error),
      );
    }
    // pages that are half empty take a few more, then none
    expect(refused).toHaveLength(20);
    for (const error of refused) {
      expect(TidingsError.is(error, 'STORE_UNAVAILABLE')).toBe(true);
      expect(error).toMatchObject({ retryable: true, details: { full: true } });
      expect(String(error)).toContain('no room left');
    }
    // what was refused left no trace; what was accepted is all there
    expect(count(database, 'notifications')).toBe(accepted.size + 1);
    expect(count(database, 'messages')).toBe(accepted.size + 1);
    expect(count(database, 'contacts')).toBe(accepted.size + 1);
    roomy();
    await send(999);
    await engine.idle();
    // outcomes that had no room were kept, and are tried again after a pause
    while ((await engine.messages.list({ status: 'queued', limit: 1 })).items.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const to = mailer.messages.map((message) => message.to);
    expect([to.length, new Set(to).size]).toEqual([accepted.size + 2, accepted.size + 2]);
    await engine.stop();
    await drop();
  }, 30_000);

  it('is waited out by a send that may wait', async () => {
    const { database, full, roomy, drop } = await small();
    const mailer = captureAdapter({ name: 'mailer', channel: 'email', keep: 10_000 });
    const engine = createEngine({
      store: sqliteStore({ database }),
      adapters: [mailer],
      events: { note },
      senders: [{ channel: 'email', address: 'notes@example.com' }],
      log: silentLogger,
      storeWaitMs: 20_000,
    });
    await engine.send('note', { to: 'a@example.com' });
    await engine.idle();
    full();
    const sends = Array.from({ length: 50 }, (_, n) =>
      engine.send('note', { to: { email: `p${n}@example.com`, filler: 'x'.repeat(9000) } }),
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    roomy();
    expect(new Set((await Promise.all(sends)).map(({ id }) => id)).size).toBe(50);
    await engine.idle();
    expect(mailer.messages).toHaveLength(51);
    await engine.stop();
    await drop();
  }, 30_000);
});
