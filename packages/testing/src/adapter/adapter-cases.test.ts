import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type AdapterCall, type ChannelAdapter, type Outcome, type OutgoingMessage, TidingsError } from '@tidings/core';
import { afterEach, describe, expect, it } from 'vitest';
import { adapterCases } from './adapter-cases.ts';
import type { AdapterKit, Behaviour, ProviderRequest } from './adapter-kit.ts';

interface Post {
  readonly to: string;
  readonly key: string;
  readonly text: string;
  readonly [field: string]: string;
}
type Answer = { readonly status: number; readonly id?: string; readonly retryAfter?: string };
type Provider = (post: Post, signal: AbortSignal) => Promise<Answer>;
type Send = (message: OutgoingMessage<{ text: string }>, call: AdapterCall, post: Provider) => Promise<Outcome>;

const token = 'token-5c1f';
const lost = new TidingsError('PROVIDER_UNAVAILABLE', 'lost', { retryable: true });
const left: (() => unknown)[] = [];
afterEach(() => {
  for (const end of left.splice(0)) end();
});

/** What an adapter should do. */
const honest: Send = async ({ to, content }, { signal, key }, post) => {
  if (signal.aborted) return { outcome: 'retry', reason: 'aborted' };
  try {
    const answer = await post({ to, key, text: content.text.replace(/\s+/g, ' ') }, signal);
    const reason = `status ${answer.status}`;
    const outcomes = { 401: 'misconfigured', 404: 'badAddress', 422: 'rejected', 503: 'retry' } as const;
    if (answer.status === 429) {
      const after = answer.retryAfter ?? '0';
      return {
        outcome: 'retry',
        reason,
        afterMs: Number(after) * 1_000 || Math.max(0, Date.parse(after) - Date.now()),
      };
    }
    if (answer.status !== 200) return { outcome: outcomes[answer.status as keyof typeof outcomes], reason };
    if (answer.id === undefined) return { outcome: 'unknown', reason: 'no id' };
    return { outcome: 'accepted', providerId: answer.id };
  } catch (error) {
    const { code } = error as { code?: string };
    return { outcome: code === 'ECONNREFUSED' ? 'retry' : 'unknown', reason: `lost: ${code}` };
  }
};

function createKit(send: Send, extra: Partial<ChannelAdapter> = {}): AdapterKit {
  const requests: ProviderRequest[] = [];
  let behaviour: Behaviour = 'accept';
  let retryAfter: string | undefined;
  const statuses: { readonly [B in Behaviour]?: number } = {
    auth: 401,
    badAddress: 404,
    reject: 422,
    retry: 503,
    rateLimit: 429,
    malformed: 200,
  };

  const post: Provider = (body, signal) => {
    const now = behaviour;
    behaviour = 'accept';
    if (now === 'refuse') return Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    const id = `id-${requests.length + 1}`;
    requests.push({ id, key: body.key, recipients: body.to.split(','), parts: Object.keys(body), texts: [body.text] });
    if (now === 'reset') return Promise.reject(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    if (now === 'hang')
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const status = statuses[now] ?? 200;
    return Promise.resolve({
      status,
      ...(now === 'accept' ? { id } : {}),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    });
  };
  return {
    adapter: {
      specVersion: 1,
      name: 'direct',
      channel: 'pager',
      send: (message, call) => send(message, call, post),
      ...extra,
    },
    message: (text = 'Hello') => ({
      ...{ id: randomUUID(), event: 'alarm', channel: 'pager', to: 'room-7', overrides: {} },
      ...{ content: { text }, scope: { tenant: 'default', mode: 'live' as const }, language: 'en', category: 'alarms' },
    }),
    provider: {
      next(next, hint) {
        behaviour = next;
        retryAfter = hint?.retryAfter;
      },
      requests,
    },
    secrets: [token],
  };
}

/** Like the honest one, with another end when the outcome is this. */
function instead(of: Outcome['outcome'], give: (outcome: never) => Partial<Outcome> | Error): Send {
  return async (...given) => {
    const outcome = await honest(...given);
    if (outcome.outcome !== of) return outcome;
    const other = give(outcome as never);
    if (other instanceof Error) throw other;
    return { ...outcome, ...other } as Outcome;
  };
}

const calls = { busy: 0 };

const faults: readonly [fault: string, name: string, send: Send, extra?: Partial<ChannelAdapter>][] = [
  ['is of another version', 'A0', honest, { specVersion: 2 as never }],
  ['is for another channel', 'A0', honest, { channel: 'sms' }],
  ['makes up ids', 'A1', instead('accepted', () => ({ providerId: 'x' }))],
  ['gives up on what may pass', 'A4', instead('retry', () => ({ outcome: 'rejected' }))],
  ['tries again what is refused for good', 'A2 a refusal', instead('rejected', () => ({ outcome: 'retry' }))],
  ['throws for what is refused for good', 'A2 a refusal', instead('rejected', () => new Error('no'))],
  ['takes a dead address for a bad mail', 'A2 an unknown', instead('badAddress', () => ({ outcome: 'rejected' }))],
  ['takes bad credentials for a bad mail', 'A2 refused', instead('misconfigured', () => ({ outcome: 'rejected' }))],
  ['shows the address', 'A2 a refusal', instead('rejected', () => ({ reason: 'room-7 is closed' }))],
  ['says nothing', 'A2 a refusal', instead('rejected', () => ({ reason: '' }))],
  ['forgets how long to wait', 'A3 the wait of a rate limit in seconds', instead('retry', () => ({ afterMs: 0 }))],
  [
    'reads only seconds',
    'A3 the wait of a rate limit as a date',
    instead('retry', ({ afterMs }: { afterMs?: number }) => (afterMs === 3_600_000 ? {} : { afterMs: 0 })),
  ],
  ['takes a lost answer for a failure', 'A5', instead('unknown', () => ({ outcome: 'retry' }))],
  ['takes a lost answer for a failure', 'A6', instead('unknown', () => ({ outcome: 'retry' }))],
  ['says that a lost answer may be asked for again', 'A6', instead('unknown', () => lost)],
  ['takes a refused connection for a lost answer', 'A7', instead('retry', () => ({ outcome: 'unknown' }))],
  [
    'sends although aborted',
    'A8',
    (message, call, post) => honest(message, { ...call, signal: new AbortController().signal }, post),
  ],
  ['makes a new key each time', 'A9', (message, call, post) => honest(message, { ...call, key: randomUUID() }, post)],
  [
    'tries again by itself',
    'A10',
    async (...given) => {
      const outcome = await honest(...given);
      return outcome.outcome === 'retry' ? honest(...given) : outcome;
    },
  ],
  [
    'mixes up calls at once',
    'A11',
    async (...given) => {
      const outcome = await honest(...given);
      await Promise.resolve();
      return calls.busy++ > 0 ? { outcome: 'unknown', reason: 'busy' } : outcome;
    },
  ],
  [
    'lets text become a field',
    'A13',
    (message, call, post) =>
      honest(message, call, (body, signal) => post(/X-/.test(body.text) ? { ...body, x: 'yes' } : body, signal)),
  ],
  [
    'lets text become a recipient',
    'A13',
    (message, call, post) =>
      honest(message, call, (body, signal) =>
        post(/third@/.test(body.text) ? { ...body, to: `${body.to},x` } : body, signal),
      ),
  ],
  [
    'alters text',
    'A13',
    (message, call, post) =>
      honest(message, call, (body, signal) => post({ ...body, text: body.text.replace('&lt;', '<') }, signal)),
  ],
  [
    'refuses most text',
    'A13',
    (message, call, post) =>
      /^Hello$/.test(message.content.text)
        ? honest(message, call, post)
        : Promise.resolve({ outcome: 'rejected', reason: 'odd' }),
  ],
  ['takes an answer without an id for success', 'A14', instead('unknown', () => ({ outcome: 'accepted' }))],
  ['keeps its credentials in sight', 'A15', honest, { options: { token } } as never],
  [
    'tells its credentials',
    'A15',
    instead('misconfigured', () => ({ reason: `${Buffer.from(token).toString('base64')} is wrong` })),
  ],
];
describe('the adapter contract', () => {
  it.each(adapterCases)('is kept by an honest adapter: $name', async ({ run }) => {
    await run(createKit(honest), {});
  });

  it.each(faults.map(([fault, name, send, extra]) => ({ fault, name, send, extra })))(
    'finds one that $fault: $name',
    async ({ name, send, extra }) => {
      calls.busy = 0;
      const meant = adapterCases.filter((each) => each.name.startsWith(name));
      expect(meant.length).toBeGreaterThan(0);
      const results = await Promise.allSettled(meant.map(({ run }) => run(createKit(send, extra), {})));
      expect(results.map(({ status }) => status)).toContain('rejected');
    },
  );

  it('finds a kit without secrets', async () => {
    const hidden = adapterCases.find(({ name }) => name.startsWith('A15'));
    await expect(hidden?.run({ ...createKit(honest), secrets: [] }, {})).rejects.toThrow('names no secrets');
  });

  it('finds a socket that stays open', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    left.push(() => server.close());
    await once(server, 'listening');
    const leaks: Send = async (...given) => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      left.push(() => socket.destroy());
      await once(socket, 'connect');
      return honest(...given);
    };
    const closing = adapterCases.find(({ name }) => name.startsWith('A18'));
    await expect(closing?.run(createKit(leaks), { patienceMs: 100 })).rejects.toThrow('in vain');
  });
});
