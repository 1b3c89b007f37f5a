import type { Dialect, Name, Select } from './dialects/dialect.ts';
import type { Statement } from './statement.ts';
import { type Column, columnOf, type Table, tables } from './tables.ts';

/** The fixed statements behind `Reads`. */
export interface ReadStatements {
  readonly contactsByIdentifier: Statement;
  readonly contactsById: Statement;
  readonly idempotency: Statement;
  readonly suppressions: Statement;
  readonly notifications: Statement;
  readonly lockedNotifications: Statement;
  readonly messagesOf: Statement;
  readonly lockedMessagesOf: Statement;
  readonly messages: Statement;
  readonly lockedMessages: Statement;
  readonly contents: Statement;
  readonly broadcasts: Statement;
  readonly recipients: Statement;
}

/** Inputs named and checked as columns of a table. */
export function inputsOf(table: Table, ...names: readonly string[]): Record<string, Column> {
  return Object.fromEntries(names.map((name) => [name, columnOf(table, name)]));
}

/** Every column of a table, as `alias.name AS prefix_name`. */
export function giveAll(dialect: Dialect, table: Table, alias: string, prefix = ''): string[] {
  return table.columns.map((column) => `${dialect.read(column, `${alias}.${column.name}`)} AS ${prefix}${column.name}`);
}

/** Compiles them for a dialect. */
export function readStatements(dialect: Dialect): ReadStatements {
  const name = (table: Table, alias: string): string => `${dialect.table(table)} ${alias}`;
  const { contacts, identifiers, idempotency, suppressions, notifications, messages, contents, broadcasts } = tables;

  const givenContact = [
    ...giveAll(dialect, contacts, 'c', 'c_'),
    ...giveAll(dialect, identifiers, 'f', 'f_'),
    ...giveAll(dialect, suppressions, 's', 's_'),
  ];
  const contactJoins = [
    {
      table: name(identifiers, 'f'),
      on: [`${dialect.aside('f.scope')} = c.scope`, 'f.contact_id = c.id'],
      left: true,
      index: 'contact',
    },
    { table: name(suppressions, 's'), on: ['s.scope = f.scope', 's.hash = f.hash'], left: true, index: 'key' },
  ];

  function byColumns(table: Table, columns: readonly string[], locked = false): Statement {
    const ofNotification = columns.includes('notification_id');
    const match = (input: Name): string[] =>
      columns.map(
        (column) =>
          `${ofNotification && column === 'scope' ? dialect.aside('t.scope') : `t.${column}`} = ${input(column)}`,
      );
    const select: Select = {
      inputs: inputsOf(table, ...columns),
      give: () => giveAll(dialect, table, 't'),
      from: (input) => [{ table: name(table, 't'), on: match(input) }],
      ...(locked ? { lock: table.key.map((column) => `t.${column}`) } : {}),
      ...(ofNotification ? { index: 'notification' } : {}),
    };
    return dialect.select(select);
  }

  return {
    contactsByIdentifier: dialect.select({
      inputs: inputsOf(identifiers, 'scope', 'kind', 'value'),
      give: () => givenContact,
      from: (input) => [
        {
          table: name(identifiers, 'k'),
          on: [`k.scope = ${input('scope')}`, `k.kind = ${input('kind')}`, `k.value = ${input('value')}`],
        },
        { table: name(contacts, 'c'), on: ['c.scope = k.scope', 'c.id = k.contact_id'] },
        ...contactJoins,
      ],
    }),
    contactsById: dialect.select({
      inputs: inputsOf(contacts, 'scope', 'id'),
      give: () => givenContact,
      from: (input) => [
        { table: name(contacts, 'c'), on: [`c.scope = ${input('scope')}`, `c.id = ${input('id')}`] },
        ...contactJoins,
      ],
    }),
    idempotency: byColumns(idempotency, ['scope', 'event', 'request_key']),
    suppressions: byColumns(suppressions, ['scope', 'hash']),
    notifications: byColumns(notifications, ['scope', 'id']),
    lockedNotifications: byColumns(notifications, ['scope', 'id'], true),
    messagesOf: byColumns(messages, ['scope', 'notification_id']),
    lockedMessagesOf: byColumns(messages, ['scope', 'notification_id'], true),
    messages: byColumns(messages, ['scope', 'id']),
    lockedMessages: byColumns(messages, ['scope', 'id'], true),
    contents: byColumns(contents, ['scope', 'message_id']),
    broadcasts: byColumns(broadcasts, ['scope', 'id']),
    recipients: byColumns(notifications, ['scope', 'broadcast_id', 'recipient_key']),
  };
}
