import { randomUUID } from 'node:crypto';
import type { Store } from '@tidings/core';
import { type MeasuredEngine, openEngine, seedContacts, sendOrder } from '../engine/open-engine.ts';
import { byCallers } from '../work/work.ts';
import type { Ground, Listen } from './open-ground.ts';

/** The measured engine at work on a ground. */
export interface Shop {
  readonly engine: MeasuredEngine;
  readonly store: Store;
  /** Makes the people and sends a few messages. */
  welcome(): Promise<void>;
  /** Confirms one order to a person who is known. */
  confirm(run: string, number: number): Promise<unknown>;
  /** Throws unless so many messages were made since `since`, and all are sent and their notifications completed. */
  check(since: number, count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Opens it. */
export function openShop(ground: Ground, listen?: Listen): Shop {
  const store = ground.openStore(listen);
  const engine = openEngine(store);
  const confirm = (run: string, number: number): Promise<unknown> => sendOrder(engine, run, number);
  return {
    engine,
    store,
    async welcome() {
      await engine.start();
      await seedContacts(engine);
      const run = randomUUID();
      await byCallers(50, 1000, (number) => confirm(run, number));
      await engine.idle();
    },
    confirm,
    async check(since, count) {
      const from = `${since.toString(16).padStart(12, '0').replace(/^.{8}/, '$&-')}-0000-0000-000000000000`;
      const id = ground.kind === 'postgres' ? `'${from}'::uuid` : `unhex('${from.replaceAll('-', '')}')`;
      const since_ = `scope = (SELECT min(id) FROM ${ground.table('scopes')}) AND id >= ${id}`;
      const [found] = await ground.run((sql) =>
        sql(
          `SELECT (SELECT count(*) FROM ${ground.table('messages')} WHERE ${since_} AND status = 1 AND due_at IS NULL) AS sent, ` +
            `(SELECT count(*) FROM ${ground.table('notifications')} WHERE ${since_} AND status = 2) AS completed`,
        ),
      );
      if (Number(found?.sent) !== count || Number(found?.completed) !== count) {
        throw new Error(`${count} expected, but sent: ${found?.sent}, completed: ${found?.completed}.`);
      }
    },
    async stop() {
      await engine.stop();
      await store.close();
    },
  };
}
