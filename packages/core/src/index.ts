export * from './channels/index.ts';
export type {
  BroadcastItem,
  BroadcastOptions,
  BroadcastProgress,
  BroadcastRejection,
  BroadcastResult,
  BroadcastSource,
  ResumableItem,
} from './define/broadcast.ts';
export { checkedFor } from './define/checked-for.ts';
export { combineEvents } from './define/combine-events.ts';
export type * from './define/contact-export.ts';
export { defineAdapter } from './define/define-adapter.ts';
export { defineChannel } from './define/define-channel.ts';
export { defineEvent } from './define/define-event.ts';
export type { Duration } from './define/duration.ts';
export type * from './define/engine-api.ts';
export type * from './define/engine-options.ts';
export type {
  DefineEvent,
  EventDefinition,
  EventMap,
  EventOptions,
  EventTypes,
  PriorityName,
  Snapshot,
} from './define/event-definition.ts';
export type { ContactFields, ContactReference, Recipient, Recipients } from './define/recipient.ts';
export type * from './define/reports.ts';
export type {
  Delivery,
  OnUnroutable,
  Overrides,
  Sender,
  SendOptions,
  SendResult,
  Sent,
  SentMany,
} from './define/send.ts';
export { type TemplateFiles, templateFiles } from './define/template-files.ts';
export type { ByLanguage, RenderContext, TemplateFields, Templates } from './define/templates.ts';
export type * from './define/views.ts';
export { withChannels } from './define/with-channels.ts';
export { createEngine } from './engine.ts';
export type { MessageOutcome, Sequence, SequenceEnd } from './sequences/sequence.ts';
export type { Step } from './sequences/step.ts';
export * from './spec/index.ts';
export {
  type Answer,
  type CaptureAdapter,
  type CapturedMessage,
  captureAdapter,
} from './toolkit/capture-adapter.ts';
export { inProcessQueue } from './toolkit/in-process-queue.ts';
export { memoryStore } from './toolkit/memory-store.ts';
export { silentLogger } from './toolkit/silent-logger.ts';
