import { noConnection } from './no-connection.ts';
import type { Session } from './session-driver.ts';

/**
 * Waits for a connection no longer than this: of a pool whose connections are all held by a host that waits for us there
 * would never be one. A connection that comes too late is given back.
 */
export function boundedConnect(connect: () => Promise<Session>, budgetMs: number): () => Promise<Session> {
  return () =>
    new Promise<Session>((resolve, reject) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        reject(noConnection(budgetMs));
      }, budgetMs);
      connect().then(
        (session) => {
          clearTimeout(timer);
          if (late) session.release(false);
          else resolve(session);
        },
        (error: unknown) => {
          clearTimeout(timer);
          reject(error);
        },
      );
    });
}
