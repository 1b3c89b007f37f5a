export {
  type DrizzleDatabase,
  type DrizzleTransaction,
  type DrizzleTransactionOf,
  drizzleTransactions,
} from './bridges/drizzle-transactions.ts';
export { type DrizzleStoreOptions, drizzleStore } from './drizzle-store.ts';
