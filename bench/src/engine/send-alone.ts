// One send at a time on a quiet store, beside the same rows by hand: what send() itself commits, up to its answer. What
// follows a send, delivering and writing that down, is waited for before anything else is measured.
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { sqliteStore } from '@tidings/store-kysely';
import { type Life, recorded, recordWith } from '../ceiling/recorded-life.ts';
import { median } from '../rig/median.ts';
import type { Sample } from '../rig/sample.ts';
import { addressOf, keyOf, orderOf } from '../work/work.ts';
import { type ByHand, byHandOnPostgres, byHandOnSqlite } from './by-hand.ts';
import { type Opened, openDatabase } from './open-databases.ts';
import { openEngine } from './open-engine.ts';

const warmUp = 200;
const times = 300;
const idleMs = 4;

/** Takes turns: one send, one by hand. */
export async function run({ store: name }: { readonly store: 'sqlite' | 'postgres' }): Promise<Sample> {
  const opened = await openDatabase(name);
  const database = name === 'sqlite' ? await openHandle(opened) : null;
  const store = database ? sqliteStore({ database }) : opened.store;
  const engine = openEngine(store);
  let byHand: ByHand | undefined;
  try {
    await engine.start();
    const lives = (await recordWith(engine, opened, warmUp + times)).map(leasedForLong);
    const [life] = lives as [Life];
    byHand = database ? byHandOnSqlite(database, opened.tables, life) : byHandOnPostgres(opened.tables, life);
    const { accept } = byHand;
    const sendMs: number[] = [];
    const byHandMs: number[] = [];
    for (const [number, life] of lives.entries()) {
      const to = { email: addressOf(number) };
      const request = { to, payload: orderOf(number), idempotencyKey: keyOf('alone', number) };
      sendMs.push(await timeOf(() => engine.send('confirmation', request)));
      await engine.idle();
      await sleep(idleMs);
      byHandMs.push(await timeOf(() => accept(life)));
      await sleep(idleMs);
    }
    await verify(opened);
    const [sent, written] = [sendMs, byHandMs].map((all) => median(all.slice(warmUp))) as [number, number];
    return { ratio: sent / written, sendMs: sent, byHandMs: written };
  } finally {
    await engine.stop();
    await byHand?.close();
    database?.close();
    if (database) await opened.store.close();
    await opened.close();
  }
}

/** One handle for both, so that neither finds its cache emptied by what the other wrote. */
async function openHandle(opened: Opened): Promise<DatabaseSync> {
  const [row] = await opened.query("SELECT file FROM pragma_database_list WHERE name = 'main'");
  const database = new DatabaseSync(String(row?.file));
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'secure_delete = ON']) {
    database.exec(`PRAGMA ${pragma}`);
  }
  return database;
}

/** Nobody delivers what was written by hand; its lease must not lapse while the engine is measured. */
function leasedForLong(life: Life): Life {
  const later = Number(life.message.due_at) + 3_600_000;
  return { ...life, message: { ...life.message, due_at: later, lease_until: later } };
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

async function verify(opened: Opened): Promise<void> {
  const each = warmUp + times;
  const expected = {
    'messages WHERE status = 1': recorded + each,
    'messages WHERE status = 0': each,
    notifications: recorded + 2 * each,
    idempotency: recorded + 2 * each,
  };
  for (const [what, count] of Object.entries(expected)) {
    const found = Number((await opened.query(`SELECT count(*) AS n FROM {tables}${what}`))[0]?.n);
    if (found !== count) throw new Error(`${count} expected, but ${what}: ${found}.`);
  }
}
