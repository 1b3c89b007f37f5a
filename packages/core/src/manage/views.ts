import { describeEvent } from '../define/describe-event.ts';
import type {
  ContactView,
  EventView,
  MessageTrace,
  MessageView,
  NotificationSummary,
  NotificationView,
  SuppressionView,
} from '../define/views.ts';
import type { EventPlan } from '../plan/plan.ts';
import { contactFrom } from '../rules/contact-data.ts';
import type { ContactFacts, MessageRow, NotificationRow, SuppressionRow } from '../spec/index.ts';

// Rows as readers get them.

export function contactView(facts: ContactFacts): ContactView {
  const { createdAt, updatedAt } = facts.row;
  return { ...contactFrom(facts), createdAt: new Date(createdAt), updatedAt: new Date(updatedAt) };
}

export function notificationSummary(row: NotificationRow): NotificationSummary {
  const { id, event, status, category, language, contactId, broadcastId, requestId } = row;
  return {
    id,
    event,
    status,
    category,
    language,
    contactId,
    broadcastId,
    requestId,
    createdAt: new Date(row.createdAt),
    completedAt: dateOrNull(row.completedAt),
    error: failureOf(row),
  };
}

export function notificationView(
  row: NotificationRow,
  messages: readonly MessageRow[],
  contact: ContactFacts | undefined,
): NotificationView {
  const ordered = [...messages].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    ...notificationSummary(row),
    contact: contact ? contactFrom(contact) : null,
    messages: ordered.map(messageView),
  };
}

export function messageView(row: MessageRow): MessageView {
  const {
    id,
    notificationId,
    contactId,
    event,
    step,
    channel,
    status,
    providerId,
    attempts,
    address,
    language,
    reason,
  } = row;
  return {
    id,
    notificationId,
    contactId,
    event,
    step,
    channel,
    status,
    adapter: row.provider,
    providerId,
    attempts,
    address,
    language,
    createdAt: new Date(row.createdAt),
    sentAt: dateOrNull(row.sentAt),
    deliveredAt: dateOrNull(row.deliveredAt),
    openedAt: dateOrNull(row.openedAt),
    clickedAt: dateOrNull(row.clickedAt),
    error: failureOf(row),
    reason,
  };
}

export function messageTrace(row: MessageRow, content: string | undefined): MessageTrace {
  return {
    ...messageView(row),
    timeline: row.timeline.map((entry) => ({ ...entry, event: entry.event, at: new Date(entry.at) })),
    routing: row.routing === null ? null : { tried: JSON.parse(row.routing) as unknown, adapter: row.lane || null },
    content: content === undefined ? null : (JSON.parse(content) as Record<string, unknown>),
  };
}

export function suppressionView(row: SuppressionRow): SuppressionView {
  const { address, channel, reason, source, note } = row;
  return { address, channel, reason, source, note, createdAt: new Date(row.createdAt) };
}

export function eventView(event: EventPlan): EventView {
  const templates: Record<string, Record<string, Record<string, unknown>>> = {};
  for (const step of event.steps) {
    for (const [name, { languages }] of step.channels) {
      const all = templates[name] ?? {};
      templates[name] = all;
      for (const language of languages.keys()) all[language] = {};
    }
  }
  return describeEvent(event.name, event.definition, templates);
}

function failureOf(row: { errorCode: string | null; error: string | null }): { code: string; message: string } | null {
  return row.errorCode === null ? null : { code: row.errorCode, message: row.error ?? '' };
}

function dateOrNull(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}
