import type { Contact } from '../spec/contact.ts';
import type { MessageStatus, NotificationStatus, SuppressionReason, TimelineEntry } from '../spec/lifecycle.ts';

// What readers get: plain objects with Dates, never a row. `null` is "not (yet)", so that every key is always there.

/** Why something failed. Holds no address and no secret. */
export interface FailureView {
  /** One of `errorCodes`. */
  readonly code: string;
  readonly message: string;
}

/** A notification in a list. */
export interface NotificationSummary {
  readonly id: string;
  readonly event: string;
  readonly status: NotificationStatus;
  readonly category: string;
  /** The language asked for, else the contact's, else the engine's; null when the recipient could not be read. */
  readonly language: string | null;
  /** Null when it went to an address without a contact, and after erasure. */
  readonly contactId: string | null;
  readonly broadcastId: string | null;
  readonly requestId: string | null;
  readonly createdAt: Date;
  readonly completedAt: Date | null;
  readonly error: FailureView | null;
}

/** A notification with its contact and messages. */
export interface NotificationView extends NotificationSummary {
  readonly contact: Contact | null;
  /** Oldest first. */
  readonly messages: readonly MessageView[];
}

/** A message. */
export interface MessageView {
  readonly id: string;
  readonly notificationId: string;
  readonly contactId: string | null;
  readonly event: string;
  /** Id of its send step. */
  readonly step: string;
  readonly channel: string;
  readonly status: MessageStatus;
  /** The adapter of the last attempt; null before the first. */
  readonly adapter: string | null;
  /** The provider's own id of the message. */
  readonly providerId: string | null;
  /** Calls of adapters begun so far. */
  readonly attempts: number;
  /** As the contact gave it; null after erasure, or when there was none to send to. */
  readonly address: string | null;
  /** The language chosen; null before rendering. */
  readonly language: string | null;
  readonly createdAt: Date;
  readonly sentAt: Date | null;
  readonly deliveredAt: Date | null;
  readonly openedAt: Date | null;
  readonly clickedAt: Date | null;
  readonly error: FailureView | null;
  /** Why it is suppressed. */
  readonly reason: SuppressionReason | null;
}

/** One line of a timeline. */
export type TimelineView = Omit<TimelineEntry, 'at'> & { readonly event: string; readonly at: Date };

/** A message with everything that happened to it. */
export interface MessageTrace extends MessageView {
  /** Oldest first. */
  readonly timeline: readonly TimelineView[];
  /** Why this channel and adapter; null when unknown. */
  readonly routing: Readonly<Record<string, unknown>> | null;
  /** What was rendered; null before, without snapshots, and after retention or erasure. */
  readonly content: Readonly<Record<string, unknown>> | null;
}

/** A contact as kept. */
export interface ContactView extends Contact {
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** An address that is not sent to. */
export interface SuppressionView {
  /** Null after erasure: only its keyed hash is left. */
  readonly address: string | null;
  /** `*`: every channel that uses the address. */
  readonly channel: string;
  readonly reason: SuppressionReason;
  /** Where it came from: `api`, an adapter's name, … */
  readonly source: string;
  readonly note: string | null;
  readonly createdAt: Date;
}

/** What was stopped by a cancel, a suppression or an erasure, exactly. */
export interface Stopped {
  /** Messages that will not be handed over any more. */
  readonly cancelled: number;
  /** Messages whose call a process already had in hand; they may still go out, and no retry follows them. */
  readonly alreadyHandedOver: number;
}

/** An event definition, for people and tools. */
export interface EventView {
  /** The name it is sent by. */
  readonly event: string;
  /** A title for people. */
  readonly name: string;
  readonly category: string;
  /** In routing order, then those only steps use. */
  readonly channels: readonly string[];
  /** Languages by channel. */
  readonly languages: Readonly<Record<string, readonly string[]>>;
  /** The steps in order; branches nested. */
  readonly steps: readonly StepView[];
  readonly listeners: number;
}

/** A step without its functions. */
export interface StepView {
  readonly id: string;
  readonly kind: string;
  /** Of a `when` (yes, no) or a `parallel`. */
  readonly branches?: readonly (readonly StepView[])[];
}

/** An adapter of the engine. Never a secret. */
export interface IntegrationView {
  readonly channel: string;
  /** The adapter's name. */
  readonly provider: string;
  /**
   * As this process sees it. `paused`: the provider asked for a pause, or a rate limit was hit. `failing`: it failed so
   * often in a row that it is only called now and then, to see whether it is back.
   */
  readonly status: 'active' | 'paused' | 'failing';
  /** False where the mode `test` captures instead. */
  readonly sends: boolean;
}
