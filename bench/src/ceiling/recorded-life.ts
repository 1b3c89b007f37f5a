import { randomBytes } from 'node:crypto';
import type { Opened } from '../engine/open-databases.ts';
import { type MeasuredEngine, openEngine, seedContacts, sendOrder } from '../engine/open-engine.ts';
import { addressOf, byCallers } from '../work/work.ts';

/** What a column of a row holds: ids and hashes as the driver gives them. */
export type Cell = string | number | Uint8Array | null;

/** A row by its columns. */
export type Row = Record<string, Cell>;

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

/** Messages a commit. */
export const batch = 200;

/** Messages of the engine's that the rows are taken from; they stay. */
export const recorded = 200;

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
export async function recordLives(opened: Opened, count: number): Promise<Life[]> {
  const engine = openEngine(opened.store);
  await engine.start();
  try {
    return await recordWith(engine, opened, count);
  } finally {
    await engine.stop();
  }
}

/** The same with an engine that runs already, and that nothing else has used. */
export async function recordWith(engine: MeasuredEngine, opened: Opened, count: number): Promise<Life[]> {
  await seedContacts(engine);
  await byCallers(50, recorded, (number) => sendOrder(engine, 'life', number));
  await engine.idle();
  const notifications = await rowsOf(opened, 'notifications', 'id');
  const messages = byColumn(await rowsOf(opened, 'messages', 'id'), 'notification_id');
  const contents = byColumn(await rowsOf(opened, 'contents', 'message_id'), 'message_id');
  const keys = await rowsOf(opened, 'idempotency', 'request_key');
  const contacts = byColumn(await rowsOf(opened, 'identifiers', 'value'), 'value');
  const lives = notifications.map((notification) => {
    const message = messages.get(textOf(notification.id)) as Row;
    const content = contents.get(textOf(message.id)) as Row;
    return { notification, message, content };
  });
  const ids = idsInOrder(count * 2);
  return Array.from({ length: count }, (_, number): Life => {
    const { notification, message, content } = lives[number % lives.length] as (typeof lives)[number];
    const contact = contacts.get(addressOf(number)) as Row;
    const contactId = contact.contact_id as Cell;
    const notificationId = like(notification.id, ids[number * 2] as Buffer);
    return renewed(
      {
        notification: { ...notification, id: notificationId, contact_id: contactId },
        message: {
          ...message,
          id: like(message.id, ids[number * 2 + 1] as Buffer),
          notification_id: notificationId,
          contact_id: contactId,
          address: addressOf(number),
          address_hash: contact.hash as Cell,
        },
        content,
        key: keys[number % keys.length] as Row,
      },
      number,
    );
  });
}

/** What a row is found by. */
export const idOf = ({ scope, id }: Row): Row => ({ scope: scope as Cell, id: id as Cell });

/** The messages of each commit. */
export function inBatches(lives: readonly Life[]): Life[][] {
  return Array.from({ length: Math.ceil(lives.length / batch) }, (_, number) =>
    lives.slice(number * batch, (number + 1) * batch),
  );
}

const begun = Date.now();

function renewed(
  row: { readonly notification: Row; readonly message: Row; readonly content: Row; readonly key: Row },
  number: number,
): Life {
  const [first = '', ...later] = String(row.message.timeline).split(/(?<=\n)/);
  // one moment for each commit, as the engine takes it from the store
  const accepted_at = begun + Math.floor(number / batch) * 10;
  const settled_at = accepted_at + 5;
  const message: Row = {
    ...row.message,
    timeline: first,
    status: 0,
    epoch: 1,
    attempts: 0,
    due_at: accepted_at + 45_000,
    lease_until: accepted_at + 45_000,
    provider: null,
    provider_id: null,
    created_at: accepted_at,
    sent_at: null,
  };
  return {
    idempotency: {
      ...row.key,
      request_key: like(row.key.request_key, Buffer.from(`ceiling-${String(number).padStart(8, '0')}`)),
      expires_at: accepted_at + 86_400_000,
      created_at: accepted_at,
    },
    notification: {
      ...row.notification,
      status: 0,
      version: 1,
      open_steps: 1,
      created_at: accepted_at,
      completed_at: null,
    },
    message,
    settled: {
      ...pick(row.message, settledColumns),
      provider_id: like(row.message.provider_id, Buffer.from(`nowhere-${number}`)),
      sent_at: settled_at,
      timeline: later.join(''),
    },
    ended: { ...pick(row.notification, endedColumns), completed_at: settled_at },
    content: { ...row.content, message_id: row.message.id as Cell, created_at: settled_at },
  };
}

function pick(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
}

/** Ids in the order of time, as the engine's are. */
function idsInOrder(count: number): Buffer[] {
  return Array.from({ length: count }, (_, number) => {
    const id = randomBytes(16);
    id.writeUIntBE(begun + Math.floor(number / 40), 0, 6);
    id[6] = 0x70 | ((id[6] as number) & 0x0f);
    id[8] = 0x80 | ((id[8] as number) & 0x3f);
    // within a millisecond too
    id.writeUInt16BE(0x7000 | ((number % 40) << 4), 6);
    return id;
  });
}

/** A value in the form in which the database gave one: bytes as bytes, a key as text, an id as a UUID. */
function like(given: Cell | undefined, value: Buffer): Cell {
  if (typeof given !== 'string') return value;
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(given)) return value.toString();
  const hex = value.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

async function rowsOf(opened: Opened, table: string, order: string): Promise<Row[]> {
  const rows = await opened.query(`SELECT * FROM {tables}${table} ORDER BY ${order}`);
  return rows.map((row) => ({ ...row })) as Row[];
}

function byColumn(rows: readonly Row[], column: string): Map<string, Row> {
  return new Map(rows.map((row) => [textOf(row[column]), row]));
}

function textOf(value: Cell | undefined): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
}
