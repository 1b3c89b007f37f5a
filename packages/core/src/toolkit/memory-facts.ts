import type {
  BroadcastRow,
  ContactFacts,
  ContentRow,
  Facts,
  IdempotencyRow,
  MessageRow,
  NotificationRow,
  Reads,
  ScopeId,
  SuppressionRow,
} from '../spec/index.ts';
import {
  type ContactEntry,
  copyContact,
  copyHashed,
  copyMessage,
  type MemoryTables,
  type MessageEntry,
  pairKey,
} from './memory-tables.ts';
import { hashKey } from './memory-values.ts';

/** What one transaction has read: grows with every `more`, holds each row once. */
export class MemoryFacts implements Facts {
  readonly now: number;
  readonly contacts: ContactFacts[] = [];
  readonly idempotency: IdempotencyRow[] = [];
  readonly suppressions: SuppressionRow[] = [];
  readonly notifications: NotificationRow[] = [];
  readonly messages: MessageRow[] = [];
  readonly contents: ContentRow[] = [];
  readonly broadcasts: BroadcastRow[] = [];
  readonly recipients: Facts['recipients'][number][] = [];
  readonly #tables: MemoryTables;
  readonly #seen = new Set<object | string>();

  constructor(tables: MemoryTables, now: number) {
    this.#tables = tables;
    this.now = now;
  }

  /** Adds what `reads` names. */
  read(reads: Reads): this {
    const tables = this.#tables;
    for (const { scope, kind, value } of reads.identifiers ?? []) {
      const owner = tables.scope(scope).identifiers.get(pairKey(kind, value));
      if (owner) this.#contact(scope, tables.scope(scope).contacts.get(owner.contactId));
    }
    for (const { scope, id } of reads.contacts ?? []) this.#contact(scope, tables.scope(scope).contacts.get(id));
    for (const { scope, event, key } of reads.idempotency ?? []) {
      const row = tables.scope(scope).idempotency.get(pairKey(event, key));
      if (row && row.expiresAt > this.now && this.#isNew(row)) {
        this.idempotency.push({ ...row, fingerprint: new Uint8Array(row.fingerprint) });
      }
    }
    for (const { scope, hash } of reads.suppressions ?? []) this.#suppressed(scope, hash);
    for (const { scope, id } of reads.notifications ?? []) {
      const entry = tables.scope(scope).notifications.get(id);
      if (!entry) continue;
      if (this.#isNew(entry)) this.notifications.push({ ...entry.row });
      for (const message of entry.messages) this.#message(message);
    }
    for (const { scope, id } of reads.messages ?? []) this.#message(tables.scope(scope).messages.get(id));
    for (const { scope, id } of reads.contents ?? []) {
      const content = tables.scope(scope).messages.get(id)?.content;
      if (content !== undefined && content !== null && this.#isNew(`content ${scope} ${id}`)) {
        this.contents.push({ scope, messageId: id, content });
      }
    }
    for (const { scope, id } of reads.broadcasts ?? []) {
      const row = tables.scope(scope).broadcasts.get(id);
      if (row && this.#isNew(row)) this.broadcasts.push({ ...row });
    }
    for (const { scope, broadcastId, key } of reads.recipients ?? []) {
      const notificationId = tables.scope(scope).recipients.get(pairKey(broadcastId, key));
      if (notificationId !== undefined && this.#isNew(`recipient ${scope} ${pairKey(broadcastId, key)}`)) {
        this.recipients.push({ scope, broadcastId, key, notificationId });
      }
    }
    return this;
  }

  #contact(scope: ScopeId, entry: ContactEntry | undefined): void {
    if (!entry || !this.#isNew(entry)) return;
    const facts = copyContact(entry);
    this.contacts.push(facts);
    for (const identifier of facts.identifiers) this.#suppressed(scope, identifier.hash);
  }

  #suppressed(scope: ScopeId, hash: Uint8Array): void {
    const { suppressions } = this.#tables.scope(scope);
    if (suppressions.size === 0) return;
    for (const entry of suppressions.get(hashKey(hash))?.values() ?? []) {
      if (this.#isNew(entry)) this.suppressions.push(copyHashed(entry.row));
    }
  }

  #message(entry: MessageEntry | undefined): void {
    if (entry && this.#isNew(entry)) this.messages.push(copyMessage(entry.row));
  }

  #isNew(what: object | string): boolean {
    if (this.#seen.has(what)) return false;
    this.#seen.add(what);
    return true;
  }
}
