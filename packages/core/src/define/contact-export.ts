import type { Mode } from '../spec/scope.ts';
import type { ContactView, MessageTrace, NotificationSummary, SuppressionView } from './views.ts';

/** As JSON has it: dates are ISO 8601 texts. */
export type Plain<View> = View extends Date
  ? string
  : View extends readonly (infer Item)[]
    ? readonly Plain<Item>[]
    : View extends object
      ? { readonly [K in keyof View]: Plain<View[K]> }
      : View;

/** The person, and when and from where it was exported. */
export interface ExportHead {
  /** Version of this form. */
  readonly format: 1;
  readonly exportedAt: string;
  readonly tenant: string;
  readonly mode: Mode;
  readonly contact: Plain<ContactView>;
  /** What the person is found by, in normal form. */
  readonly identifiers: readonly { readonly kind: string; readonly value: string }[];
}

/** A notification with all that was given for it and made of it. */
export interface ExportedNotification extends Plain<NotificationSummary> {
  readonly payload: unknown;
  /** Forced channel, overrides and sender; null when there were none. */
  readonly options: unknown;
  /** With timeline, routing and what was rendered, oldest first. */
  readonly messages: readonly Plain<MessageTrace>[];
}

/** Everything held about a person: plain data, fit for `JSON.stringify`. */
export interface ContactExport extends ExportHead {
  /** Newest first. */
  readonly notifications: readonly ExportedNotification[];
  /** Of addresses they have, and of addresses that something was sent to. */
  readonly suppressions: readonly Plain<SuppressionView>[];
}

/** A part of an export, for histories that are better not held at once. */
export type ContactExportPart =
  | ({ readonly kind: 'contact' } & ExportHead)
  | ({ readonly kind: 'notification' } & ExportedNotification)
  | ({ readonly kind: 'suppression' } & Plain<SuppressionView>);
