export { type AdapterCase, adapterCases } from './adapter/adapter-cases.ts';
export type * from './adapter/adapter-kit.ts';
export { naughtyTexts } from './adapter/naughty-texts.ts';
export { testAdapter } from './adapter/test-adapter.ts';
export type { ContractCase, ContractNeed } from './contract-case.ts';
export { type DatabaseName, databases } from './databases/databases.ts';
export { type IsolatedMariadb, isolatedMariadb } from './databases/isolated-mariadb.ts';
export { type IsolatedPostgres, isolatedPostgres } from './databases/isolated-postgres.ts';
export { type IsolatedSqlite, isolatedSqlite } from './databases/isolated-sqlite.ts';
export { type Effort, effort } from './effort.ts';
export { engineCases } from './engine/engine-cases.ts';
export { type EngineFactory, type EngineSubject, type EngineTrial, tryEngine } from './engine/engine-trial.ts';
export { type TestEngineOnOptions, testEngineOn } from './engine/test-engine-on.ts';
export { type FakeClock, fakeClock, fakeRandom } from './fake-clock.ts';
export { type BreakableProxy, breakableProxy } from './queue/breakable-proxy.ts';
export { brokerCases } from './queue/broker-cases.ts';
export { queueCases } from './queue/queue-cases.ts';
export {
  newWakeUp,
  type QueueBroker,
  type QueueFactory,
  type QueueSubject,
  type QueueTrial,
  tryQueue,
} from './queue/queue-trial.ts';
export { type TestQueueOptions, testQueue } from './queue/test-queue.ts';
export { type Child, startChild } from './start-child.ts';
export * from './store/rows.ts';
export { storeCases } from './store/store-cases.ts';
export { type StoreFactory, type StoreSubject, type StoreTrial, tryOn } from './store/store-trial.ts';
export { type TestStoreOptions, testStore } from './store/test-store.ts';
