import { randomBytes } from 'node:crypto';
import type { DatabaseName, Opened } from '../engine/open-databases.ts';
import { openEngine } from '../engine/open-engine.ts';
import { addressOf, byCallers, keyOf, orderOf } from '../work/work.ts';

/** A row by its columns. */
export type Row = Record<string, string | number | Uint8Array | null>;

/** What one message's whole life writes. */
export interface Life {
  readonly idempotency: Row;
  readonly notification: Row;
  readonly message: Row;
  /** What of the message the second commit changes; its timeline is appended. */
  readonly settled: Row;
  readonly ended: Row;
  readonly content: Row;
}

// Columns that the second commit changes.
const settledColumns = ['status', 'epoch', 'attempts', 'due_at', 'lease_until', 'provider', 'provider_id', 'sent_at'];
const endedColumns = [
  'status',
  'version',
  'open_steps',
  'completed_at',
  'due_at',
  'lease_until',
  'active_key',
  'cursors',
];

/**
 * What the engine writes for a send to somebody known, taken from the rows of a short run: so the ceiling writes the same
 * bytes into the same columns, whatever the engine learns to keep.
 */
export async function recordLives(opened: Opened, _name: DatabaseName, count: number): Promise<Life[]> {
  const recorded = 200;
  const engine = openEngine(opened.store);
  await engine.start();
  await byCallers(50, recorded, (number) =>
    engine.send('confirmation', {
      to: { email: addressOf(number) },
      payload: orderOf(number),
      idempotencyKey: keyOf('life', number),
    }),
  );
  await engine.idle();
  await engine.stop();
  const notifications = await rowsOf(opened, 'notifications', 'id');
  const messages = byColumn(await rowsOf(opened, 'messages', 'id'), 'notification_id');
  const contents = byColumn(await rowsOf(opened, 'contents', 'message_id'), 'message_id');
  const keys = await rowsOf(opened, 'idempotency', 'request_key');
  const lives = notifications.map((notification) => {
    const message = messages.get(textOf(notification.id)) as Row;
    const content = contents.get(textOf(message.id)) as Row;
    return { notification, message, content };
  });
  const ids = idsInOrder(count * 2);
  return Array.from({ length: count }, (_, number): Life => {
    const { notification, message, content } = lives[number % lives.length] as (typeof lives)[number];
    const ofNotification = ids[number * 2] as Uint8Array;
    const ofMessage = ids[number * 2 + 1] as Uint8Array;
    return renewed(
      { notification, message, content, key: keys[number % keys.length] as Row },
      ofNotification,
      ofMessage,
      number,
    );
  });
}

function renewed(
  row: { readonly notification: Row; readonly message: Row; readonly content: Row; readonly key: Row },
  notificationId: Uint8Array,
  messageId: Uint8Array,
  number: number,
): Life {
  const [first = '', ...later] = String(row.message.timeline).split(/(?<=\n)/);
  const created = Number(row.message.created_at);
  const accepted: Row = {
    ...row.message,
    id: like(row.message.id, messageId),
    notification_id: like(row.message.id, notificationId),
    timeline: first,
  };
  const message: Row = {
    ...accepted,
    status: 0,
    epoch: 1,
    attempts: 0,
    due_at: created + 45_000,
    lease_until: created + 45_000,
    provider: null,
    provider_id: null,
    sent_at: null,
  };
  return {
    idempotency: { ...row.key, request_key: `ceiling-${String(number).padStart(8, '0')}` },
    notification: {
      ...row.notification,
      id: like(row.notification.id, notificationId),
      status: 0,
      version: 1,
      open_steps: 1,
      completed_at: null,
    },
    message,
    settled: { ...pick(row.message, settledColumns), provider_id: `nowhere-${number}`, timeline: later.join('') },
    ended: pick(row.notification, endedColumns),
    content: { ...row.content, message_id: like(row.content.message_id, messageId) },
  };
}

function pick(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
}

/** Ids in the order of time, as the engine's are. */
function idsInOrder(count: number): Uint8Array[] {
  const begun = Date.now();
  return Array.from({ length: count }, (_, number) => {
    const id = randomBytes(16);
    id.writeUIntBE(begun + Math.floor(number / 40), 0, 6);
    id[6] = 0x70 | ((id[6] as number) & 0x0f);
    id[8] = 0x80 | ((id[8] as number) & 0x3f);
    // within a millisecond too
    id.writeUInt16BE(0x7000 | ((number % 40) << 4), 6);
    return new Uint8Array(id);
  });
}

/** An id in the form in which the database gave one. */
function like(given: Row[string] | undefined, id: Uint8Array): string | Uint8Array {
  if (typeof given !== 'string') return id;
  const hex = Buffer.from(id).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

async function rowsOf(opened: Opened, table: string, order: string): Promise<Row[]> {
  const rows = await opened.query(`SELECT * FROM {tables}${table} ORDER BY ${order}`);
  return rows.map((row) => ({ ...row })) as Row[];
}

function byColumn(rows: readonly Row[], column: string): Map<string, Row> {
  return new Map(rows.map((row) => [textOf(row[column]), row]));
}

function textOf(value: Row[string] | undefined): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
}
