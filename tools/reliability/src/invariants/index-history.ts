import type { MessageRow, NotificationRow, Scope } from '@tidings/core/spec';
import type { History, ProviderCall } from './history.ts';

/** A history by the ids in it, made once for all checks. */
export interface IndexedHistory extends History {
  readonly messages: ReadonlyMap<string, MessageRow>;
  readonly notifications: ReadonlyMap<string, NotificationRow>;
  /** Messages of a notification. */
  readonly messagesOf: ReadonlyMap<string, readonly MessageRow[]>;
  /** Calls of a message, in order. */
  readonly callsOf: ReadonlyMap<string, readonly ProviderCall[]>;
  /** Tenant and mode of a scope's number, as one text. */
  scopeName(id: number): string;
}

/** Tenant and mode as one text. */
export function nameOf({ tenant, mode }: Scope): string {
  return `${mode}/${tenant}`;
}

/** Looks everything up once. */
export function indexHistory(history: History): IndexedHistory {
  const { rows, calls } = history;
  const names = new Map(rows.scopes.map((scope) => [scope.id, nameOf(scope)]));
  const inOrder = [...calls].sort((one, other) => one.beganAt - other.beganAt);
  return {
    ...history,
    messages: new Map(rows.messages.map((row) => [row.id, row])),
    notifications: new Map(rows.notifications.map((row) => [row.id, row])),
    messagesOf: groupBy(rows.messages, (row) => row.notificationId),
    callsOf: groupBy(inOrder, (call) => call.messageId),
    scopeName: (id) => names.get(id) ?? `scope ${id}`,
  };
}

/** In groups, each in the order given. */
export function groupBy<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
