import type { Store } from '@tidings/core/spec';
import type { HostTransaction } from '@tidings/testing';

/** A library of a host's, connected to an empty place of a server that has a table `orders`. */
export interface Library<Tx = unknown> {
  /** A store beside it that joins its transactions. */
  open(options: { readonly now?: () => number }): Store<Tx>;
  /** Its own way to begin, commit, and roll back what throws. */
  transaction<R>(run: (transaction: Tx) => Promise<R>, isolation?: 'repeatable read'): Promise<R>;
  /** Its own way to begin a transaction inside one. */
  nested<R>(transaction: Tx, run: (inner: Tx) => Promise<R>): Promise<R>;
  /** Inserts an order as hosts of that library do. */
  order(transaction: Tx, id: number): Promise<unknown>;
  /** What is no transaction, and what it is called. */
  readonly wrong: readonly (readonly [given: unknown, name: string])[];
  /** Sends a text on a connection of its own. */
  read(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** A connection that stays the same, for somebody else's transaction. */
  stranger(): Promise<{ run(sql: string): Promise<unknown>; release(): void }>;
  /** Ends the connections that wait for a lock of a row of this place. */
  killWaiting(): Promise<number>;
  drop(): Promise<void>;
}

/** Where the host keeps its orders. */
export const createOrders = 'CREATE TABLE orders (id int PRIMARY KEY)';

/** A transaction of the library that is ended from outside. */
export async function heldOpen<Tx>(library: Library<Tx>): Promise<HostTransaction> {
  let begin: (transaction: Tx) => void = () => {};
  const begun = new Promise<Tx>((resolve) => {
    begin = resolve;
  });
  let end: (commit: boolean) => void = () => {};
  const ended = new Promise<boolean>((resolve) => {
    end = resolve;
  });
  const rolledBack = new Error('rolled back by the host');
  const whole = library
    .transaction(async (transaction) => {
      begin(transaction);
      if (!(await ended)) throw rolledBack;
    })
    .catch((error: unknown) => {
      if (error !== rolledBack) throw error;
    });
  const transaction = await begun;
  const ids = new Map<string, number>();
  return {
    transaction,
    async note(text) {
      lastOrder += 1;
      ids.set(text, lastOrder);
      await library.order(transaction, lastOrder);
    },
    async commit() {
      end(true);
      await whole;
    },
    async rollback() {
      end(false);
      await whole;
    },
    async notes() {
      const rows = await library.read('SELECT id FROM orders ORDER BY id');
      const there = new Set(rows.map(({ id }) => Number(id)));
      return [...ids].flatMap(([text, id]) => (there.has(id) ? [text] : []));
    },
  };
}

let lastOrder = 1_000;
