import type { MessageRow, MessageStatus } from '@tidings/core/spec';
import type { IndexedHistory } from './index-history.ts';
import type { Violation } from './violation.ts';

// Written down once more, apart from the table of the engine: a checker that asks the accused proves nothing.
const ends: readonly MessageStatus[] = ['failed', 'suppressed', 'cancelled'];
const receipts: readonly MessageStatus[] = ['delivered', 'bounced', 'complained'];
const next: Readonly<Record<MessageStatus, readonly MessageStatus[]>> = {
  queued: ['sent', 'unknown', ...ends, ...receipts],
  sent: ['failed', ...receipts],
  delivered: ['bounced', 'complained'],
  bounced: ['complained'],
  complained: [],
  unknown: ['sent', 'failed', ...receipts],
  failed: [],
  suppressed: [],
  cancelled: [],
};

/** I6: a message lives as its table allows; what has ended is never opened again, and no call follows its end. */
export function legalLives(history: IndexedHistory): Violation[] {
  const broken: Violation[] = [];
  for (const row of history.rows.messages) {
    const say = (says: string): void => {
      broken.push({ invariant: 'I6', subject: row.id, says });
    };
    let status: MessageStatus = 'queued';
    for (const { event } of row.timeline) {
      if (status !== 'queued' && (event === 'attempt' || event === 'retry')) say(`${event} after it was ${status}`);
      if (!isStatus(event) || event === status) continue;
      if (!next[status].includes(event)) say(`it went from ${status} to ${event}`);
      status = event;
    }
    if (status !== row.status && !silently(row)) say(`its timeline ends ${status}, and the row is ${row.status}`);
    if ((row.sentAt === null) === (row.status === 'sent'))
      say(`it is ${row.status}, sent at ${row.sentAt ?? 'no time'}`);
  }
  return broken;
}

/** Of a lost call that was the last the timeline tells as an attempt alone. */
function silently({ status, timeline }: MessageRow): boolean {
  return status === 'unknown' && timeline.at(-1)?.outcome === 'unknown';
}

function isStatus(event: string): event is MessageStatus {
  return Object.hasOwn(next, event);
}
