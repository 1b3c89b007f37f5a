import { type Decision, type Facts, type Reads, TidingsError, type Work, type Writes } from '@tidings/core/spec';
import type { Context } from './context.ts';
import { isLockTimeout } from './driver-errors.ts';
import { readFirst, readMore } from './reads.ts';
import { rerun, Thrown, WrongGates } from './rerun.ts';
import { ask, type Begin, type Script } from './statement.ts';
import { write } from './writes.ts';

type Gate = Begin['gate'];

// Who leases takes its scopes' gates shared, who suppresses takes them exclusively: so a lease either precedes a
// suppression, which then sees and revokes it, or sees the suppression. Contacts are no different: of one that is being
// erased nothing may be added.
const gateOf: Readonly<Record<Work<unknown>['kind'], Gate>> = {
  accept: 'shared',
  settle: 'shared',
  broadcast: 'shared',
  feedback: 'shared',
  suppressions: 'exclusive',
  contacts: 'shared',
  cancel: 'none',
};

/** Reads of more reads than this, one after the other, are no plan. */
export const mostReads = 50;

/** read → decide → write, run again from the read while somebody else is first. */
export function commit<R>(context: Context, work: Work<R>): Promise<R> {
  const scopes = new Set(scopesOf(work.reads));
  let gate = gateOf[work.kind];

  /** Gates the transaction did not begin with: nothing was read of these scopes yet, so they are not too late. */
  function* enter(wanted: Iterable<number>): Script<void> {
    const more = [...new Set(wanted)].filter((scope) => !scopes.has(scope)).sort((a, b) => a - b);
    for (const scope of more) scopes.add(scope);
    yield* ask(context.dialect.gates(gate, more).map((text) => context.dialect.once(text, [])));
  }

  // Set once the gates are ours: what is waited for from then on are rows.
  let inside = false;

  function* script(): Script<R> {
    inside = true;
    const facts = yield* readFirst(context, work.reads);
    for (let reads = 0; reads < mostReads; reads += 1) {
      const decision = decide(work, facts.facts());
      if (decision.more === undefined) {
        const suppresses = (decision.writes.suppressions?.put?.length ?? 0) > 0;
        if (suppresses && gate !== 'exclusive') {
          gate = 'exclusive';
          for (const scope of scopesWritten(decision.writes)) scopes.add(scope);
          throw new WrongGates();
        }
        yield* enter(scopesWritten(decision.writes));
        if (isEmpty(decision.writes)) yield* ask([], true);
        else yield* write(context.writes, decision.writes, facts.now);
        return decision.result;
      }
      yield* enter(scopesOf(decision.more));
      yield* readMore(context, decision.more, facts);
    }
    throw new Thrown(
      new TidingsError('INTERNAL', `A decision asked for more facts ${mostReads} times; it must end by itself.`),
    );
  }

  return rerun(
    () => {
      inside = false;
      return context.driver.transaction(
        { mode: 'write', gate, scopes: gate === 'none' ? [] : [...scopes].sort((a, b) => a - b) },
        script,
      );
    },
    {
      ...context.patience(work.attempts),
      giveUp: (error) => (work.patient === false && inside && isLockTimeout(error) ? lockedRow(error) : undefined),
    },
  );
}

function lockedRow(cause: unknown): TidingsError {
  return new TidingsError('STORE_BUSY', 'A row of this batch is locked by somebody else; nothing was written.', {
    cause,
    retryable: true,
    details: { lock: 'row' },
  });
}

/** Reads at one moment, without writing. */
export function load(context: Context, reads: Reads): Promise<Facts> {
  function* script(): Script<Facts> {
    const { lock: _, ...plain } = reads;
    const facts = yield* readFirst(context, plain);
    yield* ask([], true);
    return facts.facts();
  }
  return snapshot(context, script);
}

/** Runs a script that only reads. */
export function snapshot<R>(context: Context, script: () => Script<R>): Promise<R> {
  return rerun(
    () => context.driver.transaction({ mode: 'snapshot', gate: 'none', scopes: [] }, script),
    context.patience(),
  );
}

/** Runs a script that writes without asking core. */
export function change<R>(context: Context, script: () => Script<R>, begin: Partial<Begin> = {}): Promise<R> {
  return rerun(
    () => context.driver.transaction({ mode: 'write', gate: 'none', scopes: [], ...begin }, script),
    context.patience(),
  );
}

export function decide<R>(work: Work<R>, facts: Facts): Decision<R> {
  try {
    return work.decide(facts);
  } catch (error) {
    throw new Thrown(error);
  }
}

function scopesOf(reads: Reads): number[] {
  const { lock: _, ...lists } = reads;
  return Object.values(lists).flatMap((keys) => keys.map(({ scope }) => scope));
}

function* scopesWritten(writes: Writes): Iterable<number> {
  for (const part of Object.values(writes) as readonly object[]) {
    for (const rows of Array.isArray(part) ? [part] : Object.values(part ?? {})) {
      for (const row of (rows ?? []) as readonly { readonly scope?: number }[]) {
        if (row.scope !== undefined) yield row.scope;
      }
    }
  }
}

function isEmpty(writes: Writes): boolean {
  return Object.values(writes).every((part: unknown) =>
    Array.isArray(part)
      ? part.length === 0
      : part === undefined || Object.values(part as object).every((rows) => rows === undefined || rows.length === 0),
  );
}
