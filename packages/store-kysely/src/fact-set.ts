import type {
  BroadcastRow,
  ContactFacts,
  ContactRow,
  ContentRow,
  Facts,
  IdempotencyKey,
  IdempotencyRow,
  IdentifierRow,
  MessageRow,
  NotificationRow,
  RecipientKey,
  SuppressionRow,
} from '@tidings/core/spec';
import { decodeId, decodeRow, decodeText } from './rows.ts';
import type { RawRow } from './statement.ts';
import { tables } from './tables.ts';

const none: readonly never[] = [];
const keyName = ({ scope, event, key }: IdempotencyKey): string => `${scope} ${event}\0${key}`;
const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');

/** Gathers what several reads of one transaction gave, each row once; a later read of a row replaces the earlier one. */
export class FactSet {
  readonly now: number;
  readonly #contacts = new Map<string, { row: ContactRow; identifiers: Map<string, IdentifierRow> }>();
  readonly #idempotency = new Map<string, IdempotencyRow>();
  readonly #expired = new Set<string>();
  readonly #suppressions = new Map<string, SuppressionRow>();
  readonly #notifications = new Map<string, NotificationRow>();
  readonly #messages = new Map<string, MessageRow>();
  readonly #contents = new Map<string, ContentRow>();
  readonly #broadcasts = new Map<string, BroadcastRow>();
  readonly #recipients = new Map<string, RecipientKey & { readonly notificationId: string }>();

  constructor(now: number) {
    this.now = now;
  }

  /** Rows of contacts joined with their identifiers and what is suppressed of these. */
  addContacts(rows: readonly RawRow[]): void {
    const fresh = new Set<string>();
    for (const raw of rows) {
      const key = `${Number(raw.c_scope)} ${decodeId(raw.c_id)}`;
      let contact = fresh.has(key) ? this.#contacts.get(key) : undefined;
      if (!contact) {
        fresh.add(key);
        contact = { row: decodeRow<ContactRow>(tables.contacts, raw, 'c_'), identifiers: new Map() };
        this.#contacts.set(key, contact);
      }
      if (raw.f_kind === null) continue;
      const name = `${decodeText(raw.f_kind)}\0${decodeText(raw.f_value)}`;
      if (!contact.identifiers.has(name)) {
        contact.identifiers.set(name, decodeRow<IdentifierRow>(tables.identifiers, raw, 'f_'));
      }
      if (raw.s_channel !== null) this.#addSuppression(decodeRow(tables.suppressions, raw, 's_'));
    }
  }

  addIdempotency(rows: readonly RawRow[]): void {
    for (const raw of rows) {
      const row = decodeRow<IdempotencyRow>(tables.idempotency, raw);
      const name = keyName(row);
      if (row.expiresAt > this.now) this.#idempotency.set(name, row);
      else this.#expired.add(name);
    }
  }

  /** Whether a row of that key was read that had expired. */
  expired(key: IdempotencyKey): boolean {
    return this.#expired.has(keyName(key));
  }

  addSuppressions(rows: readonly RawRow[]): void {
    for (const raw of rows) this.#addSuppression(decodeRow(tables.suppressions, raw));
  }

  #addSuppression(row: SuppressionRow): void {
    this.#suppressions.set(`${row.scope} ${hex(row.hash)} ${row.channel}`, row);
  }

  addNotifications(rows: readonly RawRow[]): void {
    for (const raw of rows) {
      const row = decodeRow<NotificationRow>(tables.notifications, raw);
      this.#notifications.set(`${row.scope} ${row.id}`, row);
    }
  }

  addMessages(rows: readonly RawRow[]): void {
    for (const raw of rows) {
      const row = decodeRow<MessageRow>(tables.messages, raw);
      this.#messages.set(`${row.scope} ${row.id}`, row);
    }
  }

  addContents(rows: readonly RawRow[]): void {
    for (const raw of rows) {
      const row = decodeRow<ContentRow>(tables.contents, raw);
      this.#contents.set(`${row.scope} ${row.messageId}`, row);
    }
  }

  addBroadcasts(rows: readonly RawRow[]): void {
    for (const raw of rows) {
      const row = decodeRow<BroadcastRow>(tables.broadcasts, raw);
      this.#broadcasts.set(`${row.scope} ${row.id}`, row);
    }
  }

  addRecipients(rows: readonly RawRow[]): void {
    for (const raw of rows) {
      const scope = Number(raw.scope);
      const broadcastId = decodeText(raw.broadcast_id);
      const key = decodeText(raw.recipient_key);
      const notificationId = decodeId(raw.id);
      this.#recipients.set(`${scope} ${broadcastId}\0${key}`, { scope, broadcastId, key, notificationId });
    }
  }

  contacts(): ContactFacts[] {
    return Array.from(this.#contacts.values(), ({ row, identifiers }) => ({
      row,
      identifiers: [...identifiers.values()],
    }));
  }

  /** What core is given. */
  facts(): Facts {
    const list = <Row>(map: Map<string, Row>): readonly Row[] => (map.size === 0 ? none : [...map.values()]);
    return {
      now: this.now,
      contacts: this.contacts(),
      idempotency: list(this.#idempotency),
      suppressions: list(this.#suppressions),
      notifications: list(this.#notifications),
      messages: list(this.#messages),
      contents: list(this.#contents),
      broadcasts: list(this.#broadcasts),
      recipients: list(this.#recipients),
    };
  }
}
