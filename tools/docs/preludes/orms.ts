import { captureAdapter, defineEvent } from '@tidings/core';

export const events = {
  'order.confirmed': defineEvent({
    templates: { email: { en: { subject: 'Your order', text: 'Thank you for your order.' } } },
  }),
};
export const adapters = [captureAdapter({ name: 'email', channel: 'email' })];
export const senders = [{ channel: 'email', address: 'shop@example.com' }] as const;
export const customer = 'jane@example.com';
export const url: string = process.env.DATABASE_URL ?? '';

/** What `prisma generate` writes for a schema with one model. */
interface PrismaClient {
  readonly order: { create(args: { data: { id: number } }): Promise<object> };
  $connect(): Promise<void>;
  $queryRawUnsafe<T = unknown>(query: string, ...values: unknown[]): Promise<T>;
  $executeRawUnsafe(query: string, ...values: unknown[]): Promise<number>;
  $transaction<R>(run: (tx: Omit<PrismaClient, '$connect'>) => Promise<R>): Promise<R>;
}
export declare const prisma: PrismaClient;
