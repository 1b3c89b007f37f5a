import { describe, expect, test } from 'vitest';
import { messageOf, type Trial, type TrialOptions, trial } from '../../test/engine-trial.ts';
import { manualClock, settle } from '../../test/manual-clock.ts';
import { memoryStore } from '../index.ts';

const jane = 'jane@example.com';
const exact = { cancelled: 1, alreadyHandedOver: 0 };

/** Ends the message, and says how it stands then. */
const stops = {
  cancel: [(on: Trial) => on.engine.cancel('mail', { to: jane }), 'cancelled'],
  suppress: [(on: Trial) => on.engine.suppressions.add({ address: jane }), 'suppressed'],
  erase: [(on: Trial) => on.engine.contacts.delete(jane), 'cancelled'],
} as const;

/** Answers that are given when told, once `hold` was called. */
function gate(): { hold(): void; open(): void; pass(): Promise<void> } {
  let closed: Promise<void> | undefined;
  let open: () => void = () => {};
  return {
    hold() {
      closed = new Promise((resolve) => {
        open = resolve;
      });
    },
    open() {
      closed = undefined;
      open();
    },
    pass: async () => closed,
  };
}

/** A message that waits for a claim, and a store whose answers to one kind of question can be kept back. */
async function waiting(
  late: 'claim' | 'load' | 'accept',
  options: TrialOptions = {},
): Promise<{
  readonly on: Trial;
  readonly answers: ReturnType<typeof gate>;
}> {
  const clock = manualClock();
  const answers = gate();
  const store = memoryStore({ now: clock.now });
  const { claim, load, commit } = store;
  store.claim = async (wanted) => {
    const got = await claim(wanted);
    if (late === 'claim') await answers.pass();
    return got;
  };
  store.load = async (reads) => {
    const facts = await load(reads);
    if (late === 'load' && reads.suppressions !== undefined) await answers.pass();
    return facts;
  };
  store.commit = async (work, options) => {
    const result = await commit(work, options);
    if (late === 'accept' && work.kind === 'accept') await answers.pass();
    return result;
  };
  return { on: trial({ store, clock, autoStart: false, ...options }), answers };
}

describe.each(Object.entries(stops))('%s', (_, [stop, status]) => {
  test.each(['claim', 'accept'] as const)(
    'waits for a lease whose %s is not answered yet, and takes it back',
    async (late) => {
      const { on, answers } = await waiting(late);
      if (late === 'claim') await on.one('mail', { to: jane });
      else await on.engine.start();
      answers.hold();
      const sending = late === 'accept' ? on.one('mail', { to: jane }) : on.engine.start();
      await settle();
      const stopped = stop(on);
      await settle();
      answers.open();
      expect(await stopped).toEqual(exact);
      await sending;
      await on.engine.idle();
      expect(on.email.messages).toEqual([]);
      const { items } = await on.engine.messages.list();
      expect(items).toMatchObject([{ status, attempts: 0 }]);
    },
  );

  test('takes back what was claimed and is still being looked up', async () => {
    const { on, answers } = await waiting('load');
    const sent = await on.one('mail', { to: jane });
    answers.hold();
    await on.engine.start();
    await settle();
    expect(await stop(on)).toEqual(exact);
    answers.open();
    await on.engine.idle();
    expect(on.email.messages).toEqual([]);
    expect(await messageOf(on, sent)).toMatchObject({ status, attempts: 0 });
  });
});

test('what is claimed and still being looked up keeps its lease when the last call ends', async () => {
  const { on, answers } = await waiting('load', {
    answer: () => new Promise((resolve) => (end = () => resolve({ outcome: 'accepted' }))),
  });
  let end: () => void = () => {};
  await on.engine.start();
  await on.one('mail', { to: jane });
  await settle();
  const producer = trial({ store: on.store, clock: on.clock, role: 'producer' });
  const { id } = await producer.one('mail', { to: 'joe@example.com' });
  answers.hold();
  await on.clock.advance(1000);
  end();
  await on.clock.advance(100_000);
  const [message] = (await on.store.load({ notifications: [{ scope: 1, id }] })).messages;
  expect((message?.leaseUntil ?? 0) > on.clock.now()).toBe(true);
  answers.open();
  await settle();
  end();
  await on.clock.advance(1000);
  expect(on.email.messages.map(({ call }) => call.attempt)).toEqual([1, 1]);
});
