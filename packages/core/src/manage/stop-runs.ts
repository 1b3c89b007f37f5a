import type { Stopped } from '../define/views.ts';
import type { NotificationRow, Page, ScopeId } from '../spec/index.ts';
import { nextTurn } from '../toolkit/next-turn.ts';
import { type StopOrder, type Stopping, stopWork } from './stop-work.ts';

const chunk = 200;

/** Stops every open run of a contact, or those of one event, a chunk a transaction. */
export async function stopRuns(
  which: { readonly scope: ScopeId; readonly contactId: string; readonly event?: string },
  order: StopOrder,
  stopping: Stopping,
): Promise<Stopped> {
  let cancelled = 0;
  let alreadyHandedOver = 0;
  let cursor: string | null = null;
  do {
    const page: Page<NotificationRow> = await stopping.on.store.listNotifications({
      ...which,
      status: ['running', 'waiting'],
      limit: chunk,
      ...(cursor === null ? {} : { cursor }),
    });
    const stopped = await stopWork(
      page.items.map(({ scope, id }) => ({ scope, id })),
      order,
      stopping,
    );
    cancelled += stopped.cancelled;
    alreadyHandedOver += stopped.alreadyHandedOver;
    cursor = page.cursor;
    if (cursor !== null) await nextTurn();
  } while (cursor !== null);
  return { cancelled, alreadyHandedOver };
}
