import { TidingsError } from '@tidings/core';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { ContractCase } from '../contract-case.ts';
import { effort } from '../effort.ts';
import type { EngineTrial } from './engine-trial.ts';

const people = 40;
const person = fc.nat(people - 1);
const recipient = fc.oneof(
  person.map((n) => `fuzz${n}@example.com`),
  person.map((n) => `+4670${String(1_000_000 + n)}`),
  person.map((n) => ({ email: `fuzz${n}@example.com`, phone: `+4670${String(1_000_000 + n)}`, n })),
  person.map((n) => ({ externalId: `fuzz${n}`, phone: `+4670${String(1_000_000 + n)}` })),
  fc.constant('nobody'),
  fc.constant('no@address@at.all'),
);
const send = fc.record({
  to: fc.oneof(
    { weight: 5, arbitrary: recipient },
    { weight: 1, arbitrary: fc.array(recipient, { minLength: 1, maxLength: 6 }) },
  ),
  text: fc.string({ unit: 'binary', maxLength: 40 }),
  channel: fc.option(fc.constantFrom('email', 'sms'), { nil: undefined, freq: 6 }),
  key: fc.option(fc.nat(30).map(String), { nil: undefined, freq: 3 }),
  suppress: fc.option(person, { nil: undefined, freq: 20 }),
  together: fc.boolean(),
});
const outcomes = [
  'accepted',
  'retry',
  'rejected',
  'badAddress',
  'misconfigured',
  'unknown',
  'throw',
  'garbage',
] as const;

/** Statuses a message may have when nothing is queued any more and no feedback came. */
const ended = ['sent', 'failed', 'suppressed', 'unknown'];

/** Random sends, outcomes and suppressions, many at once: whatever happens, no row ends in a state the table does not allow. */
export const fuzzCase: ContractCase<EngineTrial> = {
  name: 'E12 random sends never leave a row in a state the table does not allow',
  async run({ engine, email, sms, settled }) {
    const count = effort({ quick: 300, ci: 1000, verify: 10_000 });
    const seed = Number(process.env.TIDINGS_SEED ?? Date.now() % 1_000_000);
    const sends = fc.sample(send, { numRuns: count, seed });
    const chosen = fc.sample(fc.constantFrom(...outcomes), { numRuns: 997, seed });
    let calls = 0;
    const answer = (): never => {
      calls += 1;
      const outcome = chosen[calls % chosen.length];
      if (outcome === 'throw') throw new Error('the adapter broke');
      if (outcome === 'garbage') return undefined as never;
      return (outcome === 'accepted' ? { outcome, providerId: `p${calls}` } : { outcome, reason: 'drawn' }) as never;
    };
    email.fail(answer);
    sms.fail(answer);

    const accepted: string[] = [];
    let running: Promise<unknown>[] = [];
    for (const { to, text, channel, key, suppress, together } of sends) {
      if (suppress !== undefined) running.push(engine.suppressions.add({ address: `fuzz${suppress}@example.com` }));
      const sending = engine.untyped
        .send('note', {
          to,
          payload: { text },
          ...(channel === undefined ? {} : { channel }),
          ...(key === undefined ? {} : { idempotencyKey: key }),
        })
        .then(
          (sent) => {
            if (sent.replayed) return;
            accepted.push(...('id' in sent ? [sent.id] : sent.accepted.map(({ id }) => id)));
          },
          (error: unknown) => {
            if (!TidingsError.is(error) || error.code.startsWith('STORE') || error.code === 'INTERNAL') throw error;
          },
        );
      running.push(sending);
      if (together && running.length < 60) continue;
      await Promise.all(running);
      running = [];
    }
    await Promise.all(running);
    await settled();

    const said = `seed ${seed}`;
    const seen = new Set<string>();
    let cursor: string | null = null;
    do {
      const page = await engine.notifications.list({ limit: 200, ...(cursor === null ? {} : { cursor }) });
      for (const { id } of page.items) {
        seen.add(id);
        const { status, completedAt, messages } = await engine.notifications.get(id);
        expect(messages.length, said).toBeGreaterThan(0);
        for (const message of messages) {
          expect(ended, said).toContain(message.status);
          expect(message.attempts, said).toBeLessThanOrEqual(5);
          expect(message.sentAt === null, said).toBe(message.status !== 'sent');
        }
        const allFailed = messages.every((message) => message.status === 'failed');
        expect(status, said).toBe(allFailed ? 'failed' : 'completed');
        expect(completedAt, said).not.toBeNull();
      }
      cursor = page.cursor;
    } while (cursor !== null);
    expect([...seen].sort(), said).toEqual([...accepted].sort());
    const attempts = new Map<string, number>();
    for (const { id } of [...email.messages, ...sms.messages]) attempts.set(id, (attempts.get(id) ?? 0) + 1);
    for (const [id, made] of attempts) expect((await engine.messages.get(id)).attempts, said).toBe(made);
  },
};
