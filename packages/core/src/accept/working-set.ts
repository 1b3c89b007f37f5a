import { hashKey } from '../rules/hash-key.ts';
import type {
  ContactFacts,
  Facts,
  IdempotencyRow,
  IdentifierRow,
  NewIdempotency,
  NewMessage,
  NewNotification,
  ScopeId,
  SuppressionRow,
  Writes,
} from '../spec/index.ts';

/** The facts of one transaction, changed item by item, so that items of a batch behave as if one came after the other. */
export interface WorkingSet {
  readonly now: number;
  contactById(scope: ScopeId, id: string): ContactFacts | undefined;
  contactByIdentifier(scope: ScopeId, kind: string, value: string): ContactFacts | undefined;
  /** The contact as it is from now on. */
  putContact(contact: ContactFacts, moved: readonly IdentifierRow[]): void;
  idempotency(scope: ScopeId, event: string, key: string): Pick<IdempotencyRow, 'fingerprint' | 'result'> | undefined;
  putIdempotency(row: NewIdempotency): void;
  /** What suppresses an address on a channel. A hash that was not read is noted: nothing may be written then. */
  suppression(scope: ScopeId, hash: Uint8Array, channel: string): SuppressionRow | undefined;
  recipient(scope: ScopeId, broadcastId: string, key: string): string | undefined;
  putNotification(notification: NewNotification, messages: readonly NewMessage[]): void;
  /** Hashes that {@link suppression} was asked for and that nobody read. */
  readonly unread: readonly { readonly scope: ScopeId; readonly hash: Uint8Array }[];
  writes(): Writes;
}

/** `asked`: the suppression hashes that the reads of this transaction named. */
export function createWorkingSet(
  facts: Facts,
  asked: Iterable<{ readonly scope: ScopeId; readonly hash: Uint8Array }>,
): WorkingSet {
  const contacts = new Map<string, ContactFacts>();
  const original = new Map<string, ContactFacts>();
  const owners = new Map<string, string>();
  const originalOwners = new Map<string, IdentifierRow>();
  const identifierRows = new Map<string, IdentifierRow>();
  const keys = new Map<string, Pick<IdempotencyRow, 'fingerprint' | 'result'>>();
  const suppressions = new Map<string, SuppressionRow>();
  const read = new Set<string>();
  const unread = new Map<string, { scope: ScopeId; hash: Uint8Array }>();
  const recipients = new Map<string, string>();
  const newKeys: NewIdempotency[] = [];
  const notifications: NewNotification[] = [];
  const messages: NewMessage[] = [];
  const changed = new Set<string>();

  for (const { scope, hash } of asked) read.add(suppressionKey(scope, hash));
  for (const contact of facts.contacts) {
    const key = rowKey(contact.row.scope, contact.row.id);
    contacts.set(key, contact);
    original.set(key, contact);
    for (const identifier of contact.identifiers) {
      const at = identifierKey(identifier.scope, identifier.kind, identifier.value);
      owners.set(at, identifier.contactId);
      originalOwners.set(at, identifier);
      identifierRows.set(at, identifier);
      read.add(suppressionKey(identifier.scope, identifier.hash));
    }
  }
  for (const row of facts.idempotency) keys.set(idempotencyKey(row.scope, row.event, row.key), row);
  for (const row of facts.suppressions) suppressions.set(`${suppressionKey(row.scope, row.hash)}/${row.channel}`, row);
  for (const row of facts.recipients)
    recipients.set(recipientKey(row.scope, row.broadcastId, row.key), row.notificationId);

  function disown(at: string, contactId: string): void {
    const before = owners.get(at);
    if (before === undefined || before === contactId) return;
    const identifier = identifierRows.get(at);
    const key = identifier && rowKey(identifier.scope, before);
    const loser = key === undefined ? undefined : contacts.get(key);
    if (key === undefined || !loser) return;
    const left = loser.identifiers.filter((row) => identifierKey(row.scope, row.kind, row.value) !== at);
    contacts.set(key, { row: loser.row, identifiers: left });
  }

  return {
    now: facts.now,
    contactById: (scope, id) => contacts.get(rowKey(scope, id)),
    contactByIdentifier(scope, kind, value) {
      const owner = owners.get(identifierKey(scope, kind, value));
      return owner === undefined ? undefined : contacts.get(rowKey(scope, owner));
    },
    putContact(contact, moved) {
      const key = rowKey(contact.row.scope, contact.row.id);
      for (const identifier of moved)
        disown(identifierKey(identifier.scope, identifier.kind, identifier.value), contact.row.id);
      for (const identifier of contacts.get(key)?.identifiers ?? []) {
        const at = identifierKey(identifier.scope, identifier.kind, identifier.value);
        if (owners.get(at) === contact.row.id) owners.delete(at);
      }
      for (const identifier of contact.identifiers) {
        const at = identifierKey(identifier.scope, identifier.kind, identifier.value);
        owners.set(at, contact.row.id);
        identifierRows.set(at, identifier);
      }
      contacts.set(key, contact);
      changed.add(key);
    },
    idempotency: (scope, event, key) => keys.get(idempotencyKey(scope, event, key)),
    putIdempotency(row) {
      keys.set(idempotencyKey(row.scope, row.event, row.key), row);
      newKeys.push(row);
    },
    suppression(scope, hash, channel) {
      const key = suppressionKey(scope, hash);
      if (!read.has(key)) unread.set(key, { scope, hash });
      return suppressions.get(`${key}/${channel}`) ?? suppressions.get(`${key}/*`);
    },
    recipient: (scope, broadcastId, key) => recipients.get(recipientKey(scope, broadcastId, key)),
    putNotification(notification, its) {
      notifications.push(notification);
      messages.push(...its);
      if (notification.broadcastId !== null && notification.recipientKey !== null) {
        recipients.set(
          recipientKey(notification.scope, notification.broadcastId, notification.recipientKey),
          notification.id,
        );
      }
    },
    get unread() {
      return [...unread.values()];
    },
    writes() {
      return {
        notifications: { insert: notifications },
        messages: { insert: messages },
        idempotency: newKeys,
        ...contactWrites(),
      };
    },
  };

  function contactWrites(): Pick<Writes, 'contacts' | 'identifiers'> {
    if (changed.size === 0) return {};
    const insert = [];
    const update = [];
    for (const key of changed) {
      const contact = contacts.get(key);
      if (!contact) continue;
      const { scope, id, data, name } = contact.row;
      const before = original.get(key);
      if (!before) insert.push({ scope, id, data, name });
      else if (before.row.data !== data || before.row.name !== name) {
        update.push({ scope, id, data, name, version: before.row.version });
      }
    }
    const added: IdentifierRow[] = [];
    const moved: IdentifierRow[] = [];
    const removed: (Pick<IdentifierRow, 'scope' | 'kind' | 'value'> & { contactId: string })[] = [];
    for (const [at, owner] of owners) {
      const before = originalOwners.get(at);
      const row = identifierRows.get(at);
      if (!row) continue;
      if (!before) added.push({ ...row, contactId: owner });
      else if (before.contactId !== owner) moved.push({ ...row, contactId: owner });
    }
    for (const [at, before] of originalOwners) {
      if (owners.has(at)) continue;
      removed.push({ scope: before.scope, kind: before.kind, value: before.value, contactId: before.contactId });
    }
    return { contacts: { insert, update }, identifiers: { insert: added, move: moved, remove: removed } };
  }
}

function rowKey(scope: ScopeId, id: string): string {
  return `${scope}/${id}`;
}

function identifierKey(scope: ScopeId, kind: string, value: string): string {
  return `${scope}/${kind}/${value}`;
}

function idempotencyKey(scope: ScopeId, event: string, key: string): string {
  return `${scope}/${event}/${key}`;
}

function recipientKey(scope: ScopeId, broadcastId: string, key: string): string {
  return `${scope}/${JSON.stringify([broadcastId, key])}`;
}

function suppressionKey(scope: ScopeId, hash: Uint8Array): string {
  return `${scope}/${hashKey(hash)}`;
}
