import { moveNotification, runStatus } from '../lifecycle/transition.ts';
import type { Job } from '../plan/job.ts';
import type { Route, RouteAddress } from '../rules/routing.ts';
import type { NewMessage, NewNotification, TimelineEntry } from '../spec/index.ts';
import type { AcceptItem, AcceptRecipient } from './accept-item.ts';
import type { Target } from './route-step.ts';

/** What leasing at once needs: see `AcceptContext`. */
interface Leasing {
  readonly leaseMs: number;
  readonly begun: number;
  readonly room: Map<string, number>;
}

type Draft = Omit<NewMessage, 'id' | 'notificationId'>;

/** The messages of a step, before they have ids. */
export function messagesOf(
  item: AcceptItem,
  step: string,
  route: Route,
  target: Target,
  dropped: TimelineEntry[],
): Draft[] {
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
export function lease(message: NewMessage, on: Leasing): NewMessage {
  const room = message.status === 'queued' ? (on.room.get(message.lane) ?? 0) : 0;
  if (room === 0) return message;
  on.room.set(message.lane, room - 1);
  return { ...message, leaseIn: on.leaseMs };
}

/** The notification of a recipient, with where it stands once these messages are made. */
export function notificationOf(
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

/** A message leased as it was accepted. */
export function jobOf(
  item: AcceptItem,
  notification: NewNotification,
  message: NewMessage,
  target: Target,
  siblings: number,
  now: number,
  on: Leasing,
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
    timeline: message.timeline,
    siblings,
    content: null,
    lapsed: false,
    suppressed: null,
    createdAt: now,
    leasedAt: now,
    leaseEnds: on.begun + on.leaseMs,
  };
}
