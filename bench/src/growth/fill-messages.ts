import type { Ground, Row } from './open-ground.ts';

const dayMs = 86_400_000;

/** Which messages to make, numbered from `from` to just before `to`. */
export interface Filling {
  readonly from: number;
  readonly to: number;
  /** How many there will be in the end: they spread evenly over the last 30 days. */
  readonly of: number;
  /** All is over; or it waits for `dueIn` ms from now. */
  readonly dueIn?: number;
}

type Sql = (text: string, params?: readonly unknown[]) => Promise<Row[]>;
type Values = Readonly<Record<string, string>>;

/** Rows a statement. */
const chunk = 500_000;
/** From so many rows on, making the indexes anew is quicker than keeping them. */
const many = 50_000;

/**
 * Fills the tables with notifications and their messages, in SQL, each a copy of one that the engine made and ended, with
 * ids, times, people and provider ids of its own. Returns the seconds it took.
 */
export async function fillMessages(ground: Ground, filling: Filling): Promise<number> {
  const began = performance.now();
  await ground.run(async (sql) => {
    await takeModel(ground, sql);
    const indexes = filling.to - filling.from < many ? [] : await dropIndexes(ground, sql);
    const notifications = await columnsOf(ground, sql, 'notifications');
    const messages = await columnsOf(ground, sql, 'messages');
    const values = valuesOf(ground, filling);
    for (let from = filling.from; from < filling.to; from += chunk) {
      const to = Math.min(filling.to, from + chunk);
      await sql(copy(ground, 'notifications', notifications, values.notifications, from, to));
      await sql(copy(ground, 'messages', messages, values.messages, from, to));
    }
    for (const text of indexes) await sql(text);
    for (const table of ['notifications', 'messages', 'contacts', 'identifiers', 'idempotency']) {
      await sql(`ANALYZE ${ground.table(table)}`);
    }
    await sql(ground.kind === 'postgres' ? 'CHECKPOINT' : 'PRAGMA wal_checkpoint(TRUNCATE)');
  });
  return (performance.now() - began) / 1000;
}

/** One ended message with its notification, and the people, numbered. */
async function takeModel(ground: Ground, sql: Sql): Promise<void> {
  const [messages, notifications] = [ground.table('messages'), ground.table('notifications')];
  await sql(`CREATE TEMP TABLE bench_message AS SELECT * FROM ${messages} WHERE sent_at IS NOT NULL LIMIT 1`);
  await sql(
    `CREATE TEMP TABLE bench_notification AS SELECT n.* FROM ${notifications} n JOIN bench_message m ON m.scope = n.scope AND m.notification_id = n.id`,
  );
  await sql(
    'CREATE TEMP TABLE bench_people AS SELECT row_number() OVER (ORDER BY value) - 1 AS n, contact_id, value, hash, ' +
      `count(*) OVER () AS people FROM ${ground.table('identifiers')} WHERE kind = 'email' AND value LIKE 'customer.%'`,
  );
  await sql('CREATE UNIQUE INDEX bench_people_n ON bench_people (n)');
  const [found] = await sql('SELECT count(*) AS notifications FROM bench_notification');
  if (Number(found?.notifications) !== 1) throw new Error('There is no ended message to copy.');
}

function valuesOf(ground: Ground, { of, dueIn }: Filling): { notifications: Values; messages: Values } {
  const postgres = ground.kind === 'postgres';
  const step = Math.max(1, Math.floor((30 * dayMs) / of));
  const at = `(${Date.now() - 30 * dayMs} + i * ${step})`;
  const mixed = (factor: number): string => `((i * ${factor}) & 1152921504606846975)`;
  const uuid = (factor: number): string =>
    postgres
      ? `(lpad(to_hex(${at}), 12, '0') || '7' || lpad(to_hex(i & 4095), 3, '0') || '8' || lpad(to_hex(${mixed(factor)}), 15, '0'))::uuid`
      : `unhex(printf('%012x7%03x8%015x', ${at}, i & 4095, ${mixed(factor)}))`;
  const notificationId = uuid(2654435761);
  const ended = dueIn === undefined ? {} : { status: '0', completed_at: 'NULL' };
  const waiting =
    dueIn === undefined
      ? {}
      : {
          status: '0',
          epoch: '1',
          attempts: '0',
          due_at: String(Date.now() + dueIn),
          lease_until: 'NULL',
          provider: 'NULL',
          provider_id: 'NULL',
          sent_at: 'NULL',
        };
  return {
    notifications: {
      id: notificationId,
      contact_id: 'p.contact_id',
      created_at: at,
      completed_at: `${at} + 40`,
      ...ended,
    },
    messages: {
      id: uuid(2246822519),
      notification_id: notificationId,
      contact_id: 'p.contact_id',
      address: 'p.value',
      address_hash: 'p.hash',
      created_at: at,
      sent_at: `${at} + 40`,
      provider_id: postgres ? 'md5(i::text)' : 'lower(hex(randomblob(16)))',
      ...waiting,
    },
  };
}

function copy(
  ground: Ground,
  table: 'notifications' | 'messages',
  columns: readonly string[],
  values: Values,
  from: number,
  to: number,
): string {
  const numbers =
    ground.kind === 'postgres'
      ? `generate_series(${from}::bigint, ${to - 1}::bigint) AS s (i)`
      : `(WITH RECURSIVE s (i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM s WHERE i < ${to - 1}) SELECT i FROM s) AS s`;
  const given = columns.map((column) => values[column] ?? `m.${column}`).join(', ');
  // the numbers lead, so that rows come in the order of their keys
  const join = ground.kind === 'postgres' ? 'JOIN' : 'CROSS JOIN';
  return `INSERT INTO ${ground.table(table)} (${columns.join(', ')}) SELECT ${given} FROM ${numbers} ${join} bench_people p ON p.n = (i * 7919) % (SELECT max(people) FROM bench_people) CROSS JOIN bench_${table.slice(0, -1)} m`;
}

async function columnsOf(ground: Ground, sql: Sql, table: string): Promise<string[]> {
  const rows =
    ground.kind === 'postgres'
      ? await sql(
          'SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped',
          [ground.table(table)],
        )
      : await sql(`SELECT name FROM pragma_table_info('${ground.table(table)}')`);
  return rows.map(({ name }) => String(name));
}

/** Drops the indexes beside the keys; returns how to make them again. */
async function dropIndexes(ground: Ground, sql: Sql): Promise<string[]> {
  const texts: string[] = [];
  for (const table of ['notifications', 'messages']) {
    const indexes =
      ground.kind === 'postgres'
        ? await sql(
            'SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS text FROM pg_index WHERE indrelid = $1::regclass AND NOT indisprimary',
            [ground.table(table)],
          )
        : await sql("SELECT name, sql AS text FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql > ''", [
            ground.table(table),
          ]);
    for (const { name, text } of indexes) {
      await sql(`DROP INDEX ${String(name)}`);
      texts.push(String(text));
    }
  }
  return texts;
}
