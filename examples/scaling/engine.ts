import { smtp } from '@tidings/adapter-smtp';
import { createEngine, type Engine } from '@tidings/core';
import { type PgTransaction, postgresStore } from '@tidings/store-kysely';
import { Pool } from 'pg';
import { welcome } from './events.ts';
import { queueFrom } from './queue.ts';

const events = { welcome };

/** The engine of a process, and how to end it. */
export interface Opened {
  readonly engine: Engine<typeof events, PgTransaction>;
  /** Lets running calls end, gives back what is not begun, closes everything. */
  close(): Promise<void>;
}

/** The same in every process but for its role. */
export function openEngine(role: 'producer' | 'worker', env: NodeJS.ProcessEnv = process.env): Opened {
  const pool = new Pool({ connectionString: env.DATABASE_URL, max: role === 'producer' ? 10 : 4 });
  // a connection that idles while the database restarts; whoever uses one is told by its query
  pool.on('error', () => {});
  const queue = queueFrom(env);
  const engine = createEngine({
    store: postgresStore(pool),
    adapters: [smtp({ url: env.SMTP_URL ?? 'smtp://127.0.0.1:1025', from: 'Larkspur Tea <hello@larkspur.example>' })],
    events,
    role,
    ...(queue ? { queue } : {}),
  });
  return {
    engine,
    async close() {
      await engine.stop();
      await pool.end();
    },
  };
}
