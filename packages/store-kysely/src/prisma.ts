export {
  type PrismaClient,
  type PrismaTransaction,
  type PrismaTransactionOf,
  prismaTransactions,
} from './bridges/prisma-transactions.ts';
export { type PrismaStoreOptions, prismaStore } from './prisma-store.ts';
