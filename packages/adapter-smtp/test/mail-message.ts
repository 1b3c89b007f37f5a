import { randomUUID } from 'node:crypto';
import type { AdapterCall, EmailOverrides, EmailTemplate, OutgoingMessage } from '@tidings/core/adapter';

/** An e-mail on its way out. */
export type MailMessage = OutgoingMessage<EmailTemplate, EmailOverrides & Record<string, unknown>>;

/** One that can be sent, with these changes. */
export function mailMessage(changes: Partial<MailMessage> = {}): MailMessage {
  return {
    id: randomUUID(),
    event: 'welcome',
    channel: 'email',
    to: 'jane@example.com',
    toName: 'Jane',
    from: { address: 'hello@example.org', name: 'Example' },
    content: { subject: 'Hello', html: '<p>Hello</p>', text: 'Hello' },
    overrides: {},
    scope: { tenant: 'default', mode: 'live' },
    language: 'en',
    category: 'onboarding',
    ...changes,
  };
}

/** What accompanies the call for a message. */
export function callFor(message: { readonly id: string }, changes: Partial<AdapterCall> = {}): AdapterCall {
  return { signal: new AbortController().signal, attempt: 1, key: message.id, tag: `${message.id}.1`, ...changes };
}
