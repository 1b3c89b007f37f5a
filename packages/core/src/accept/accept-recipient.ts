import { openMessage } from '../lifecycle/transition.ts';
import type { Job } from '../plan/job.ts';
import type { Plan } from '../plan/plan.ts';
import type { Secrets } from '../plan/secrets.ts';
import type { ContactIndex, ContactWrites, ResolvedRecipient } from '../rules/recipient.ts';
import { resolveRecipient } from '../rules/resolve-recipient.ts';
import type { Route } from '../rules/routing.ts';
import {
  type MessageStatus,
  type NewMessage,
  type NewNotification,
  type SuppressionReason,
  TidingsError,
} from '../spec/index.ts';
import type { AcceptItem, AcceptRecipient } from './accept-item.ts';
import type { AdapterChoice } from './choose-adapter.ts';
import { dropSuppressedCopies } from './drop-suppressed-copies.ts';
import { jobOf, lease, messagesOf, notificationOf } from './message-rows.ts';
import { routeStep, type Target } from './route-step.ts';
import type { WorkingSet } from './working-set.ts';

/** What deciding needs besides the facts. */
export interface AcceptContext extends AdapterChoice {
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
  on: AcceptContext,
): AcceptedRecipient {
  const target = knownTarget(item, recipient, set, on);
  const made = notificationOf(item, recipient, target, item.options, []);
  // Without a contact no erasure would ever reach what was sent.
  const base: NewNotification = target ? made : { ...made, payload: '{}', options: null };
  const change = { status: 'failed' as const, completed: true, errorCode: error.code, error: error.message };
  const notification: NewNotification = { ...base, ...change };
  set.putNotification(notification, []);
  return { id: base.id, notification, messages: [], deliveries: [], jobs: [], waiting: [], recorded: error };
}

/** The contact there already is for a recipient that was refused. */
function knownTarget(
  item: AcceptItem,
  { request, id }: AcceptRecipient,
  set: WorkingSet,
  on: AcceptContext,
): Target | undefined {
  if (request.kind === 'refused') return undefined;
  const options = { scope: item.scope, newId: id(1), now: set.now, hash: on.secrets.hash, create: false };
  try {
    const resolved = resolveRecipient(request, indexOf(set, item), options);
    return resolved?.kind === 'contact' ? targetOf(item, resolved, on.plan) : undefined;
  } catch (error) {
    // It may be why the recipient was refused.
    if (TidingsError.is(error)) return undefined;
    throw error;
  }
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
