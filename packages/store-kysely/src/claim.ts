import type {
  Claim,
  ClaimedMessage,
  ClaimRequest,
  ContactFacts,
  MessageRow,
  NotificationRow,
} from '@tidings/core/spec';
import { change } from './commit.ts';
import type { Context } from './context.ts';
import type { Pick } from './dialects/dialect.ts';
import { FactSet } from './fact-set.ts';
import { decodeId, decodeRow, decodeText } from './rows.ts';
import { type Answer, ask, type Cell, type Query, type RawRow, type Script } from './statement.ts';
import { tables } from './tables.ts';

/**
 * Leases due messages in one transaction: what is paused, then the rows themselves, then everything about them.
 *
 * It takes no gate: a suppression finds every waiting row and changes it, so of the two one fails its guard or skips a
 * locked row.
 */
export function claim(context: Context, request: ClaimRequest): Promise<Claim> {
  return change(context, function* (): Script<Claim> {
    const before = yield* lookAround(context, request);
    const rows = yield* pickRows(context, request, before);
    return yield* leaseRows(context, request, before, rows);
  });
}

/** A message picked, as it was. */
interface Picked {
  readonly row: MessageRow;
  readonly notification: readonly [number, string];
}

interface Surroundings {
  readonly now: number;
  /** Time left of each pause. */
  readonly paused: ReadonlyMap<string, number>;
  /** Lanes that nobody asked for by name. */
  readonly strange: readonly string[];
}

function* lookAround(context: Context, { lanes, stranded }: ClaimRequest): Script<Surroundings> {
  const { clock, claims, dialect } = context;
  const queries: Query[] = [];
  if (typeof clock !== 'function') queries.push(clock);
  if (lanes.length > 0) queries.push({ statement: claims.pausedLanes, rows: laneRows(lanes) });
  if (stranded) queries.push(dialect.once(dialect.waitingLanes, []));
  const answers = [...(yield* ask(queries))];
  const now = typeof clock === 'function' ? clock() : Number(answers.shift()?.rows[0]?.now);
  const pauses = lanes.length > 0 ? readPauses(answers.shift(), now) : new Map<string, number>();
  if (!stranded) return { now, paused: pauses, strange: [] };

  const known = new Set([...stranded.known, ...lanes.map(({ lane }) => lane)]);
  const waiting = (answers.shift()?.rows ?? []).map(({ lane }) => decodeText(lane));
  const strange = waiting.filter((lane) => !known.has(lane));
  if (strange.length === 0) return { now, paused: pauses, strange };
  const [others] = yield* ask([{ statement: claims.pausedLanes, rows: strange.map((lane) => [lane]) }]);
  const alsoPaused = readPauses(others, now);
  return { now, paused: pauses, strange: strange.filter((lane) => !alsoPaused.has(lane)) };
}

function readPauses(answer: Answer | undefined, now: number): Map<string, number> {
  const pauses = new Map<string, number>();
  for (const raw of answer?.rows ?? []) {
    const pauseIn = Number(raw.paused_until) - now;
    if (pauseIn > 0) pauses.set(decodeText(raw.lane), pauseIn);
  }
  return pauses;
}

function* pickRows(context: Context, request: ClaimRequest, { now, paused, strange }: Surroundings): Script<Picked[]> {
  const rooms = new Map<string, number>();
  for (const { lane, limit } of request.lanes) {
    if (limit > 0 && !paused.has(lane)) rooms.set(lane, (rooms.get(lane) ?? 0) + limit);
  }
  const picks = Array.from(rooms, ([lane, room]): Pick => ({ lane, room, due: now }));
  const { stranded } = request;
  if (stranded && stranded.limit > 0) {
    for (const lane of strange) picks.push({ lane, room: stranded.limit, due: now - stranded.strandedMs - 1 });
  }
  if (picks.length === 0) return [];
  const picked = (yield* context.dialect.pick(picks)).map((raw) => toPicked(raw));
  picked.sort((a, b) => a.row.priority - b.row.priority || (a.row.dueAt ?? 0) - (b.row.dueAt ?? 0));
  if (strange.length === 0) return picked;
  // the limit of stranded rows is one for all their lanes
  const foreign = new Set(strange);
  let room = stranded?.limit ?? 0;
  return picked.filter(({ row }) => {
    if (!foreign.has(row.lane)) return true;
    room -= 1;
    return room >= 0;
  });
}

function toPicked(raw: RawRow): Picked {
  const row = decodeRow<MessageRow>(tables.messages, raw);
  return { row, notification: [row.scope, row.notificationId] };
}

function* leaseRows(
  context: Context,
  request: ClaimRequest,
  { now, paused }: Surroundings,
  picked: readonly Picked[],
): Script<Claim> {
  const { claims, reads } = context;
  const leaseUntil = now + request.leaseMs;
  const queries: Query[] = [];
  const rows = [...picked].sort((a, b) => (rowKey(a.row) < rowKey(b.row) ? -1 : 1));
  if (rows.length > 0) {
    const notifications = distinct(rows.map(({ notification }) => notification));
    const contacts = distinct(rows.flatMap(({ row }) => (row.contactId === null ? [] : [[row.scope, row.contactId]])));
    const messages = rows.map(({ row }) => [row.scope, row.id]);
    queries.push(
      { statement: claims.lease, rows: rows.map(({ row }) => [row.scope, row.id, row.epoch, leaseUntil]) },
      { statement: reads.notifications, rows: notifications },
      { statement: claims.siblings, rows: notifications },
      { statement: claims.contents, rows: messages },
    );
    if (contacts.length > 0) queries.push({ statement: reads.contactsById, rows: contacts });
  }
  const asksNext = request.lanes.length > 0;
  if (asksNext) queries.push({ statement: claims.nextDue, rows: laneRows(request.lanes) });
  const answers = yield* ask(queries, true);

  const next = asksNext ? nextDue(answers[queries.length - 1]?.rows ?? [], now, paused) : null;
  const about = rows.length > 0 ? gather(now, answers) : null;
  return {
    now,
    messages: about ? picked.flatMap(({ row }) => about.claimed(row, leaseUntil)) : [],
    nextDueIn: next,
    paused: Array.from(paused, ([lane, pauseIn]) => ({ lane, pauseIn })),
  };
}

/** Puts together what was read about the leased messages. */
function gather(
  now: number,
  [, notificationRows, siblingRows, contentRows, contactRows]: readonly Answer[],
): { claimed(row: MessageRow, leaseUntil: number): ClaimedMessage[] } {
  const facts = new FactSet(now);
  facts.addNotifications(notificationRows?.rows ?? []);
  facts.addContents(contentRows?.rows ?? []);
  facts.addContacts(contactRows?.rows.filter((raw) => 'c_id' in raw) ?? []);
  const known = facts.facts();
  const notifications = new Map(known.notifications.map((row) => [rowKey(row), row]));
  const contacts = new Map(known.contacts.map((contact) => [rowKey(contact.row), contact]));
  const contents = new Map(known.contents.map((row) => [`${row.scope} ${row.messageId}`, row.content]));
  const siblings = new Map(
    (siblingRows?.rows ?? []).map((raw) => [`${Number(raw.scope)} ${decodeId(raw.id)}`, Number(raw.siblings)]),
  );
  return {
    claimed(row, leaseUntil) {
      const run = `${row.scope} ${row.notificationId}`;
      const notification: NotificationRow | undefined = notifications.get(run);
      // a message without its notification can only be left over from outside interference; it cannot be delivered
      if (!notification) return [];
      const contact: ContactFacts | undefined =
        row.contactId === null ? undefined : contacts.get(`${row.scope} ${row.contactId}`);
      return [
        {
          message: { ...row, epoch: row.epoch + 1, dueAt: leaseUntil, leaseUntil },
          lapsed: row.leaseUntil !== null,
          notification,
          siblings: siblings.get(run) ?? 1,
          contact: contact ?? null,
          content: contents.get(rowKey(row)) ?? null,
        },
      ];
    },
  };
}

/** When the first row of the lanes falls due; one in a paused lane does so when the pause is over. */
function nextDue(rows: readonly RawRow[], now: number, paused: ReadonlyMap<string, number>): number | null {
  let next: number | null = null;
  for (const raw of rows) {
    const pauseIn = paused.get(decodeText(raw.lane)) ?? 0;
    for (const due of [raw.due0, raw.due1, raw.due2]) {
      if (due === null || due === undefined) continue;
      const dueIn = Math.max(0, Number(due) - now, pauseIn);
      if (next === null || dueIn < next) next = dueIn;
    }
  }
  return next;
}

const rowKey = ({ scope, id }: { readonly scope: number; readonly id: string }): string => `${scope} ${id}`;

const laneRows = (lanes: ClaimRequest['lanes']): readonly (readonly Cell[])[] =>
  [...new Set(lanes.map(({ lane }) => lane))].map((lane) => [lane]);

const distinct = (keys: readonly (readonly Cell[])[]): readonly (readonly Cell[])[] => [
  ...new Map(keys.map((key) => [key.join(' '), key])).values(),
];
