import {
  type Answer,
  checkGuard,
  type Observe,
  type Param,
  type Query,
  type RawRow,
  type Script,
} from './statement.ts';
import type { TransactionExecutor, TransactionParameter } from './transaction.ts';

/** The inside of a host's transaction. */
export interface JoinedSession {
  /** Sends one text without parameters. */
  run(text: string): Promise<readonly RawRow[]>;
  /** Runs a script to its end; it neither begins nor commits. */
  play<R>(script: Script<R>): Promise<R>;
  /** Whether anything may have been written so far. */
  written(): boolean;
}

/** Scripts through nothing but a function from a text and its parameters to rows. */
export function createSession(executor: TransactionExecutor, observe: Observe | null): JoinedSession {
  let written = 0;

  async function send(text: string, parameters: readonly Param[]): Promise<readonly RawRow[]> {
    observe?.({ text, trip: 1 });
    return executor.query(text, parameters as readonly TransactionParameter[]);
  }

  async function answer(query: Query): Promise<Answer> {
    const { text, gives, guard, bind } = query.statement;
    const rows: RawRow[] = [];
    let changes = 0;
    for (const parameters of bind(query.rows)) {
      const given = await send(text, parameters);
      if (gives === 'rows') for (const row of given) rows.push(row);
      else if (guard === 'none') written += 1;
      // where nothing that changes rows gives any
      else changes += Number((await send('SELECT ROW_COUNT() AS changed', []))[0]?.changed);
    }
    if (guard === 'counts') {
      if (gives === 'rows') changes = rows.length;
      written += changes;
    }
    checkGuard(query, changes);
    return { rows, changes };
  }

  return {
    run: (text) => send(text, []),
    async play(script) {
      let step = script.next();
      while (!step.done) {
        const answers: Answer[] = [];
        for (const query of step.value.queries) answers.push(await answer(query));
        step = script.next(answers);
      }
      return step.value;
    },
    written: () => written > 0,
  };
}
