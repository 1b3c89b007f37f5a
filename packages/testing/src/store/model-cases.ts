import type { ClaimedMessage, MessageStatus, Priority } from '@tidings/core/spec';
import fc from 'fast-check';
import { expect } from 'vitest';
import { type ContractCase, rejectsWith } from '../contract-case.ts';
import { effort } from '../effort.ts';
import { messageUpdate, putMessage, write } from './rows.ts';
import { type StoreTrial, tryOn } from './store-trial.ts';

type Step =
  | { readonly do: 'put'; readonly dueIn: number; readonly priority: Priority; readonly leaseIn: number | null }
  | { readonly do: 'claim'; readonly limit: number; readonly leaseMs: number; readonly claimers: number }
  | { readonly do: 'settle'; readonly pick: number; readonly status: MessageStatus; readonly dueIn: number }
  | { readonly do: 'cancel'; readonly pick: number }
  | { readonly do: 'advance'; readonly ms: number };

const ms = fc.integer({ min: 1, max: 20_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('put' as const),
    dueIn: fc.nat(5_000),
    priority: fc.constantFrom(0, 1, 2),
    leaseIn: fc.option(ms),
  }),
  fc.record({
    do: fc.constant('claim' as const),
    limit: fc.integer({ min: 1, max: 5 }),
    leaseMs: ms,
    claimers: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    do: fc.constant('settle' as const),
    pick: fc.nat(),
    status: fc.constantFrom('queued', 'sent', 'failed', 'unknown'),
    dueIn: fc.nat(5_000),
  }),
  fc.record({ do: fc.constant('cancel' as const), pick: fc.nat() }),
  fc.record({ do: fc.constant('advance' as const), ms }),
);

interface Expected {
  status: MessageStatus;
  epoch: number;
  priority: Priority;
  dueAt: number | null;
  leaseUntil: number | null;
}

/** What a store must hold after the same steps, worked out the plain way. */
class Model {
  readonly #trial: StoreTrial;
  readonly #rows = new Map<string, Expected>();
  /** Claims ever made: their holders may come back at any time. */
  readonly #held: ClaimedMessage[] = [];
  #now = 0;

  constructor(trial: StoreTrial) {
    this.#trial = trial;
  }

  async run(steps: readonly Step[]): Promise<void> {
    this.#now = (await this.#trial.store.load({})).now;
    for (const step of steps) {
      if (step.do === 'put') await this.#put(step);
      else if (step.do === 'claim') await this.#claim(step);
      else if (step.do === 'settle') await this.#settle(step);
      else if (step.do === 'cancel') await this.#cancel(step);
      else {
        await this.#trial.advance(step.ms);
        this.#now += step.ms;
      }
    }
    await this.#compare();
  }

  async #put({ dueIn, priority, leaseIn }: Extract<Step, { do: 'put' }>): Promise<void> {
    const { store, scope, lane } = this.#trial;
    const { id } = await putMessage(store, scope, { lane, dueIn, priority, leaseIn });
    const leaseUntil = leaseIn === null ? null : this.#now + leaseIn;
    this.#rows.set(id, { status: 'queued', epoch: 1, priority, dueAt: leaseUntil ?? this.#now + dueIn, leaseUntil });
  }

  async #claim({ limit, leaseMs, claimers }: Extract<Step, { do: 'claim' }>): Promise<void> {
    const due = [...this.#rows].filter(([, row]) => row.dueAt !== null && row.dueAt <= this.#now);
    const rank = ([, row]: [string, Expected]): number => row.priority * 2 ** 44 + ((row.dueAt ?? 0) - this.#now);
    due.sort((one, other) => rank(one) - rank(other));
    const got = (await Promise.all(Array.from({ length: claimers }, () => this.#trial.claim(limit, leaseMs)))).flat();
    // a claim beside another may skip what that one has locked; alone it leaves out nothing
    const wanted = due.slice(0, limit * claimers);
    if (claimers === 1) {
      const ranks = got.map(({ message }) => this.#rank(message.id, rank));
      expect(ranks.sort((one, other) => one - other)).toEqual(wanted.map(rank));
    }
    expect(got.length).toBeLessThanOrEqual(wanted.length);
    expect(new Set(got.map(({ message }) => message.id)).size).toBe(got.length);
    for (const claimed of got) {
      const row = this.#rows.get(claimed.message.id) ?? expect.fail('a row of another lane');
      expect(row.dueAt).not.toBeNull();
      expect(row.dueAt).toBeLessThanOrEqual(this.#now);
      expect(claimed.lapsed).toBe(row.leaseUntil !== null);
      row.epoch += 1;
      row.leaseUntil = this.#now + leaseMs;
      row.dueAt = row.leaseUntil;
      this.#held.push(claimed);
    }
  }

  #rank(id: string, rank: (row: [string, Expected]) => number): number {
    return rank([id, this.#rows.get(id) ?? expect.fail('a row of another lane')]);
  }

  async #settle({ pick, status, dueIn }: Extract<Step, { do: 'settle' }>): Promise<void> {
    const claimed = this.#held[pick % (this.#held.length || 1)];
    const row = claimed && this.#rows.get(claimed.message.id);
    if (!row) return;
    const retry = status === 'queued';
    const update = messageUpdate(claimed.message, { status, dueIn: retry ? dueIn : null });
    const settled = write(this.#trial.store, { messages: { update: [update] } }, 1);
    if (row.epoch !== claimed.message.epoch) {
      await rejectsWith('STORE_CONFLICT', settled);
      return;
    }
    await settled;
    Object.assign(row, { status, epoch: row.epoch + 1, leaseUntil: null, dueAt: retry ? this.#now + dueIn : null });
  }

  async #cancel({ pick }: Extract<Step, { do: 'cancel' }>): Promise<void> {
    const { store, scope } = this.#trial;
    const [id, row] = [...this.#rows][pick % (this.#rows.size || 1)] ?? [];
    if (id === undefined || row === undefined) return;
    const cancelled = await store.commit<boolean>({
      kind: 'cancel',
      reads: { messages: [{ scope, id }], lock: true },
      decide: ({ messages: [found] }) =>
        found?.status === 'queued'
          ? { writes: { messages: { update: [messageUpdate(found, { status: 'cancelled' })] } }, result: true }
          : { writes: {}, result: false },
    });
    expect(cancelled).toBe(row.status === 'queued');
    if (cancelled) Object.assign(row, { status: 'cancelled', epoch: row.epoch + 1, dueAt: null, leaseUntil: null });
  }

  async #compare(): Promise<void> {
    const { store, scope } = this.#trial;
    const { messages } = await store.load({ messages: [...this.#rows.keys()].map((id) => ({ scope, id })) });
    const found = messages.map(({ id, status, epoch, priority, dueAt, leaseUntil }) => [
      id,
      { status, epoch, priority, dueAt, leaseUntil },
    ]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(this.#rows));
  }
}

const claimOne: Step = { do: 'claim', limit: 1, leaseMs: 2_000, claimers: 1 };

/** Tried first, every time: due, leased, lapsed, taken over, settled by the one and by the other. What is drawn may miss one. */
const every: readonly Step[] = [
  { do: 'put', dueIn: 1_000, priority: 1, leaseIn: null },
  claimOne,
  { do: 'advance', ms: 1_000 },
  claimOne,
  claimOne,
  { do: 'advance', ms: 2_000 },
  claimOne,
  { do: 'settle', pick: 0, status: 'sent', dueIn: 0 },
  { do: 'settle', pick: 1, status: 'queued', dueIn: 500 },
  claimOne,
  { do: 'cancel', pick: 0 },
];

/** Random histories, checked against a model. */
export const modelCases: readonly ContractCase<StoreTrial>[] = [
  {
    name: 'random-histories: claims, settles, cancels and time, against a model',
    needs: ['advance'],
    async run({ store, advance, fresh }) {
      const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), (steps) =>
        tryOn({ store, advance, close: async () => {} }, fresh, (trial) => new Model(trial).run(steps)),
      );
      const numRuns = effort({ quick: 20, ci: 60, verify: 1_000 });
      await fc.assert(property, { numRuns, examples: [[[...every]]] });
    },
  },
];
