import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { inspect } from 'node:util';
import { type AdapterCall, type Outcome, type OutgoingMessage, TidingsError } from '@tidings/core/spec';
import type { AdapterContractOptions, AdapterKit, Behaviour, Trait } from './adapter-kit.ts';
import { naughtyTexts } from './naughty-texts.ts';
import { openSockets } from './open-sockets.ts';
import { until } from './until.ts';

/** One promise every adapter makes. */
export interface AdapterCase {
  readonly name: string;
  /** What the provider must be able to show for it. */
  readonly needs: readonly (Exclude<Behaviour, 'accept'> | Trait)[];
  run(kit: AdapterKit, options: AdapterContractOptions): Promise<void>;
}

const behaviours = [
  'accept',
  'reject',
  'badAddress',
  'retry',
  'rateLimit',
  'reset',
  'auth',
  'malformed',
  'refuse',
] as const;

/** All of them, in order. */
export const adapterCases: readonly AdapterCase[] = [
  {
    name: 'A0 is what the engine asks of an adapter',
    needs: [],
    async run({ adapter, message }) {
      equal(adapter.specVersion, 1);
      ok(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(adapter.name), 'name: up to 64 letters, digits, ., - and _');
      equal(adapter.channel, message().channel, 'the messages of the kit are not for the channel of the adapter');
      notEqual(message().id, message().id, 'message() must give a new id each time');
    },
  },
  {
    name: 'A1 success is accepted and carries the id of the provider',
    needs: ['providerId'],
    async run(kit) {
      const outcome = await call(kit, kit.message());
      equal(outcome.outcome, 'accepted', inspect(outcome));
      ok(kit.provider.requests[0]?.id, 'the fake provider must list the id it answers with');
      equal((outcome as { providerId?: string }).providerId, kit.provider.requests[0].id);
    },
  },
  answers('A2 a refusal for good is rejected', 'reject', 'rejected'),
  answers('A2 an unknown recipient is badAddress', 'badAddress', 'badAddress'),
  answers('A2 refused credentials are misconfigured', 'auth', 'misconfigured'),
  answers('A3 too many requests is retry', 'rateLimit', 'retry'),
  {
    name: 'A3 the wait of a rate limit in seconds is kept',
    needs: ['rateLimit', 'retryAfter'],
    async run(kit) {
      await kit.provider.next('rateLimit', { retryAfter: '3600' });
      equal(waitOf(await call(kit, kit.message())), 3_600_000);
    },
  },
  {
    name: 'A3 the wait of a rate limit as a date is kept',
    needs: ['rateLimit', 'retryAfter'],
    async run(kit) {
      await kit.provider.next('rateLimit', { retryAfter: new Date(Date.now() + 3_600_000).toUTCString() });
      const wait = waitOf(await call(kit, kit.message()));
      ok(wait > 3_000_000 && wait <= 3_600_000, `a wait of about an hour was asked for, and ${wait} ms came out`);
    },
  },
  answers('A4 a fault of the provider is retry', 'retry', 'retry'),
  {
    name: 'A5 no answer before the deadline is unknown',
    needs: ['hang'],
    async run(kit, { patienceMs }) {
      await kit.provider.next('hang');
      const deadline = new AbortController();
      const pending = call(kit, kit.message(), { signal: deadline.signal });
      await until(() => kit.provider.requests.length === 1, 'the request to arrive', patienceMs);
      deadline.abort();
      const outcome = await pending;
      equal(outcome.outcome, 'unknown', inspect(outcome));
    },
  },
  answers('A6 a connection lost after the request was written is unknown', 'reset', 'unknown'),
  answers('A7 a refused connection is retry', 'refuse', 'retry', 0),
  {
    name: 'A8 a signal that is aborted before the call lets nothing out',
    needs: [],
    async run(kit) {
      const outcome = await call(kit, kit.message(), { signal: AbortSignal.abort() });
      notEqual(outcome.outcome, 'accepted');
      // the provider is still there, so what was let out would arrive before this
      equal((await call(kit, kit.message())).outcome, 'accepted');
      equal(kit.provider.requests.length, 1);
    },
  },
  {
    name: 'A9 attempts of one message carry one key, other messages another',
    needs: ['retry', 'key'],
    async run(kit) {
      const message = kit.message();
      await kit.provider.next('retry');
      await call(kit, message, { attempt: 1 });
      await call(kit, message, { attempt: 2 });
      await call(kit, kit.message());
      const keys = kit.provider.requests.map((request) => request.key);
      deepEqual(keys.slice(0, 2), [message.id, message.id]);
      notEqual(keys[2], message.id);
    },
  },
  {
    name: 'A10 a call makes one request, whatever the answer',
    needs: [],
    async run(kit, { cannot = {} }) {
      for (const behaviour of behaviours) {
        if (behaviour === 'refuse' || (behaviour !== 'accept' && cannot[behaviour] !== undefined)) continue;
        const before = kit.provider.requests.length;
        await kit.provider.next(behaviour);
        await call(kit, kit.message());
        const made = kit.provider.requests.length - before;
        ok(made <= 1, `${made} requests were made for one call when the provider answered "${behaviour}"`);
      }
    },
  },
  {
    name: 'A11 calls at once keep apart',
    needs: [],
    async run(kit) {
      const slots = Math.min(kit.adapter.lane?.slots ?? 20, 20);
      const outcomes = await Promise.all(Array.from({ length: slots }, () => call(kit, kit.message())));
      deepEqual(
        outcomes.map(({ outcome }) => outcome),
        outcomes.map(() => 'accepted'),
      );
      equal(kit.provider.requests.length, slots);
      const ids = kit.provider.requests.flatMap(({ id }) => (id === undefined ? [] : [id]));
      equal(new Set(ids).size, ids.length, 'two messages got one id');
    },
  },
  {
    name: 'A13 no text is more than text',
    needs: [],
    async run(kit, { normalize = (text) => text }) {
      await call(kit, kit.message('Hello'));
      const plain = kit.provider.requests[0];
      ok(plain && plain.texts.length > 0, 'the fake provider must list the texts it got');
      let refused = 0;
      for (const text of naughtyTexts) {
        const before = kit.provider.requests.length;
        const outcome = await call(kit, kit.message(text));
        const [request, more] = kit.provider.requests.slice(before);
        const what = JSON.stringify(text.slice(0, 80));
        equal(more, undefined, `${what} made a second request`);
        if (!request) {
          equal(outcome.outcome, 'rejected', `${what} was not delivered, and the outcome is ${inspect(outcome)}`);
          refused += 1;
          continue;
        }
        deepEqual([...request.parts].sort(), [...plain.parts].sort(), `${what} changed which parts there are`);
        deepEqual(request.recipients, plain.recipients, `${what} changed the recipients`);
        const expected = normalize(oneLine(text));
        deepEqual(
          request.texts.map((each) => normalize(oneLine(each))),
          plain.texts.map(() => expected),
          `${what} arrived as another text`,
        );
      }
      ok(
        refused * 4 <= naughtyTexts.length,
        `${refused} of ${naughtyTexts.length} texts were refused; most are harmless`,
      );
    },
  },
  answers('A14 an answer that cannot be understood is unknown', 'malformed', 'unknown'),
  {
    name: 'A15 no credential shows in an outcome, an error or the adapter itself',
    needs: ['secrets'],
    async run(kit, { cannot = {} }) {
      ok(kit.secrets.length > 0, 'the kit names no secrets');
      const shown = [
        inspect(kit.adapter, { depth: null, showHidden: true, getters: true }),
        JSON.stringify(kit.adapter),
      ];
      for (const behaviour of behaviours) {
        if (behaviour !== 'accept' && cannot[behaviour] !== undefined) continue;
        await kit.provider.next(behaviour);
        try {
          shown.push(inspect(await kit.adapter.send(kit.message(), accompany(kit.message().id)), { depth: null }));
        } catch (error) {
          shown.push(inspect(error, { depth: null, showHidden: true }));
        }
      }
      for (const secret of kit.secrets) {
        for (const form of [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)]) {
          const where = shown.find((text) => text.includes(form));
          ok(where === undefined, `a credential shows in ${where?.replaceAll(form, '[the credential]')}`);
        }
      }
    },
  },
  {
    name: 'A18 close may be called twice, and leaves no socket',
    needs: [],
    async run(kit, { patienceMs }) {
      const before = openSockets();
      equal((await call(kit, kit.message())).outcome, 'accepted');
      await kit.adapter.close?.();
      await kit.adapter.close?.();
      await until(() => openSockets() <= before, 'the sockets to be closed', patienceMs);
    },
  },
];

/** The provider behaves so, hence the outcome is this, and says why without the address. */
function answers(
  name: string,
  behaviour: Exclude<Behaviour, 'accept'>,
  expected: Exclude<Outcome['outcome'], 'accepted'>,
  requests = 1,
): AdapterCase {
  return {
    name,
    needs: [behaviour],
    async run(kit) {
      const message = kit.message();
      await kit.provider.next(behaviour);
      const outcome = await call(kit, message);
      equal(outcome.outcome, expected, inspect(outcome));
      const { reason } = outcome as { reason?: unknown };
      ok(typeof reason === 'string' && /\S/.test(reason) && reason.length <= 1_000, 'the reason must be a short text');
      ok(!JSON.stringify(outcome).includes(message.to), 'the outcome holds the address');
      ok(kit.provider.requests.length <= requests, 'more requests were made than the provider was to see');
    },
  };
}

/** The outcome as the engine takes it: what is thrown counts as `unknown`, a `TidingsError` as what it says of itself. */
async function call(
  kit: AdapterKit,
  // biome-ignore lint/suspicious/noExplicitAny: the contract does not look inside
  message: OutgoingMessage<any, any>,
  changes: { readonly signal?: AbortSignal; readonly attempt?: number } = {},
): Promise<Outcome> {
  try {
    return await kit.adapter.send(message, accompany(message.id, changes));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!TidingsError.is(error)) return { outcome: 'unknown', reason };
    return { outcome: error.retryable ? 'retry' : 'rejected', reason };
  }
}

function accompany(key: string, { signal, attempt = 1 }: { signal?: AbortSignal; attempt?: number } = {}): AdapterCall {
  return { signal: signal ?? new AbortController().signal, attempt, key, tag: `${key}.${attempt}` };
}

function waitOf(outcome: Outcome): number {
  equal(outcome.outcome, 'retry', inspect(outcome));
  const { afterMs, lane } = outcome as Extract<Outcome, { outcome: 'retry' }>;
  return afterMs ?? lane?.pauseMs ?? 0;
}

function oneLine(text: string): string {
  return text
    .replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\p{Cs}/gu, '\uFFFD')
    .trim();
}
