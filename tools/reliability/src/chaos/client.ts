// The client of a chaos run: sends, suppresses and erases through whichever worker lives. Never killed.
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Sent, Stopped } from '@tidings/core';
import { type ClientEntry, ledgerFiles, tenants } from './entries.ts';
import { openLedger } from './ledger.ts';
import { monotonic } from './monotonic.ts';
import { type Operation, type Person, planOperations } from './plan-operations.ts';
import { type Seeded, seeded } from './seeded.ts';
import type { ClientAnswer, ClientRequest } from './worker/answer-requests.ts';

/** What the client is told when it starts. */
export interface ClientOrder {
  readonly folder: string;
  readonly seed: number;
  readonly messages: number;
  readonly concurrency: number;
  readonly broadcast: boolean;
}

/** What the client is told while it runs: which ports answer, and which number of a send may not have begun. */
export type ClientCommand = { readonly ports: readonly number[] } | { readonly limit: number };
/** What the client tells. */
export type ClientReport = { readonly acknowledged: number } | { readonly done: true };

const order = JSON.parse(process.env.TIDINGS_CHAOS_CLIENT ?? '{}') as ClientOrder;
const ledger = await openLedger<ClientEntry>(join(order.folder, ledgerFiles.client));
const random: Seeded = seeded(order.seed, 'ports');
const sending = new Map<number, Promise<unknown>[]>();
let ports: readonly number[] = [];
let limit = 0;
let acknowledged = 0;
let changes: (() => void)[] = [];

process.on('message', (command: ClientCommand) => {
  if ('ports' in command) ports = command.ports;
  else limit = command.limit;
  const tell = changes;
  changes = [];
  for (const one of tell) one();
});
process.on('disconnect', () => process.exit(0));

if (order.broadcast) await broadcast();
else await operate(planOperations(order.messages, order.seed));
await ledger.close();
tell({ done: true });

async function operate(operations: readonly Operation[]): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      const at = next;
      next += 1;
      const operation = operations[at];
      if (!operation) return;
      while (operation.number >= limit) await change();
      if (operation.do === 'send') await keep(operation.person, send(operation));
      else if (operation.do === 'suppress') await suppress(operation.person);
      else await erase(operation.person);
    }
  };
  await Promise.all(Array.from({ length: order.concurrency }, work));
}

function keep(person: Person, doing: Promise<void>): Promise<void> {
  sending.set(person.index, [...(sending.get(person.index) ?? []), doing]);
  return doing;
}

async function send(operation: Extract<Operation, { do: 'send' }>): Promise<void> {
  const { person, event, number, twice } = operation;
  const idempotencyKey = `send-${number}`;
  const message = {
    to: { email: person.email, name: person.name, ...(event === 'alert' ? { pushTokens: person.pushTokens } : {}) },
    payload: { number, secret: `secret-${person.name}` },
    idempotencyKey,
    requestId: idempotencyKey,
  };
  const beganAt = monotonic();
  const once = async (): Promise<void> => {
    const answer = await ask({ do: 'send', scope: person.scope, event, message }, `send ${number}`);
    if (!answer) return;
    const { replayed, ...reply } = answer.result as Sent;
    const messages = reply.deliveries.map(({ id }) => id);
    await ledger.write({
      kind: 'acknowledged',
      send: {
        beganAt,
        ackedAt: monotonic(),
        scope: person.scope,
        event,
        idempotencyKey,
        request: JSON.stringify(message),
        reply: JSON.stringify(reply),
        replayed,
        notifications: [{ id: reply.id, messages }],
      },
    });
  };
  await Promise.all(twice ? [once(), once()] : [once()]);
  acknowledged += 1;
  tell({ acknowledged });
}

async function suppress(person: Person): Promise<void> {
  const answer = await ask({ do: 'suppress', scope: person.scope, address: person.email }, 'suppress');
  if (!answer) return;
  const { cancelled, alreadyHandedOver } = answer.result as Stopped;
  await stopped('suppress', person, cancelled, alreadyHandedOver, '*', []);
}

async function erase(person: Person): Promise<void> {
  // who sends after an erasure makes the person known anew
  await Promise.all(sending.get(person.index) ?? []);
  const answer = await ask({ do: 'erase', scope: person.scope, email: person.email }, 'erase', ['NOT_FOUND']);
  if (!answer) return;
  const { cancelled, alreadyHandedOver } = answer.result as Stopped;
  // what an erasure that was cut short had counted, nobody knows any more
  const handedOver = answer.tries > 1 ? Number.MAX_SAFE_INTEGER : alreadyHandedOver;
  const words = [person.email, person.name, ...person.pushTokens];
  await stopped('erase', person, cancelled ?? 0, handedOver, '*', words);
}

function stopped(
  kind: 'suppress' | 'erase',
  person: Person,
  cancelled: number,
  alreadyHandedOver: number,
  channel: string,
  words: readonly string[],
): Promise<void> {
  return ledger.write({
    kind: 'stopped',
    stop: {
      kind,
      scope: person.scope,
      resolvedAt: monotonic(),
      cancelled,
      alreadyHandedOver,
      addresses: kind === 'erase' ? [person.email, ...person.pushTokens] : [person.email],
      channel,
      messages: [],
      removedAt: null,
      words,
    },
  });
}

async function broadcast(): Promise<void> {
  const [scope] = tenants;
  if (!scope) return;
  const id = `broadcast-${order.seed}`;
  for (;;) {
    const answer = await ask({ do: 'broadcast', scope, id, recipients: order.messages }, 'broadcast');
    if (!answer) return;
    const { completed, accepted, rejected } = answer.result as {
      completed: boolean;
      accepted: number;
      rejected: number;
    };
    if (!completed) continue;
    await ledger.write({
      kind: 'broadcast',
      broadcast: { id, scope, recipients: order.messages, completed, accepted, rejected },
    });
    return;
  }
}

/** Asks until somebody answers; undefined when the answer is a refusal for good, which is written down. */
async function ask(
  request: ClientRequest,
  what: string,
  fine: readonly string[] = [],
): Promise<{ readonly result: unknown; readonly tries: number } | undefined> {
  for (let tries = 1; ; tries += 1) {
    while (ports.length === 0) await change();
    const answer = await post(random.pick(ports), request);
    if (answer && 'result' in answer) return { result: answer.result, tries };
    if (answer) {
      const { code, message, retryable } = answer.error;
      if (fine.includes(code)) return { result: {}, tries };
      if (!retryable && code !== 'ENGINE_STOPPED') {
        await ledger.write({ kind: 'refused', what, code, message });
        return undefined;
      }
    }
    await wait(20 + random.below(50));
  }
}

async function post(port: number, request: ClientRequest): Promise<ClientAnswer | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      body: JSON.stringify(request),
      ...(request.do === 'broadcast' ? {} : { signal: AbortSignal.timeout(15_000) }),
    });
    return (await response.json()) as ClientAnswer;
  } catch {
    // it was killed, or stands still
    return undefined;
  }
}

function change(): Promise<void> {
  return new Promise((resolve) => changes.push(resolve));
}

function tell(report: ClientReport): void {
  if (process.connected) process.send?.(report);
}
