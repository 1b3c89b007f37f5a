export {
  type TypeormDataSource,
  type TypeormEntityManager,
  type TypeormQueryRunner,
  type TypeormTransaction,
  typeormTransactions,
} from './bridges/typeorm-transactions.ts';
