import { TidingsError } from '@tidings/core/spec';
import { change, snapshot } from './commit.ts';
import { briefMs, type Context } from './context.ts';
import type { Dialect } from './dialects/dialect.ts';
import { rerun } from './rerun.ts';
import { ask, Busy, type Script } from './statement.ts';
import { allTables, type Column, type Index, tablesOf } from './tables.ts';

/** Numbered from 1, in order. Later ones add tables, nullable columns and indexes; they never change keys. */
const migrations: readonly ((dialect: Dialect) => readonly string[])[] = [
  (dialect) => dialect.create(tablesOf(1)),
  // what retention looks for: when a content was written, and when a notification ended
  (dialect) => additions(dialect, 2),
];

/** The columns and indexes that a version added to tables there were. */
function additions(dialect: Dialect, version: number): string[] {
  const added = ({ since }: Column | Index): boolean => since === version;
  return allTables.flatMap((table) => [
    ...table.columns.filter(added).map((column) => dialect.addColumn(table, column)),
    ...table.indexes.filter(added).map((index) => dialect.addIndex(table, index)),
  ]);
}

const versions = { name: 'migrations', columns: [], key: [], indexes: [] };

/** Waiting for another process that creates the tables takes longer than waiting for a row. */
const budgetMs = 60_000;

/** Brings the tables to the version of this code, one process at a time. */
export async function migrate(context: Context): Promise<void> {
  try {
    await lookAfter(patient(context, budgetMs), patient(context, briefMs));
  } catch (error) {
    throw TidingsError.is(error, 'STORE_BUSY') ? locked(error) : error;
  }
}

const patient = (context: Context, leastMs: number): Context => ({
  ...context,
  patience: (attempts) => context.patience(attempts, leastMs),
});

async function lookAfter(context: Context, brief: Context): Promise<void> {
  const { dialect } = context;
  // a host whose tables are there needs no right to create any
  const version = await snapshot(context, () => versionOf(dialect)).catch(withoutTable);
  if (version === migrations.length) return;
  if (dialect.migration.transactional) {
    // Without a lock of its own any writer holds up a migration. No table is filled yet, so that one of ours is soon over.
    const isBrief = dialect.migration.lock === null && version === 0;
    await change(isBrief ? brief : context, () => upgrade(dialect), { unhurried: true });
  } else await upgradeInSteps(context, version);
}

function* upgrade(dialect: Dialect): Script<void> {
  const { lock, table } = dialect.migration;
  if (lock !== null) yield* run(dialect, lock);
  yield* run(dialect, table(dialect.table(versions)));
  const version = yield* versionOf(dialect);
  for (const text of pending(dialect, version)) yield* run(dialect, text);
}

/** Where creating a table commits: every statement may be repeated, so a half-finished upgrade is simply run again. */
async function upgradeInSteps(context: Context, version: number): Promise<void> {
  const { dialect, driver } = context;
  const { lock, unlock, table } = dialect.migration;
  const texts = [table(dialect.table(versions)), ...pending(dialect, version)];
  await rerun(
    () =>
      driver.sequence(
        lock,
        ([answer]) => {
          if (lock !== null && Number(answer?.locked) !== 1)
            throw new Busy('Another process holds the migration lock.');
          return texts;
        },
        unlock,
      ),
    context.patience(),
  );
}

function pending(dialect: Dialect, version: number): string[] {
  return migrations
    .slice(version)
    .flatMap((migration, index) => [
      ...migration(dialect),
      dialect.migration.note(dialect.table(versions), version + index + 1),
    ]);
}

function* versionOf(dialect: Dialect): Script<number> {
  const [answer] = yield* ask([dialect.once(`SELECT max(version) AS version FROM ${dialect.table(versions)}`, [])]);
  const version = Number(answer?.rows[0]?.version ?? 0);
  if (version > migrations.length) throw newer(version);
  return version;
}

function* run(dialect: Dialect, text: string): Script<void> {
  yield* ask([dialect.once(text, [])]);
}

/** Without its table the version is 0; that the tables are too new, or cannot be reached, is no such thing. */
function withoutTable(error: unknown): number {
  if (TidingsError.is(error, 'STORE_FAILED')) return 0;
  throw error;
}

function locked({ cause }: TidingsError): TidingsError {
  return new TidingsError(
    'STORE_BUSY',
    'The tables could not be looked after while the database stayed locked; nothing was written. Look for a transaction left open. Before one of your own call engine.start() or store.migrate(): tables are not made inside it.',
    { cause, retryable: true },
  );
}

function newer(version: number): TidingsError {
  return new TidingsError(
    'NOT_SUPPORTED',
    `The tables are of version ${version}, this copy of @tidings/store-kysely knows ${migrations.length}. Update the package in every process before the tables.`,
    { details: { version, known: migrations.length } },
  );
}
