import { type Store, TidingsError, type Work } from '@tidings/core/spec';
import { expect } from 'vitest';
import type { ContractCase } from '../contract-case.ts';
import type { EngineTrial } from './engine-trial.ts';

/** Commits whose answer is lost: half of them were carried out, half were not. */
export const unansweredCase: ContractCase<EngineTrial> = {
  name: 'E15 commits without an answer: every send resolves, none is lost and none doubled',
  async run({ store, another, email, settled }) {
    const engine = another({ store: losing(store) });
    await engine.start();
    const addresses = Array.from({ length: 100 }, (_, n) => `lost${n}@example.com`);
    const sent = new Set<string>();
    for (let n = 0; n < addresses.length; n += 5) {
      const some = addresses.slice(n, n + 5);
      const results = await Promise.all(some.map((to) => engine.send('note', { to, payload: { text: 'x' } })));
      for (const { id, replayed } of results) {
        expect(replayed).toBe(false);
        sent.add(id);
      }
    }
    await engine.idle();
    await settled();
    expect(sent.size).toBe(addresses.length);
    expect(email.messages.map(({ to }) => to).sort()).toEqual([...addresses].sort());
    const { items, total } = await engine.messages.list({ total: true, limit: 100 });
    expect(total).toBe(addresses.length);
    expect(new Set(items.map(({ status, attempts }) => `${status} ${attempts}`))).toEqual(new Set(['sent 1']));
  },
};

/** The store, of which every third accept or settlement fails as if the connection had ended while it committed. */
function losing(store: Store): Store {
  let commits = 0;
  const lost = (): TidingsError =>
    new TidingsError('STORE_UNAVAILABLE', 'The answer was lost.', { retryable: true, details: { outcome: 'unknown' } });

  async function commit<R>(work: Work<R>): Promise<R> {
    if (work.kind !== 'accept' && work.kind !== 'settle') return store.commit(work);
    commits += 1;
    if (commits % 6 === 3) {
      const decide = (): never => {
        throw lost();
      };
      return store.commit({ ...work, decide });
    }
    const result = await store.commit(work);
    if (commits % 6 === 0) throw lost();
    return result;
  }

  return new Proxy(store, {
    get(target, key) {
      if (key === 'commit') return commit;
      if (key === 'close') return async () => {};
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
