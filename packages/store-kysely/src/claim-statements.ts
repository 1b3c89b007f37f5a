import type { Dialect } from './dialects/dialect.ts';
import { giveAll, inputsOf } from './read-statements.ts';
import type { Statement } from './statement.ts';
import { columnOf, tables } from './tables.ts';

/** The fixed statements of a claim. */
export interface ClaimStatements {
  readonly pausedLanes: Statement;
  readonly lease: Statement;
  readonly siblings: Statement;
  readonly nextDue: Statement;
  readonly contents: Statement;
  /** Which of these leases are held still, locked; without those that others have locked. */
  readonly lockedLeases: Statement;
  /** The same without locks. */
  readonly leases: Statement;
  readonly renew: Statement;
}

/** Compiles them for a dialect. */
export function claimStatements(dialect: Dialect): ClaimStatements {
  const { messages, lanes, contents } = tables;
  const name = dialect.table(messages);

  function leases(locked: boolean): Statement {
    return dialect.select({
      inputs: inputsOf(messages, 'scope', 'id', 'epoch'),
      give: () => ['t.scope AS scope', 't.id AS id', 't.epoch AS epoch'],
      from: (input) => [
        {
          table: `${name} t`,
          on: [
            ...['scope', 'id', 'epoch'].map((column) => `t.${column} = ${input(column)}`),
            't.lease_until IS NOT NULL',
          ],
        },
      ],
      ...(locked ? { lock: messages.key.map((column) => `t.${column}`), skipLocked: true } : {}),
    });
  }

  return {
    pausedLanes: dialect.select({
      inputs: inputsOf(lanes, 'lane'),
      give: () => giveAll(dialect, lanes, 't'),
      from: (input) => [{ table: `${dialect.table(lanes)} t`, on: [`t.lane = ${input('lane')}`] }],
    }),
    lease: dialect.update({
      table: messages,
      inputs: inputsOf(messages, 'scope', 'id', 'epoch', 'due_at'),
      match: (input, old) => ['scope', 'id', 'epoch'].map((column) => `${old(column)} = ${input(column)}`),
      set: (input) => ({
        epoch: `${input('epoch')} + 1`,
        due_at: input('due_at'),
        lease_until: input('due_at'),
      }),
      guard: true,
      byKey: true,
    }),
    siblings: dialect.select({
      inputs: inputsOf(messages, 'scope', 'notification_id'),
      give: (input) => [
        `${input('scope')} AS scope`,
        `${input('notification_id')} AS id`,
        `(SELECT count(*) FROM ${name} m WHERE m.scope = ${input('scope')} AND m.notification_id = ${input('notification_id')}) AS siblings`,
      ],
    }),
    nextDue: dialect.select({
      inputs: inputsOf(messages, 'lane'),
      give: (input) => [
        `${dialect.read(columnOf(messages, 'lane'), input('lane'))} AS lane`,
        ...[0, 1, 2].map(
          (priority) =>
            `(SELECT m.due_at FROM ${name} m WHERE m.lane = ${input('lane')} AND m.priority = ${priority} AND m.due_at IS NOT NULL ORDER BY m.due_at LIMIT 1) AS due${priority}`,
        ),
      ],
    }),
    contents: dialect.select({
      inputs: inputsOf(contents, 'scope', 'message_id'),
      give: () => giveAll(dialect, contents, 't'),
      from: (input) => [
        {
          table: `${dialect.table(contents)} t`,
          on: [`t.scope = ${input('scope')}`, `t.message_id = ${input('message_id')}`],
        },
      ],
    }),
    lockedLeases: leases(true),
    leases: leases(false),
    renew: dialect.update({
      table: messages,
      inputs: inputsOf(messages, 'scope', 'id', 'due_at'),
      match: (input, old) => ['scope', 'id'].map((column) => `${old(column)} = ${input(column)}`),
      set: (input) => ({ due_at: input('due_at'), lease_until: input('due_at') }),
      // The rows are locked. One that is renewed twice in the same millisecond is not counted as changed everywhere.
      guard: false,
      byKey: true,
    }),
  };
}
