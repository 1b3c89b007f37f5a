// What a queue author needs: `@tidings/core/queue`.
export * from './spec/index.ts';
export { consoleLogger } from './toolkit/console-logger.ts';
export { safeLogger } from './toolkit/safe-logger.ts';
export { mostWakeUpIds, readWakeUpJob, type WakeUpJob } from './toolkit/wake-up-job.ts';
export { createWakeUpPublisher, type WakeUpPublisher } from './toolkit/wake-up-publisher.ts';
export { within } from './toolkit/within.ts';
