import { randomUUID } from 'node:crypto';
import type { ChaosOptions } from './chaos-options.ts';
import type { FaultEntry } from './entries.ts';
import type { Fleet } from './fleet.ts';
import type { Ledger } from './ledger.ts';
import { makePlace } from './make-place.ts';
import type { Place } from './settings.ts';
import { type Strike, workerStrike } from './strikes.ts';

/** What a run stands on, and what strikes it. */
export interface Surroundings {
  readonly place: Place;
  /** Of Redis. */
  readonly redis: string;
  /** Keeps queues of runs apart. */
  readonly prefix: string;
  strike(fleet: Fleet): Strike;
  /** Ends what still goes wrong. */
  calm(): Promise<void>;
  /** Removes everything. */
  end(): Promise<void>;
}

/** Makes the database, and for the modes that strike a server, a private one. */
export async function surroundings(
  options: ChaosOptions,
  folder: string,
  _ledger: Ledger<FaultEntry>,
): Promise<Surroundings> {
  const made = await makePlace(options.store, folder);
  return {
    place: made.place,
    redis: process.env.TIDINGS_REDIS_URL || 'redis://127.0.0.1:6379',
    prefix: `chaos${randomUUID().replaceAll('-', '').slice(0, 12)}`,
    strike(fleet) {
      const strike = workerStrike(options, fleet);
      if (!strike) throw new Error(`The mode ${options.mode} is not there yet.`);
      return strike;
    },
    calm: async () => {},
    end: made.drop,
  };
}
