import { randomUUID } from 'node:crypto';
import { addressOf, nameOf, orderOf } from '../work/work.ts';
import type { Shop } from './open-shop.ts';

/** Calls of an engine and its store, by name. Each may be repeated. */
export async function actionsOf(shop: Shop): Promise<ReadonlyMap<string, () => Promise<unknown>>> {
  const { engine, store } = shop;
  const run = randomUUID();
  let number = 0;
  const next = (): number => number++;
  const person = (): string => addressOf(next());
  const payload = orderOf(1);
  const one = (await engine.messages.list({ limit: 1 })).items[0];
  if (!one) throw new Error('There is no message.');
  const day = 86_400_000;
  const lanes = [{ lane: 'nowhere', limit: 200 }];
  return new Map<string, () => Promise<unknown>>([
    ['send', () => shop.confirm(run, next())],
    ['send to 500 at once', () => Promise.all(Array.from({ length: 500 }, () => shop.confirm(run, next())))],
    [
      'send to a new contact',
      () => engine.send('confirmation', { to: { email: `new.${randomUUID()}@mail.example.com` }, payload }),
    ],
    [
      'broadcast to 600',
      () =>
        engine.broadcast(
          'confirmation',
          Array.from({ length: 600 }, () => ({ to: { email: person() }, payload })),
          { id: randomUUID() },
        ),
    ],
    ['claim of nothing', () => store.claim({ lanes, leaseMs: 45_000 })],
    [
      'claim with stranded',
      () => store.claim({ lanes, leaseMs: 45_000, stranded: { known: ['nowhere'], strandedMs: 1000, limit: 10 } }),
    ],
    ['cancel by person', () => engine.cancel('confirmation', { to: person() })],
    ['cancel by key', () => engine.cancel('confirmation', { idempotencyKey: `order-${run}-${next() % 4}` })],
    ['notifications.list', () => engine.notifications.list()],
    ['notifications.list with total', () => engine.notifications.list({ total: true })],
    ['notifications.list of a contact', () => engine.notifications.list({ contact: person() })],
    ['notifications.list of running', () => engine.notifications.list({ status: 'running' })],
    ['notifications.list of an event', () => engine.notifications.list({ event: 'confirmation' })],
    ['messages.list of failed', () => engine.messages.list({ status: 'failed' })],
    ['messages.list of queued', () => engine.messages.list({ status: 'queued' })],
    ['messages.list of another event', () => engine.messages.list({ event: 'welcome' })],
    ['messages.list of sms', () => engine.messages.list({ channel: 'sms' })],
    ['messages.list of a contact', () => engine.messages.list({ contact: person() })],
    ['messages.list of a contact, failed', () => engine.messages.list({ contact: person(), status: 'failed' })],
    ['messages.list 10,000 down', () => engine.messages.list({ offset: 10_000 })],
    ['messages.trace', () => engine.messages.trace(one.id)],
    ['contacts.upsert', () => engine.contacts.upsert({ email: person(), lastName: `Nr. ${next()}` })],
    ['contacts.list', () => engine.contacts.list()],
    ['contacts.list by a beginning', () => engine.contacts.list({ search: 'customer.77' })],
    ['contacts.list by a name', () => engine.contacts.list({ search: nameOf(3).toLowerCase() })],
    ['contacts.export', () => engine.contacts.export(person())],
    ['suppressions.add', () => engine.suppressions.add({ address: person() })],
    ['suppressions.list', () => engine.suppressions.list()],
    ['contacts.delete', () => engine.contacts.delete(addressOf(9_000 + next()))],
    ['prune, nothing is old', () => engine.prune()],
    [
      'prune of 200 runs',
      () => store.prune({ contentsOlderMs: 1, finishedOlderMs: Math.floor(29.9 * day), limit: 200 }),
    ],
    ['beat', () => store.beat('a process', 10_000)],
  ]);
}
