import { moveNotification, openMessage, runStatus } from '../lifecycle/transition.ts';
import type { Job } from '../plan/job.ts';
import type { Plan } from '../plan/plan.ts';
import type { Secrets } from '../plan/secrets.ts';
import type { ContactIndex, ContactWrites, ResolvedRecipient } from '../rules/recipient.ts';
import { resolveRecipient } from '../rules/resolve-recipient.ts';
import type { Route, RouteAddress } from '../rules/routing.ts';
import {
  type MessageStatus,
  type NewMessage,
  type NewNotification,
  type SuppressionReason,
  TidingsError,
  type TimelineEntry,
} from '../spec/index.ts';
import type { AcceptItem, AcceptRecipient } from './accept-item.ts';
import { dropSuppressedCopies } from './drop-suppressed-copies.ts';
import { routeStep, type Target } from './route-step.ts';
import type { WorkingSet } from './working-set.ts';

/** What deciding needs besides the facts. */
export interface AcceptContext {
  readonly plan: Plan;
  readonly secrets: Secrets;
  readonly leaseMs: number;
  /** This process's monotonic time before the transaction began: leases end no later than counted from here. */
  readonly begun: number;
  /** Free starts by lane; counted down by what is leased. */
  readonly room: Map<string, number>;
}

/** What became of one recipient. */
export interface AcceptedRecipient {
  readonly id: string;
  readonly deliveries: readonly AcceptedDelivery[];
  /** What was written. */
  readonly notification: NewNotification;
  readonly messages: readonly NewMessage[];
  /** Leased: to be called in this turn. */
  readonly jobs: readonly Job[];
  /** Due, for whoever has room. */
  readonly waiting: readonly NewMessage[];
  /** Why nothing can be sent, where that was recorded instead of refused. */
  readonly recorded?: TidingsError;
}

/** One message of an accepted recipient. */
export interface AcceptedDelivery {
  readonly id: string;
  readonly channel: string;
  readonly status: MessageStatus;
  readonly reason?: SuppressionReason;
}

/** Decides on one recipient and, when it can be reached, puts its rows into the set. Throws a `TidingsError` when not. */
export function acceptRecipient(
  item: AcceptItem,
  recipient: AcceptRecipient,
  set: WorkingSet,
  on: AcceptContext,
): AcceptedRecipient {
  if (recipient.request.kind === 'refused') throw recipient.request.error;
  const resolved = resolveRecipient(recipient.request, indexOf(set, item), {
    scope: item.scope,
    newId: recipient.id(1),
    now: set.now,
    hash: on.secrets.hash,
    create: true,
  });
  if (!resolved) throw new TidingsError('MISSING_IDENTIFIER', 'The recipient is not known.');
  const target = targetOf(item, resolved, on.plan);
  const routes = item.event.steps.map((step) => ({ step, route: routeStep(item, step, target, set, on) }));
  if (routes.every(({ route }) => route.kind === 'none')) {
    const first = routes[0]?.route;
    if (first?.kind === 'none') throw unroutable(item, first);
    throw new TidingsError('TEMPLATE_MISSING', `Event "${item.event.name}" has no step that sends.`);
  }

  if (resolved.kind === 'contact' && changes(resolved.writes)) {
    set.putContact(resolved.facts, resolved.writes.identifiers.move);
  }
  const options = dropSuppressedCopies(item, set);
  const messages: NewMessage[] = [];
  for (const { step, route } of routes) {
    const drafts = messagesOf(item, step.id, route, target, options.dropped);
    for (const draft of drafts) {
      messages.push(openMessage({ ...draft, id: recipient.id(2 + messages.length), notificationId: recipient.id(0) }));
    }
  }
  const leased = messages.map((message) => lease(message, on));
  const notification = notificationOf(item, recipient, target, options.json, leased);
  set.putNotification(notification, leased);
  return {
    id: notification.id,
    notification,
    messages: leased,
    deliveries: leased.map((message) => ({
      id: message.id,
      channel: message.channel,
      status: message.status,
      ...(message.reason === null ? {} : { reason: message.reason }),
    })),
    jobs: leased
      .filter((message) => message.leaseIn !== null)
      .map((message) => jobOf(item, notification, message, target, leased.length, set.now, on)),
    waiting: leased.filter((message) => message.status === 'queued' && message.leaseIn === null),
  };
}

/** A refused recipient as a failed notification, for `onUnroutable: 'record'`. */
export function recordUnroutable(
  item: AcceptItem,
  recipient: AcceptRecipient,
  error: TidingsError,
  set: WorkingSet,
): AcceptedRecipient {
  const base = notificationOf(item, recipient, undefined, item.options, []);
  const change = { status: 'failed' as const, completed: true, errorCode: error.code, error: error.message };
  const notification: NewNotification = { ...base, ...change };
  set.putNotification(notification, []);
  return { id: base.id, notification, messages: [], deliveries: [], jobs: [], waiting: [], recorded: error };
}

function changes({ contacts, identifiers }: ContactWrites): boolean {
  const { insert, update } = contacts;
  const { remove, insert: added, move } = identifiers;
  return insert.length + update.length + remove.length + added.length + move.length > 0;
}

function indexOf(set: WorkingSet, item: AcceptItem): ContactIndex {
  return {
    byId: (id) => set.contactById(item.scope, id),
    byIdentifier: (kind, value) => set.contactByIdentifier(item.scope, kind, value),
  };
}

function targetOf(item: AcceptItem, resolved: ResolvedRecipient, plan: Plan): Target {
  if (resolved.kind === 'address') {
    const direct = { channel: resolved.channel, address: resolved.address };
    return { contact: undefined, facts: undefined, direct, language: item.language ?? plan.language };
  }
  const { contact } = resolved;
  const language = item.language ?? contact.language ?? plan.language;
  return { contact, facts: resolved.facts, direct: undefined, language };
}

function unroutable(item: AcceptItem, route: Extract<Route, { kind: 'none' }>): TidingsError {
  return new TidingsError(route.code, `Event "${item.event.name}" cannot reach this recipient: ${route.why}.`, {
    path: 'to',
    details: { event: item.event.name, tried: route.steps },
  });
}

type Draft = Omit<NewMessage, 'id' | 'notificationId'>;

function messagesOf(item: AcceptItem, step: string, route: Route, target: Target, dropped: TimelineEntry[]): Draft[] {
  const base = {
    scope: item.scope,
    contactId: target.facts?.row.id ?? null,
    event: item.event.name,
    step,
    priority: item.priority,
    routing: JSON.stringify(route.steps),
    leaseIn: null,
    expiresIn: item.expiresMs,
    reason: null,
    errorCode: null,
    error: null,
  };
  if (route.kind === 'none') {
    const channel = route.steps[0]?.channel ?? '';
    const entry = { event: 'failed', code: route.code, reason: route.why };
    const failed = { status: 'failed' as const, errorCode: route.code, error: route.why, dueIn: null };
    return [
      { ...base, ...failed, channel, lane: '', address: null, addressHash: null, language: null, timeline: [entry] },
    ];
  }
  const { option } = route;
  const on = (to: RouteAddress): Pick<Draft, 'channel' | 'lane' | 'language' | 'address' | 'addressHash'> => ({
    channel: option.channel,
    lane: option.adapter ?? '',
    language: option.language ?? null,
    address: to.address,
    addressHash: to.hash,
  });
  if (route.kind === 'suppressed') {
    const entry = { event: 'suppressed', reason: route.reason };
    return [
      { ...base, ...on(route.address), status: 'suppressed', reason: route.reason, dueIn: null, timeline: [entry] },
    ];
  }
  const timeline = [{ event: 'queued' }, ...dropped.filter((entry) => entry.channel === option.channel)];
  return route.addresses.map((to) => ({ ...base, ...on(to), status: 'queued', dueIn: 0, timeline }));
}

/** Leased when its lane has room left: the call starts as soon as the transaction has committed. */
function lease(message: NewMessage, on: AcceptContext): NewMessage {
  const room = message.status === 'queued' ? (on.room.get(message.lane) ?? 0) : 0;
  if (room === 0) return message;
  on.room.set(message.lane, room - 1);
  return { ...message, leaseIn: on.leaseMs };
}

function notificationOf(
  item: AcceptItem,
  recipient: AcceptRecipient,
  target: Target | undefined,
  options: string | null,
  messages: readonly NewMessage[],
): NewNotification {
  const id = recipient.id(0);
  const run = { scope: item.scope, id, version: 1, status: 'running' as const, cursors: null, openSteps: 0 };
  const moved = moveNotification(run, runStatus(messages.map((message) => message.status)));
  return {
    scope: item.scope,
    id,
    event: item.event.name,
    contactId: target?.facts?.row.id ?? null,
    status: moved?.status ?? 'running',
    completed: moved?.completed ?? false,
    category: item.event.category,
    language: target?.language ?? item.language ?? null,
    payload: recipient.payload ?? item.payload,
    options,
    cursors: null,
    openSteps: messages.filter((message) => message.status === 'queued').length,
    dueIn: null,
    expiresIn: item.expiresMs,
    broadcastId: item.broadcast?.id ?? null,
    recipientKey: item.broadcast ? (recipient.key?.stored[0] ?? null) : null,
    activeKey: null,
    traceparent: item.traceparent,
    requestId: item.requestId,
    errorCode: null,
    error: null,
  };
}

function jobOf(
  item: AcceptItem,
  notification: NewNotification,
  message: NewMessage,
  target: Target,
  siblings: number,
  now: number,
  on: AcceptContext,
): Job {
  return {
    scope: { tenant: item.tenant, mode: item.mode },
    message: {
      ...message,
      epoch: 1,
      attempts: 0,
      callingAt: null,
      provider: null,
      providerId: null,
      expiresAt: message.expiresIn === null ? null : now + message.expiresIn,
    },
    run: { ...notification, version: 1 },
    contact: target.facts ?? null,
    siblings,
    content: null,
    lapsed: false,
    suppressed: null,
    createdAt: now,
    leasedAt: now,
    leaseEnds: on.begun + on.leaseMs,
  };
}
