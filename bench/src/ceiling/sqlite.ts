// The physical limit of SQLite: what the engine writes for each message, in the same two commits, and nothing else.
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { openDatabase } from '../engine/open-databases.ts';
import type { Sample } from '../rig/sample.ts';
import { batch, type Life, type Row, recordLives } from './recorded-life.ts';
import { verifyLives } from './verify-lives.ts';

const warmUp = 2_000;

/** Writes `count` messages' lives, 200 a commit. */
export async function run({ count }: { readonly count: number }): Promise<Sample> {
  const opened = await openDatabase('sqlite');
  try {
    const lives = await recordLives(opened, warmUp + count);
    const [{ file }] = (await opened.query("SELECT file FROM pragma_database_list WHERE name = 'main'")) as [
      { file: string },
    ];
    const database = new DatabaseSync(file);
    for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'secure_delete = ON'])
      database.exec(`PRAGMA ${pragma}`);
    const write = writerOf(database, lives[0] as Life);
    await writeAll(lives.slice(0, warmUp), write);
    const begun = performance.now();
    await writeAll(lives.slice(warmUp), write);
    const took = performance.now() - begun;
    database.close();
    await verifyLives(opened, warmUp + count);
    return { rate: (count / took) * 1000 };
  } finally {
    await opened.store.close();
    await opened.close();
  }
}

interface Writer {
  accept(lives: readonly Life[]): void;
  settle(lives: readonly Life[]): void;
}

async function writeAll(lives: readonly Life[], write: Writer): Promise<void> {
  for (let from = 0; from < lives.length; from += batch) {
    const some = lives.slice(from, from + batch);
    write.accept(some);
    // as between two commits of an engine that shares its thread with a host
    await new Promise((resolve) => setImmediate(resolve));
    write.settle(some);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function writerOf(database: DatabaseSync, life: Life): Writer {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const insert = (table: string, row: Row): ((row: Row) => void) => {
    const columns = Object.keys(row).filter((column) => row[column] !== null || column === 'due_at');
    const statement = database.prepare(`INSERT INTO tidings_${table} (${columns}) VALUES (${columns.map(() => '?')})`);
    return (values) => runWith(statement, columns, values);
  };
  const contact = database.prepare(
    'SELECT c.id, c.data, k.hash FROM tidings_identifiers k JOIN tidings_contacts c ON c.scope = k.scope AND c.id = k.contact_id WHERE k.scope = ? AND k.kind = ? AND k.value = ?',
  );
  const key = insert('idempotency', life.idempotency);
  const notification = insert('notifications', life.notification);
  const message = insert('messages', life.message);
  const content = insert('contents', life.content);
  const { timeline: _, ...changed } = life.settled;
  const columns = Object.keys(changed);
  const update = database.prepare(
    `UPDATE tidings_messages SET ${columns.map((column) => `${column} = ?`)}, timeline = timeline || ? WHERE scope = ? AND id = ?`,
  );
  const ended = Object.keys(life.ended);
  const end = database.prepare(
    `UPDATE tidings_notifications SET ${ended.map((column) => `${column} = ?`)} WHERE scope = ? AND id = ?`,
  );
  return {
    accept(lives) {
      begin.run();
      for (const each of lives) {
        const { scope, address } = each.message as { scope: number; address: string };
        if (contact.all(scope, 'email', address).length !== 1) throw new Error(`No contact ${address}.`);
        notification(each.notification);
        message(each.message);
        key(each.idempotency);
      }
      commit.run();
    },
    settle(lives) {
      begin.run();
      for (const each of lives) {
        runWith(end, [...ended, 'scope', 'id'], {
          ...each.ended,
          scope: each.notification.scope as number,
          id: each.notification.id as Uint8Array,
        });
        runWith(update, [...columns, 'timeline', 'scope', 'id'], {
          ...each.settled,
          scope: each.message.scope as number,
          id: each.message.id as Uint8Array,
        });
        content(each.content);
      }
      commit.run();
    },
  };
}

function runWith(statement: StatementSync, columns: readonly string[], row: Row): void {
  statement.run(...columns.map((column) => row[column] as SQLInputValue));
}
