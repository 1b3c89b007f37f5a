import type { Events, Integrations, Messages, Notifications } from '../define/engine-api.ts';
import type { IntegrationView } from '../define/views.ts';
import { messageTransitions, notificationTransitions } from '../lifecycle/states.ts';
import { findEvent } from '../plan/find-event.ts';
import type { Plan } from '../plan/plan.ts';
import {
  type ContactFacts,
  type MessageStatus,
  type Mode,
  type NotificationStatus,
  TidingsError,
} from '../spec/index.ts';
import { isUuid } from '../toolkit/uuid.ts';
import { cancelNotification } from './cancel.ts';
import { findContact } from './find-contact.ts';
import { emptyPage, pageQuery, viewPage } from './page-query.ts';
import type { Scoped } from './scoped.ts';
import { eventView, messageTrace, messageView, notificationSummary, notificationView } from './views.ts';

/** `engine.notifications` for one scope. */
export function createNotifications(scoped: Scoped): Notifications {
  return {
    async get(given) {
      const { on, scope } = await scoped.ready();
      const id = checkId(given, 'notification');
      const facts = await on.store.load({ notifications: [{ scope, id }] });
      const [row] = facts.notifications;
      if (!row) throw missing('notification');
      const contact = row.contactId === null ? undefined : await contactOf(scoped, row.contactId);
      return notificationView(row, facts.messages, contact);
    },
    async list(options) {
      const { on, scope, rules } = await scoped.ready();
      const query = pageQuery(scope, options, ['event', 'status', 'contact']);
      const { event, status, contact } = options ?? {};
      const who = contact === undefined ? undefined : await findContact(contact, scope, rules, on);
      if (contact !== undefined && !who) return emptyPage(options);
      const page = await on.store.listNotifications({
        ...query,
        ...(event === undefined ? {} : { event }),
        ...(status === undefined
          ? {}
          : { status: statusesOf(status, Object.keys(notificationTransitions) as NotificationStatus[]) }),
        ...(who ? { contactId: who.row.id } : {}),
      });
      return viewPage(page, notificationSummary);
    },
    cancel: (id, options?: unknown) => cancelNotification(scoped, id, options),
  };
}

/** `engine.messages` for one scope. */
export function createMessages(scoped: Scoped): Messages {
  return {
    async get(given) {
      const { on, scope } = await scoped.ready();
      const id = checkId(given, 'message');
      const { messages } = await on.store.load({ messages: [{ scope, id }] });
      if (!messages[0]) throw missing('message');
      return messageView(messages[0]);
    },
    async trace(given) {
      const { on, scope } = await scoped.ready();
      const id = checkId(given, 'message');
      const facts = await on.store.load({ messages: [{ scope, id }], contents: [{ scope, id }] });
      if (!facts.messages[0]) throw missing('message');
      return messageTrace(facts.messages[0], facts.contents[0]?.content);
    },
    async list(options) {
      const { on, scope, rules } = await scoped.ready();
      const query = pageQuery(scope, options, ['event', 'channel', 'status', 'contact']);
      const { event, channel, status, contact } = options ?? {};
      const who = contact === undefined ? undefined : await findContact(contact, scope, rules, on);
      if (contact !== undefined && !who) return emptyPage(options);
      const page = await on.store.listMessages({
        ...query,
        ...(event === undefined ? {} : { event }),
        ...(channel === undefined ? {} : { channel }),
        ...(status === undefined
          ? {}
          : { status: statusesOf(status, Object.keys(messageTransitions) as MessageStatus[]) }),
        ...(who ? { contactId: who.row.id } : {}),
      });
      return viewPage(page, messageView);
    },
  };
}

/** `engine.events`. */
export function createEvents(plan: Plan): Events {
  return {
    list: () => [...plan.events.values()].map(eventView),
    get: (name) => eventView(findEvent(plan, name)),
  };
}

/** `engine.integrations`. `condition`: of an adapter's lane in this process. */
export function createIntegrations(
  plan: Plan,
  mode: Mode,
  condition: (adapter: string) => Promise<IntegrationView['status']>,
): Integrations {
  return {
    async list(options) {
      const all = [...plan.adapters.live.values()].flat();
      return Promise.all(
        all
          .filter((adapter) => options?.channel === undefined || adapter.channel === options.channel)
          .map(async (adapter) => ({
            channel: adapter.channel,
            provider: adapter.name,
            status: await condition(adapter.name),
            sends: mode === 'live',
          })),
      );
    },
  };
}

async function contactOf(scoped: Scoped, id: string): Promise<ContactFacts | undefined> {
  const { on, scope } = await scoped.ready();
  const { contacts } = await on.store.load({ contacts: [{ scope, id }] });
  return contacts[0];
}

function statusesOf<Status extends string>(
  status: Status | readonly Status[],
  known: readonly Status[],
): readonly Status[] {
  const list = Array.isArray(status) ? (status as readonly Status[]) : [status as Status];
  for (const one of list) {
    if (known.includes(one)) continue;
    throw new TidingsError('VALIDATION_ERROR', `status must be among ${known.join(', ')}.`, { path: 'status' });
  }
  return list;
}

function checkId(id: unknown, what: string): string {
  if (typeof id === 'string' && isUuid(id.toLowerCase())) return id.toLowerCase();
  throw missing(what);
}

function missing(what: string): TidingsError {
  return new TidingsError('NOT_FOUND', `There is no such ${what}.`, { path: 'id' });
}
