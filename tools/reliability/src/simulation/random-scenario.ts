import fc from 'fast-check';
import type { Client } from './client.ts';
import { type Fault, faultModes } from './fault.ts';
import type { Answer } from './ports.ts';
import type { Scenario } from './scenario.ts';

/** A run drawn at random: what the application does, what the provider answers, what goes wrong, and in which order. */
export interface RandomRun {
  readonly hosts: number;
  readonly actions: readonly Action[];
  readonly answers: readonly Answer[];
  readonly faults: readonly Fault[];
  readonly picks: readonly number[];
}

type Action =
  | {
      readonly do: 'send';
      readonly event: string;
      readonly who: number;
      readonly key: number | null;
      readonly wait: boolean;
    }
  | { readonly do: 'suppress' | 'unsuppress'; readonly who: number }
  | { readonly do: 'cancel'; readonly event: string; readonly who: number }
  | { readonly do: 'erase'; readonly who: number }
  | { readonly do: 'kill'; readonly host: number }
  | { readonly do: 'restart'; readonly host: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'jump'; readonly ms: number }
  | { readonly do: 'broadcast'; readonly id: number };

const people = 4;
const who = fc.nat(people - 1);
const host = fc.nat(1);
const ms = fc.integer({ min: 1, max: 6_000 });
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      event: fc.constantFrom('note', 'text', 'either', 'push', 'slow', 'poison', 'brief'),
      who,
      key: fc.option(fc.nat(2), { nil: null }),
      wait: fc.boolean(),
    }),
  },
  fc.record({ do: fc.constant('suppress' as const), who }),
  fc.record({ do: fc.constant('unsuppress' as const), who }),
  fc.record({ do: fc.constant('cancel' as const), event: fc.constantFrom('note', 'text', 'push', 'slow'), who }),
  fc.record({ do: fc.constant('erase' as const), who }),
  fc.record({ do: fc.constant('kill' as const), host }),
  fc.record({ do: fc.constant('restart' as const), host }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms }) },
  fc.record({ do: fc.constant('jump' as const), ms }),
  { weight: 1, arbitrary: fc.record({ do: fc.constant('broadcast' as const), id: fc.nat(1) }) },
);
const answer = fc.constantFrom<Answer>(
  'accept',
  'accept',
  { outcome: 'retry', reason: 'busy' },
  { outcome: 'retry', reason: 'busy', afterMs: 4_000, lane: { pauseMs: 1_500 } },
  { outcome: 'unknown', reason: 'lost' },
  { outcome: 'badAddress', reason: 'gone' },
  { outcome: 'rejected', reason: 'no' },
  { outcome: 'misconfigured', reason: 'wrong key' },
  'late',
  'never',
);
const fault = fc.record({ operation: fc.integer({ min: 1, max: 90 }), mode: fc.constantFrom(...faultModes) });

/** Draws runs. */
export const randomRun: fc.Arbitrary<RandomRun> = fc.record({
  hosts: fc.integer({ min: 1, max: 2 }),
  actions: fc.array(action, { minLength: 1, maxLength: 10 }),
  answers: fc.array(answer, { maxLength: 8 }),
  faults: fc.uniqueArray(fault, { maxLength: 4, selector: ({ operation }) => operation }),
  picks: fc.array(fc.nat(255), { maxLength: 80 }),
});

/** What was drawn, as a scenario. */
export function scenarioOf({ hosts, actions, answers }: RandomRun): Scenario {
  const names = ['a', 'b'].slice(0, hosts);
  return {
    name: 'random',
    hosts: names,
    provider: ({ address, nth }) =>
      answers[(address.length + address.charCodeAt(4) + nth) % (answers.length + 1)] ?? 'accept',
    async run(client) {
      const erased = new Set<number>();
      let sending: Promise<unknown>[] = [];
      for (const [index, one] of actions.entries()) {
        const name = names[('host' in one ? one.host : index) % hosts] ?? 'a';
        if (one.do === 'send') {
          if (erased.has(one.who)) continue;
          const key = one.key === null ? {} : { idempotencyKey: `key-${one.who}-${one.key}` };
          const sent = client.send(
            one.event,
            { to: recipient(one.who), payload: { text: 'hello' }, ...key },
            { host: name },
          );
          if (one.wait) await sent;
          else sending.push(sent);
          continue;
        }
        // A person who is erased is not sent to at the same moment: what is accepted afterwards is another person.
        if (one.do === 'erase') {
          await Promise.all(sending);
          sending = [];
        }
        if ('who' in one && erased.has(one.who)) continue;
        if (one.do === 'erase') erased.add(one.who);
        await act(one, client, name);
      }
      await Promise.all(sending);
    },
  };
}

async function act(one: Exclude<Action, { do: 'send' }>, client: Client, host: string): Promise<void> {
  switch (one.do) {
    case 'suppress':
      return client.suppress(email(one.who), { host });
    case 'unsuppress':
      return client.unsuppress(email(one.who), { host });
    case 'cancel':
      return client.cancel(one.event, email(one.who), { host });
    case 'erase':
      return erase(client, one.who, host);
    case 'kill':
      return client.host(host).kill();
    case 'restart':
      await client.host(host).stop();
      return client.host(host).start();
    case 'wait':
      return client.wait(one.ms);
    case 'jump':
      return client.jump(one.ms);
    case 'broadcast': {
      const source = ['cast1@example.com', 'nobody at all', 'cast2@example.com', 'cast3@example.com'];
      return client.broadcast('note', `cast-${one.id}`, source, { host });
    }
  }
}

function email(person: number): string {
  return `ada${person}@example.com`;
}

function recipient(person: number): object {
  return {
    email: email(person),
    phone: `+4670123450${person}`,
    telegram: `50000${person}`,
    pushTokens: [`ExponentPushToken[one-${person}]`, `ExponentPushToken[two-${person}]`],
    name: `Lovelace-${person}`,
  };
}

function erase(client: Client, person: number, host: string): Promise<void> {
  const words = [email(person), `+4670123450${person}`, `50000${person}`, `-${person}]`, `Lovelace-${person}`];
  return client.erase(email(person), words, { host });
}
