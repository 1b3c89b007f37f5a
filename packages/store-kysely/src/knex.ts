export {
  type KnexInstance,
  type KnexTransaction,
  type KnexTransactionOf,
  knexTransactions,
} from './bridges/knex-transactions.ts';
