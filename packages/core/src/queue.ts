// What a queue author needs: `@tidings/core/queue`.
export * from './spec/index.ts';
export { type Broker, type BrokerConsumer, type BrokerProducer, createBrokerQueue } from './toolkit/broker-queue.ts';
export { type QueueOptionChecks, queueOptionChecks } from './toolkit/queue-options.ts';
export { mostWakeUpIds, readWakeUpJob, type WakeUpJob } from './toolkit/wake-up-job.ts';
export { within } from './toolkit/within.ts';
