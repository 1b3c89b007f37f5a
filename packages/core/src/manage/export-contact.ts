import type {
  ContactExport,
  ContactExportPart,
  ExportedNotification,
  ExportHead,
  Plain,
} from '../define/contact-export.ts';
import type { SuppressionView } from '../define/views.ts';
import { hashKey } from '../rules/hash-key.ts';
import type { ContactFacts, NotificationRow, Page, SuppressionRow } from '../spec/index.ts';
import { nextTurn } from '../toolkit/next-turn.ts';
import { needContact } from './find-contact.ts';
import type { Scoped } from './scoped.ts';
import { contactView, messageTrace, notificationSummary, suppressionView } from './views.ts';

const chunk = 100;

type Ready = Awaited<ReturnType<Scoped['ready']>>;

/** Everything held about a person, read a page at a time and never in one transaction: what changes meanwhile may be missing. */
export async function* exportParts(scoped: Scoped, who: unknown): AsyncGenerator<ContactExportPart, void, undefined> {
  const ready = await scoped.ready();
  const { on, scope, rules } = ready;
  const contact = await needContact(who, scope, rules, on);
  yield { kind: 'contact', ...headOf(contact, ready) };
  const hashes = new Map<string, Uint8Array>();
  const note = (hash: Uint8Array): unknown => hashes.set(hashKey(hash), hash);
  for (const { kind, value, hash } of contact.identifiers) {
    note(hash);
    for (const each of on.secrets.hashes(kind, value)) note(each);
  }
  let cursor: string | null = null;
  do {
    const page: Page<NotificationRow> = await on.store.listNotifications({
      scope,
      contactId: contact.row.id,
      limit: chunk,
      ...(cursor === null ? {} : { cursor }),
    });
    const ids = page.items.map(({ id }) => ({ scope, id }));
    const { notifications, messages } = await on.store.load({ notifications: ids });
    const { contents } = await on.store.load({ contents: messages.map(({ id }) => ({ scope, id })) });
    const rendered = new Map(contents.map(({ messageId, content }) => [messageId, content]));
    for (const { addressHash } of messages) if (addressHash !== null) note(addressHash);
    for (const row of [...notifications].sort((a, b) => (a.id < b.id ? 1 : -1))) {
      const its = messages.filter(({ notificationId }) => notificationId === row.id);
      const traces = its
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map((message) => messageTrace(message, rendered.get(message.id)));
      yield { kind: 'notification', ...notificationOf(row, plain(traces)) };
    }
    cursor = page.cursor;
    if (cursor !== null) await nextTurn();
  } while (cursor !== null);
  const all = [...hashes.values()];
  for (let start = 0; start < all.length; start += chunk) {
    const some = all.slice(start, start + chunk).map((hash) => ({ scope, hash }));
    const { suppressions } = await on.store.load({ suppressions: some });
    for (const row of suppressions) yield { kind: 'suppression', ...suppressionOf(row) };
  }
}

/** All parts as one object. */
export async function exportContact(scoped: Scoped, who: unknown): Promise<ContactExport> {
  let head: ExportHead | undefined;
  const notifications: ExportedNotification[] = [];
  const suppressions: Plain<SuppressionView>[] = [];
  for await (const { kind, ...part } of exportParts(scoped, who)) {
    if (kind === 'contact') head = part as ExportHead;
    else if (kind === 'notification') notifications.push(part as ExportedNotification);
    else suppressions.push(part as Plain<SuppressionView>);
  }
  return { ...(head as ExportHead), notifications, suppressions };
}

function headOf(contact: ContactFacts, { on, named }: Ready): ExportHead {
  return {
    format: 1,
    exportedAt: new Date(on.clock.now()).toISOString(),
    tenant: named.tenant,
    mode: named.mode,
    contact: plain(contactView(contact)),
    identifiers: contact.identifiers.map(({ kind, value }) => ({ kind, value })),
  };
}

function notificationOf(row: NotificationRow, messages: ExportedNotification['messages']): ExportedNotification {
  return {
    ...plain(notificationSummary(row)),
    payload: JSON.parse(row.payload) as unknown,
    options: row.options === null ? null : (JSON.parse(row.options) as unknown),
    messages,
  };
}

function suppressionOf(row: SuppressionRow): Plain<SuppressionView> {
  return plain(suppressionView(row));
}

function plain<View>(view: View): Plain<View> {
  return JSON.parse(JSON.stringify(view)) as Plain<View>;
}
