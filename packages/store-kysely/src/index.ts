export { type KyselyStoreOptions, kyselyStore } from './kysely-store.ts';
export { type MysqlPool, type MysqlStoreOptions, type MysqlTransaction, mysqlStore } from './mysql-store.ts';
export type { ServerStoreOptions, StoreOptions } from './options.ts';
export { type PgTransaction, type PostgresPool, type PostgresStoreOptions, postgresStore } from './postgres-store.ts';
export { type SqliteHandle, type SqliteStatement, type SqliteStoreOptions, sqliteStore } from './sqlite-store.ts';
export type {
  TransactionBridge,
  TransactionExecutor,
  TransactionParameter,
  TransactionsOption,
} from './transaction.ts';
