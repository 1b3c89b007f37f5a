import type { Outcome } from '@tidings/core/spec';
import type { Request } from './client.ts';
import type { Answer, Question } from './ports.ts';
import type { Scenario } from './scenario.ts';

const retry: Outcome = { outcome: 'retry', reason: 'busy' };
const unknown: Outcome = { outcome: 'unknown', reason: 'the connection was lost' };
const hello = { text: 'hello' };
const to = (name: string): Request => ({ to: `${name}@example.com`, payload: hello });
const phone = (last: number): string => `+4670123456${last}`;
const token = (name: string): string => `ExponentPushToken[${name}]`;

/** Gives these answers one after the other to each address, then accepts. */
const first =
  (...answers: readonly Answer[]) =>
  ({ nth }: Question): Answer =>
    answers[nth - 1] ?? 'accept';

async function together(...work: readonly Promise<unknown>[]): Promise<void> {
  await Promise.all(work);
}

async function times(count: number, work: (n: number) => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, n) => work(n)));
}

/** What is run with a fault at each of its operations. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'single-send',
    async run(client) {
      await client.send('note', to('ada'));
    },
  },
  {
    name: 'array',
    async run(client) {
      const people = ['ada@example.com', 'bob@example.com', 'nobody', 'cy@example.com'];
      await client.send('note', { to: people, payload: hello, idempotencyKey: 'array' });
    },
  },
  {
    name: 'concurrent-sends',
    async run(client) {
      await times(6, (n) => client.send('note', to(`person${n}`)));
    },
  },
  {
    name: 'idempotent-replay',
    async run(client) {
      const request = { ...to('ada'), idempotencyKey: 'signup-1' };
      await client.send('note', request);
      await client.send('note', request);
      await client.wait(2_000);
      await client.send('note', request);
      await client.send('note', { ...request, payload: { text: 'another' } });
    },
  },
  {
    name: 'same-key-at-once',
    hosts: ['a', 'b'],
    async run(client) {
      const request = { ...to('ada'), idempotencyKey: 'at-once' };
      await times(6, (n) => client.send('note', request, { host: n % 2 === 0 ? 'a' : 'b' }));
    },
  },
  {
    name: 'retry-then-success',
    provider: first(retry, retry),
    async run(client) {
      await together(client.send('note', to('ada')), client.send('note', to('bob')));
    },
  },
  {
    name: 'retry-after',
    provider: first({ ...retry, afterMs: 5_000 }, { ...retry, lane: { pauseMs: 2_500 } }),
    async run(client) {
      await client.send('note', to('ada'));
      await client.wait(1_000);
      await client.send('note', to('bob'));
    },
  },
  {
    name: 'attempts-exhausted',
    provider: ({ address }) => (address.startsWith('ada') ? retry : 'accept'),
    async run(client) {
      await together(client.send('note', to('ada')), client.send('note', to('bob')));
    },
  },
  {
    name: 'misconfigured',
    provider: first({ outcome: 'misconfigured', reason: 'wrong key' }),
    async run(client) {
      await together(client.send('note', to('ada')), client.send('note', to('bob')));
    },
  },
  {
    name: 'bad-address',
    provider: ({ address }) =>
      address.startsWith('ada') ? { outcome: 'badAddress', reason: 'no such mailbox' } : 'accept',
    async run(client) {
      await client.send('note', to('ada'));
      await client.wait(1_500);
      await client.send('note', to('ada'));
      const both = { to: { email: 'ada@example.com', phone: phone(1) }, payload: hello };
      await client.send('either', both);
    },
  },
  {
    name: 'unknown-retried',
    provider: first(unknown),
    async run(client) {
      await together(client.send('note', to('ada')), client.send('note', to('bob')));
    },
  },
  {
    name: 'unknown-held',
    provider: ({ address }) => (address === phone(1) ? unknown : 'accept'),
    async run(client) {
      await times(2, (n) => client.send('text', { to: phone(n + 1), payload: hello }));
    },
  },
  {
    name: 'late-answer',
    provider: ({ nth, address }) => (nth > 1 ? 'accept' : address.startsWith('ada') ? 'late' : 'never'),
    async run(client) {
      await together(client.send('note', to('ada')), client.send('note', to('bob')));
    },
  },
  {
    name: 'late-answer-held',
    provider: ({ address }) => (address === phone(1) ? 'late' : 'never'),
    async run(client) {
      await times(2, (n) => client.send('text', { to: phone(n + 1), payload: hello }));
    },
  },
  {
    name: 'push-partly-failing',
    provider: ({ address, nth }) => {
      if (address.includes('dead')) return { outcome: 'badAddress', reason: 'not registered' };
      return address.includes('busy') && nth === 1 ? retry : 'accept';
    },
    async run(client) {
      const pushTokens = [token('good'), token('dead'), token('busy'), token('fine')];
      await client.send('push', { to: { externalId: 'many', pushTokens }, payload: hello });
    },
  },
  {
    name: 'suppress-meanwhile',
    async run(client) {
      const sending = times(4, () => client.send('note', to('ada')));
      await together(sending, client.suppress('ada@example.com'), client.send('note', to('bob')));
      await client.send('note', to('ada'));
      await client.wait(1_000);
      await client.unsuppress('ada@example.com');
      await client.send('note', to('ada'));
    },
  },
  {
    name: 'suppress-while-a-retry-waits',
    provider: first(retry, retry),
    async run(client) {
      await together(client.send('note', to('ada')), client.send('note', to('bob')));
      await client.wait(100);
      await client.suppress('ada@example.com');
    },
  },
  {
    name: 'suppress-what-waits-for-a-slot',
    async run(client) {
      const person = (n: number): Request => ({ to: { telegram: `10000${n}` }, payload: hello });
      await times(4, (n) => client.send('slow', person(n)));
      await client.suppress('100003', { channel: 'telegram' });
      await client.suppress('100001', { channel: 'telegram' });
    },
  },
  {
    name: 'cancel-meanwhile',
    provider: first(retry),
    async run(client) {
      await together(client.send('note', to('ada')), client.send('note', to('bob')));
      await client.cancel('note', 'ada@example.com');
      await client.send('note', to('ada'));
      await client.wait(100);
      await client.cancel('note', 'ada@example.com');
    },
  },
  {
    name: 'cancel-what-waits-for-a-slot',
    hosts: ['a', 'b'],
    async run(client) {
      const person = (n: number): Request => ({
        to: { email: `slow${n}@example.com`, telegram: `40000${n}` },
        payload: hello,
      });
      await times(4, (n) => client.send('slow', person(n)));
      await client.cancel('slow', 'slow2@example.com', { host: 'b' });
      await client.cancel('slow', 'slow1@example.com');
    },
  },
  {
    name: 'erase-meanwhile',
    provider: first(retry),
    async run(client) {
      const gone = { to: { email: 'gone@example.com', name: 'Gunnar Gone' }, payload: { text: 'private words' } };
      await together(client.send('note', gone), client.send('note', to('stays')));
      await client.wait(50);
      await client.erase('gone@example.com', ['gone@example.com', 'gunnar', 'private words']);
    },
  },
  {
    name: 'broadcast-resumed',
    async run(client) {
      // Mostly unreadable recipients: what may go wrong are the edges of its chunks.
      const people = Array.from({ length: 520 }, (_, n) => (n % 130 === 0 ? `cast${n}@example.com` : `no one ${n}`));
      await client.broadcast('note', 'newsletter', people);
    },
  },
  {
    name: 'two-tenants',
    provider: ({ nth }) => (nth === 1 ? retry : 'accept'),
    async run(client) {
      const request = { ...to('ada'), idempotencyKey: 'same' };
      await together(
        client.send('note', request, { tenant: 'one' }),
        client.send('note', request, { tenant: 'two' }),
        client.suppress('ada@example.com', { tenant: 'three' }),
      );
      await client.send('note', request, { tenant: 'three' });
    },
  },
  {
    name: 'priorities-in-a-slow-lane',
    async run(client) {
      const priorities = ['bulk', 'normal', 'urgent', 'bulk', 'urgent'];
      await times(5, (n) =>
        client.send('slow', { to: { telegram: `20000${n}` }, payload: hello, priority: priorities[n] ?? 'normal' }),
      );
    },
  },
  {
    name: 'test-mode',
    async run(client) {
      await together(client.send('note', to('ada'), { mode: 'test' }), client.send('note', to('ada')));
      await client.suppress('ada@example.com', { mode: 'test' });
      await client.send('note', to('ada'));
    },
  },
  {
    name: 'stop-and-start',
    provider: ({ address, nth }) => (nth > 1 ? 'accept' : address.startsWith('slow') ? 'never' : retry),
    async run(client) {
      await together(client.send('note', to('slow')), client.send('note', to('ada')));
      const sending = times(3, (n) => client.send('note', to(`last${n}`)));
      await together(sending, client.host().stop());
      client.host().start();
      await client.send('note', to('after'));
    },
  },
  {
    name: 'two-processes',
    hosts: ['a', 'b'],
    provider: first(retry),
    async run(client) {
      await times(6, (n) => client.send('note', to(`shared${n}`), { host: n % 3 === 0 ? 'b' : 'a' }));
      await client.send('text', { to: phone(1), payload: hello }, { host: 'b' });
    },
  },
  {
    name: 'rolling-restart',
    hosts: ['a', 'b'],
    provider: ({ nth }) => (nth === 1 ? retry : 'accept'),
    async run(client) {
      await times(3, (n) => client.send('note', to(`rolling${n}`)));
      await client.host('a').stop();
      await client.send('note', to('meanwhile'), { host: 'b' });
      client.host('a').start();
      await client.host('b').stop();
      client.host('b').start();
    },
  },
  {
    name: 'listener-throws',
    prepare(engine) {
      engine.on('message.sent', () => {
        throw new Error('The listener broke.');
      });
      engine.on('notification.completed', async () => {
        throw new Error('The listener broke later.');
      });
    },
    async run(client) {
      await together(client.send('note', to('ada')), client.send('note', to('bob')));
    },
  },
  {
    name: 'poison',
    provider: ({ address }) => {
      if (address.startsWith('broken')) throw new Error('The adapter broke.');
      return address.startsWith('garbage') ? (undefined as never) : 'accept';
    },
    async run(client) {
      const poisoned = client.send('poison', to('poisoned'));
      await together(poisoned, client.send('note', to('ada')), client.send('note', to('broken')));
      await client.send('note', to('garbage'));
    },
  },
  {
    name: 'expiry',
    async run(client) {
      await times(5, (n) => client.send('brief', { to: { telegram: `30000${n}` }, payload: hello }));
    },
  },
  {
    name: 'hold-marks-first',
    async run(client) {
      await times(3, (n) => client.send('text', { to: phone(n), payload: hello }));
    },
  },
];

/** A scenario by its name. */
export function scenarioNamed(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (!found)
    throw new Error(`There is no scenario "${name}". There are: ${scenarios.map((one) => one.name).join(', ')}`);
  return found;
}
