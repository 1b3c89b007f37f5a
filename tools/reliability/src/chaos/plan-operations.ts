import type { Scope } from '@tidings/core';
import { tenants } from './entries.ts';
import { seeded } from './seeded.ts';

/** One thing the client does. */
export type Operation =
  | {
      readonly do: 'send';
      readonly person: Person;
      readonly event: 'notice' | 'alert';
      readonly number: number;
      /** Sent twice at once under one key. */
      readonly twice: boolean;
    }
  | {
      readonly do: 'suppress' | 'erase';
      readonly person: Person;
      /** Of the send it comes after. */
      readonly number: number;
    };

/** Somebody who gets messages. Every word of theirs is found nowhere else. */
export interface Person {
  readonly index: number;
  readonly scope: Scope;
  readonly email: string;
  readonly name: string;
  readonly pushTokens: readonly string[];
}

/** What a client does in a run, in order: `messages` sends, and a suppression or an erasure here and there. */
export function planOperations(messages: number, seed: number): Operation[] {
  const random = seeded(seed, 'client');
  const operations: Operation[] = [];
  const later = new Map<number, Operation>();
  for (let number = 0; number < messages; number += 1) {
    // each person gets two sends, eight apart, so that what stops them comes while the second is on its way
    const index = (number >> 4) * 8 + (number & 7);
    const person = personOf(index, seed);
    const event = random.chance(0.2) ? 'alert' : 'notice';
    operations.push({ do: 'send', person, event, number, twice: random.chance(0.05) });
    const stop = later.get(number);
    if (stop) operations.push(stop);
    if ((number & 15) > 7 || !random.chance(0.04)) continue;
    const after = number + 8 + random.below(4);
    later.set(after, { do: random.chance(0.6) ? 'suppress' : 'erase', person, number: after });
  }
  return operations;
}

function personOf(index: number, seed: number): Person {
  const scope = tenants[index % tenants.length];
  if (!scope) throw new Error('A run has tenants.');
  const mark = `${seed}q${index}q`;
  return {
    index,
    scope,
    email: `m${mark}@example.com`,
    name: `Name${mark}`,
    pushTokens: [`token-one-${mark}`, `token-two-${mark}`],
  };
}
