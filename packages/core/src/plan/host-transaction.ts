import { AsyncLocalStorage } from 'node:async_hooks';
import { type Store, TidingsError } from '../spec/index.ts';
import type { Context } from './context.ts';

/** A transaction that `engine.transaction` began, as what runs in it sees it. */
interface Begun {
  readonly store: unknown;
  readonly transaction: unknown;
  /** To be done once it is committed. */
  readonly after: (() => void)[];
  open: boolean;
}

const begun = new AsyncLocalStorage<Begun>();

/**
 * The host's transaction that a call takes part in; undefined: a commit of its own. Left unread, or forgotten inside
 * `engine.transaction`, a call would commit for itself what the host may yet roll back.
 */
export function transactionOf(
  call: string,
  options: { readonly transaction?: unknown },
  { store }: Pick<Context, 'store'>,
): unknown {
  const { transaction: given } = options;
  if (given === undefined) {
    if (openOf(store)) throw unsaid(call);
    if ('transaction' in options) {
      throw new TidingsError(
        'VALIDATION_ERROR',
        `${call}: transaction is undefined. Give the open one; where there is none leave it out, or say 'none'.`,
        { path: 'transaction' },
      );
    }
    return undefined;
  }
  if (store.capabilities.transactions !== true) {
    throw new TidingsError('VALIDATION_ERROR', `${call}: transaction is not supported by this store.`, {
      path: 'transaction',
    });
  }
  return given === 'none' ? undefined : given;
}

/** As {@link transactionOf}, for a call whose only option it is. */
export function readTransaction(call: string, options: unknown, on: Pick<Context, 'store'>): unknown {
  const given = typeof options === 'object' && options !== null ? (options as Record<string, unknown>) : {};
  const unknown = Object.keys(given).find((key) => key !== 'transaction' && given[key] !== undefined);
  if (unknown !== undefined) {
    throw new TidingsError('VALIDATION_ERROR', `${call}: ${unknown} is no option.`, { path: unknown });
  }
  return transactionOf(call, given, on);
}

/**
 * The context of a call that takes part in the host's transaction: what it reads and writes happens there. What it reports
 * is told after the commit where the engine began the transaction, and otherwise never, since nobody says that it was.
 */
export function joinTransaction(on: Context, transaction: unknown): Context {
  if (transaction === undefined) return on;
  return {
    ...on,
    store: joinedStore(on.store, transaction),
    report: (report) => afterCommit(transaction, () => on.report(report)),
  };
}

/** Calls `then` once the transaction is committed, if the engine began it. */
export function afterCommit(transaction: unknown, then: () => void): void {
  const state = begun.getStore();
  if (state?.open && state.transaction === transaction) state.after.push(then);
}

/** Runs what goes on for longer than the call it begins with. */
export const outsideTransaction = <R>(run: () => R): R => begun.exit(run);

/** Begins a transaction, runs `run` in it and commits; then does what waited for that. */
export async function beginTransaction<R>(run: (transaction: unknown) => Promise<R>, on: Context): Promise<R> {
  const { store } = on;
  if (typeof run !== 'function') {
    throw new TidingsError('VALIDATION_ERROR', 'engine.transaction takes a function that is given the transaction.');
  }
  if (openOf(store)) {
    throw new TidingsError('VALIDATION_ERROR', 'engine.transaction: one is open already; pass on what it gave.');
  }
  if (!store.transaction) {
    throw new TidingsError(
      'NOT_SUPPORTED',
      'engine.transaction: this store cannot begin one. Begin it yourself and pass it as `transaction`.',
    );
  }
  const after: (() => void)[] = [];
  const result = await store.transaction(async (transaction: unknown) => {
    const state: Begun = { store, transaction, after, open: true };
    try {
      return await begun.run(state, () => run(transaction));
    } finally {
      state.open = false;
    }
  });
  for (const then of after) then();
  return result;
}

/** Whether the call comes from inside `engine.transaction`. */
export const isInTransaction = ({ store }: Pick<Context, 'store'>): boolean => openOf(store);

function openOf(store: unknown): boolean {
  const state = begun.getStore();
  return state?.open === true && state.store === store;
}

function unsaid(call: string): TidingsError {
  return new TidingsError(
    'VALIDATION_ERROR',
    `${call}: inside engine.transaction a call must say whether it takes part: pass \`transaction\`, or \`transaction: 'none'\` for a commit of its own.`,
    { path: 'transaction' },
  );
}

// biome-ignore lint/suspicious/noExplicitAny: the host's transaction type is checked at the engine's edge
function joinedStore(store: Store<any>, transaction: unknown): Store<any> {
  const options = { transaction };
  // biome-ignore lint/suspicious/noExplicitAny: the host's transaction type is checked at the engine's edge
  const joined: Partial<Store<any>> = {
    commit: (work) => store.commit(work, options),
    load: (reads) =>
      store.commit({ kind: 'contacts', reads, decide: (facts) => ({ writes: {}, result: facts }) }, options),
    listMessages: (query) => store.listMessages(query, options),
    listNotifications: (query) => store.listNotifications(query, options),
  };
  return new Proxy(store, {
    get(target, name) {
      const found: unknown = Reflect.get(joined, name) ?? Reflect.get(target, name);
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
}
