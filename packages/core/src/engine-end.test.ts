import { describe, expect, test } from 'vitest';
import { refusal, trial } from '../test/engine-trial.ts';
import { settle } from '../test/manual-clock.ts';
import { type Answer, defineEvent, inProcessQueue, memoryStore } from './index.ts';

const to = 'jane@example.com';
const stopped = {
  code: 'ENGINE_STOPPED',
  message: 'The engine was stopped and takes no more work. Create another one.',
};
const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index}@example.com`);

/** Answers when told to. */
function held(): { answer: Answer; release(): void; readonly open: number } {
  const waiting: (() => void)[] = [];
  return {
    answer: (_message, { signal }) =>
      new Promise((resolve) => {
        waiting.push(() => resolve({ outcome: 'accepted' }));
        signal.addEventListener('abort', () => resolve({ outcome: 'unknown', reason: 'aborted' }));
      }),
    release: () => {
      for (const answer of waiting.splice(0)) answer();
    },
    get open() {
      return waiting.length;
    },
  };
}

describe('stopping', () => {
  test('lets running calls end, begins no other, and refuses more', async () => {
    const { answer, release } = held();
    const on = trial({ answer });
    const sent = await on.one('mail', { to });
    await on.clock.advance(0);
    let done = false;
    const stopping = on.engine.stop().then(() => {
      done = true;
    });
    await settle();
    expect(done).toBe(false);
    expect(await refusal(() => on.one('mail', { to }))).toEqual(stopped);
    expect(await refusal(() => on.engine.start())).toEqual(stopped);
    expect(await refusal(() => on.engine.contacts.list())).toEqual(stopped);
    for (const engine of [on.engine, on.engine.untyped, on.engine.for({ tenant: 'acme' })]) {
      expect(await refusal(() => engine.on('error', () => {}))).toEqual(stopped);
    }
    release();
    await stopping;
    const { items } = await on.store.listMessages({ scope: 1, limit: 1 });
    expect(items[0]).toMatchObject({ id: sent.deliveries[0]?.id, status: 'sent' });
  });

  test('leaves the queue at once, so that wake-ups go to others while its calls end', async () => {
    const { answer, release } = held();
    let left = false;
    const queue = {
      ...inProcessQueue(),
      consume: async () => async () => {
        left = true;
      },
    };
    const on = trial({ answer, queue });
    await on.one('mail', { to });
    await on.clock.advance(0);
    const stopping = on.engine.stop();
    await settle();
    expect(left).toBe(true);
    release();
    await stopping;
  });

  test('aborts what runs past the grace, and settles it', async () => {
    const { answer } = held();
    const on = trial({ answer, delivery: { graceMs: 3000 } });
    await on.one('mail', { to });
    await on.clock.advance(0);
    let done = false;
    const stopping = on.engine.stop().then(() => {
      done = true;
    });
    await on.clock.advance(2999);
    expect(done).toBe(false);
    await on.clock.advance(1);
    await stopping;
    const { items } = await on.store.listMessages({ scope: 1, limit: 1 });
    expect(items[0]).toMatchObject({ status: 'queued', attempts: 1, errorCode: 'PROVIDER_TIMEOUT', leaseUntil: null });
  });

  test('twice is once, and closes what the engine was given once', async () => {
    const closed: string[] = [];
    const store = { ...memoryStore(), close: async () => void closed.push('store') };
    const queue = { ...inProcessQueue(), close: async () => void closed.push('queue') };
    const adapter = {
      specVersion: 1 as const,
      name: 'mailer',
      channel: 'email',
      send: async () => ({ outcome: 'accepted' as const }),
      close: async () => {
        closed.push('adapter');
        throw new Error('x');
      },
    };
    const on = trial({ store, queue, adapters: [adapter] });
    await on.one('mail', { to });
    const first = on.engine.stop();
    expect(on.engine.for({ tenant: 'a' }).stop()).toEqual(first);
    await first;
    await on.engine.stop();
    expect(closed).toEqual(['queue', 'adapter', 'store']);
    expect(on.logged).toEqual(['warn An adapter did not close.']);
  });

  test.each(['rejects', 'throws'])('closes everything else when one %s', async (how) => {
    const closed: string[] = [];
    const failing = (name: string) => (): Promise<void> => {
      closed.push(name);
      if (how === 'throws') throw new Error('x');
      return Promise.reject(new Error('x'));
    };
    const adapter = (name: string, channel: string) => ({
      specVersion: 1 as const,
      name,
      channel,
      send: async () => ({ outcome: 'accepted' as const }),
      close: failing(name),
    });
    const on = trial({
      store: { ...memoryStore(), close: failing('store') },
      queue: { ...inProcessQueue(), close: failing('queue') },
      adapters: [adapter('mailer', 'email'), adapter('texter', 'sms')],
    });
    await on.one('mail', { to });
    await on.engine.stop();
    expect(closed).toEqual(['queue', 'mailer', 'texter', 'store']);
    expect(on.logged).toEqual([
      'warn The queue did not close.',
      'warn An adapter did not close.',
      'warn An adapter did not close.',
      'warn The store did not close.',
    ]);
  });

  test('before anything was done is fine, and leaves no timer', async () => {
    const on = trial();
    await on.engine.stop();
    const used = trial();
    await used.done('mail', { to });
    await used.engine.stop();
    await used.clock.advance(0);
    expect([on.clock.held, used.clock.held]).toEqual([0, 0]);
  });

  test('refuses a send that was still being read', async () => {
    let validated: () => void = () => {};
    const payload = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) =>
          new Promise<{ value: object }>((resolve) => {
            validated = () => resolve({ value: value as object });
          }),
      },
    };
    const slow = defineEvent({ payload, templates: { email: { en: { subject: 'x', text: 'x' } } } });
    const on = trial({ events: { slow } });
    await on.engine.start();
    const sending = refusal(() => on.one('slow', { to, payload: {} }));
    await settle();
    await on.engine.stop();
    validated();
    expect(await sending).toEqual(stopped);
  });

  test('ends whoever waits for idle', async () => {
    const { answer } = held();
    const on = trial({ answer, delivery: { graceMs: 0 } });
    await on.many('mail', { to: numbered(300) });
    const idle = on.engine.idle();
    const stopping = on.engine.stop();
    await on.clock.advance(1);
    await Promise.all([idle, stopping]);
  });
});

describe('draining', () => {
  test('works off what is due without being started, and says how much', async () => {
    const on = trial({ autoStart: false });
    await on.many('mail', { to: numbered(450) });
    expect(await on.engine.drain()).toEqual({ handled: 450, empty: true });
    expect(on.email.messages).toHaveLength(450);
    expect(await on.engine.drain()).toEqual({ handled: 0, empty: true });
    await on.one('mail', { to });
    await on.clock.advance(10_000);
    expect(on.email.messages).toHaveLength(450);
    expect(on.clock.held).toBe(0);
  });

  test('does not wait for what is due later', async () => {
    const on = trial({ autoStart: false, answer: { outcome: 'retry', reason: 'busy' } });
    await on.one('mail', { to });
    expect(await on.engine.drain()).toEqual({ handled: 1, empty: true });
  });

  test('within a budget lets what began end, and leaves the rest', async () => {
    const { answer, release } = held();
    const on = trial({ autoStart: false, answer });
    await on.many('mail', { to: numbered(250) });
    const draining = on.engine.drain({ budget: '2 seconds' });
    await on.clock.advance(2000);
    release();
    expect(await draining).toEqual({ handled: 200, empty: false });
    await on.clock.advance(10_000);
    expect((await on.engine.messages.list({ status: 'queued', total: true })).total).toBe(50);
  });

  test('waits for a rate, which holds the process meanwhile', async () => {
    const seen: string[] = [];
    const adapter = {
      specVersion: 1 as const,
      name: 'mailer',
      channel: 'email',
      lane: { rate: { limit: 1, perMs: 1000 } },
      send: async (message: { to: string }) => {
        seen.push(message.to);
        return { outcome: 'accepted' as const };
      },
    };
    const on = trial({ autoStart: false, adapters: [adapter] });
    await on.many('mail', { to: numbered(3) });
    const draining = on.engine.drain();
    await settle();
    expect([seen.length, on.clock.held > 0]).toEqual([1, true]);
    await on.clock.advance(2000);
    expect(await draining).toEqual({ handled: 3, empty: true });
    expect(on.clock.held).toBe(0);
  });

  test('does not spin while calls are open', async () => {
    const { answer, release } = held();
    const on = trial({ autoStart: false, answer });
    let beats = 0;
    const { claim } = on.store;
    on.store.claim = async (request) => {
      beats += 1;
      return claim(request);
    };
    const { setImmediate: real } = globalThis;
    await on.one('mail', { to });
    const draining = on.engine.drain();
    await settle();
    let turns = 0;
    globalThis.setImmediate = ((...args: Parameters<typeof real>) => {
      turns += 1;
      return real(...args);
    }) as typeof real;
    try {
      for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => real(resolve));
    } finally {
      globalThis.setImmediate = real;
    }
    expect([turns, beats <= 3]).toEqual([0, true]);
    release();
    await draining;
  });

  test('twice at once ends both', async () => {
    const on = trial({ autoStart: false });
    await on.many('mail', { to: numbered(450) });
    const [one, two] = await Promise.all([on.engine.drain(), on.engine.drain()]);
    expect([one.empty, two.empty]).toEqual([true, true]);
    expect(on.email.messages).toHaveLength(450);
  });

  test.each(['soon', '0 seconds', 5])('a budget of %j is refused', async (budget) => {
    const on = trial();
    expect(await refusal(() => on.engine.drain({ budget: budget as never }))).toMatchObject({
      code: 'CONFIGURATION_INVALID',
      path: 'budget',
    });
  });
});
