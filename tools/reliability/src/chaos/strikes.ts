import { setTimeout as wait } from 'node:timers/promises';
import type { ChaosOptions } from './chaos-options.ts';
import type { Fleet, Member } from './fleet.ts';
import { type Seeded, seeded } from './seeded.ts';
import { settings } from './settings.ts';

/** One fault, done when what it began is over. */
export type Strike = () => Promise<void>;

/** The strikes of a mode that hits the workers themselves; undefined for a mode that hits something else. */
export function workerStrike(options: ChaosOptions, fleet: Fleet): Strike | undefined {
  const random = seeded(options.seed, 'strikes');
  switch (options.mode) {
    case 'kill':
    case 'broadcast':
      return () => kill(fleet, random, options);
    case 'term':
      return () => term(fleet, random);
    case 'stop-cont':
      return () => pause(fleet, random);
    // there the provider alone misbehaves
    case 'provider':
      return async () => {};
    default:
      return undefined;
  }
}

/** At a random moment, or where a failpoint says. A failpoint that is not passed in time gives way to a plain kill. */
async function kill(fleet: Fleet, random: Seeded, { failpoints }: ChaosOptions): Promise<void> {
  const member = await someone(fleet, random);
  if (random.chance(0.5)) {
    await wait(random.below(100));
    member.kill('random');
  } else {
    const point = random.pick(failpoints);
    member.arm(point, 1 + random.below(3));
    const passed = await Promise.race([member.exited.then(() => true), wait(500, false)]);
    if (!passed) member.kill(`random, ${point} was not passed`);
  }
  await member.exited;
}

async function term(fleet: Fleet, random: Seeded): Promise<void> {
  const member = await someone(fleet, random);
  await wait(random.below(100));
  member.term();
  await member.exited;
}

async function pause(fleet: Fleet, random: Seeded): Promise<void> {
  const member = await someone(fleet, random);
  await wait(random.below(100));
  await member.pause(settings.leaseMs + 500 + random.below(1000));
}

async function someone(fleet: Fleet, random: Seeded): Promise<Member> {
  return random.pick(await fleet.ready());
}
