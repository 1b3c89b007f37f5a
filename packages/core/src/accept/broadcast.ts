import { z } from 'zod';
import type { BroadcastProgress, BroadcastRejection, BroadcastResult } from '../define/broadcast.ts';
import type { Context } from '../plan/context.ts';
import { findEvent } from '../plan/find-event.ts';
import { firstIssue } from '../plan/first-issue.ts';
import { transactionOf } from '../plan/host-transaction.ts';
import { issueWords, mustBe } from '../plan/issue-words.ts';
import type { EventPlan } from '../plan/plan.ts';
import type { RecipientRules } from '../rules/recipient.ts';
import { TidingsError } from '../spec/index.ts';
import type { Batcher } from '../toolkit/batcher.ts';
import type { AcceptItem, AcceptRecipient } from './accept-item.ts';
import type { AcceptResult } from './decide-accept.ts';
import { commonShape, keyText } from './read-envelope.ts';
import { newIds, payloadJson, readCommon, readOne, type SendScope } from './read-send.ts';

const callable = z.custom<(value: never) => unknown>((value) => typeof value === 'function', 'must be a function');
const optionsSchema = z.strictObject({
  id: keyText,
  key: callable.optional(),
  ...commonShape,
  onProgress: callable.optional(),
  onRejected: callable.optional(),
  signal: z.instanceof(AbortSignal, mustBe('an AbortSignal')).optional(),
  transaction: z.unknown().optional(),
});
type Options = z.infer<typeof optionsSchema>;

const chunkSize = 500;

interface Item {
  readonly to: unknown;
  readonly payload?: unknown;
  readonly cursor?: string | number;
}

/** Sends to a source of any length, a chunk a commit: the next chunk is read when the last is stored, so memory stays flat. */
export async function broadcast(
  eventName: string,
  source: unknown,
  given: unknown,
  scope: SendScope,
  rules: RecipientRules,
  on: Context,
  acceptor: Batcher<AcceptItem, AcceptResult>,
): Promise<BroadcastResult> {
  const event = findEvent(on.plan, eventName);
  const options = readOptions(event, given);
  refuseTransaction(event, options, on);
  const before = await earlier(event, options.id, scope, on);
  const own = options.payload === undefined ? undefined : await event.parsePayload(options.payload);
  const { id: _, key: __, payload: ___, transaction: ____, onProgress, onRejected, signal, ...rest } = options;
  const common = await readCommon(event, { priority: 'bulk', ...rest }, scope, on);
  const progress = {
    id: options.id,
    event: event.name,
    accepted: before.accepted,
    // A refused recipient is read and refused again by every run: earlier ones would be counted twice.
    rejected: 0,
    skipped: 0,
  };
  let index = 0;
  let cursor: string | null = before.cursor;
  const chunk: AcceptRecipient[] = [];
  let completed = true;

  const flush = async (last: boolean): Promise<void> => {
    if (chunk.length === 0 && !last) return;
    const recipients = chunk.splice(0);
    const first = index - recipients.length;
    const item: AcceptItem = {
      ...common,
      recipients,
      many: true,
      payload: payloadJson(event, own ?? {}, on),
      idempotency: undefined,
      broadcast: { id: options.id, cursor, completed: last },
    };
    const result = await acceptor.add(item);
    if (result.kind !== 'accepted') throw new TidingsError('INTERNAL', 'A chunk of a broadcast was not decided on.');
    for (const [place, outcome] of result.outcomes.entries()) {
      if (outcome.status === 'accepted') progress.accepted += 1;
      else if (outcome.status === 'skipped') progress.skipped += 1;
      else {
        progress.rejected += 1;
        const rejected: BroadcastRejection = {
          index: first + place,
          key: recipients[place]?.key?.plain,
          error: outcome.error,
        };
        await onRejected?.(rejected as never);
      }
    }
    const now: BroadcastProgress = { ...progress };
    on.report({ name: 'broadcast.progress', scope: { tenant: scope.tenant, mode: scope.mode }, fields: { ...now } });
    await onProgress?.(now as never);
  };

  for await (const item of itemsOf(source, before.cursor)) {
    if (signal?.aborted === true) {
      completed = false;
      break;
    }
    chunk.push(await readItem(item, `source[${index}]`, event, options, own, rules, on));
    index += 1;
    if (item.cursor !== undefined) cursor = JSON.stringify(item.cursor);
    if (chunk.length >= chunkSize) await flush(false);
  }
  await flush(completed);
  return { ...progress, completed };
}

function readOptions(event: EventPlan, given: unknown): Options {
  const result = optionsSchema.safeParse(given ?? {}, { error: issueWords });
  if (result.success) return result.data;
  const { path, unknown, message } = firstIssue(result.error);
  const what =
    unknown === undefined
      ? `${path || 'options'} ${message}`
      : `${path} is no option; there are ${Object.keys(optionsSchema.shape).join(', ')}`;
  throw new TidingsError('VALIDATION_ERROR', `broadcast("${event.name}"): ${what}.`, { path });
}

/** It commits chunk by chunk, so that no transaction could hold it together. */
function refuseTransaction({ name }: EventPlan, options: { readonly transaction?: unknown }, on: Context): void {
  if (transactionOf(`broadcast("${name}")`, options, on) === undefined) return;
  throw new TidingsError(
    'VALIDATION_ERROR',
    `broadcast("${name}"): a broadcast commits chunk by chunk and takes part in no transaction. Send to an array, or begin it after the commit.`,
    { path: 'transaction' },
  );
}

/** How far an earlier run of this broadcast came. */
async function earlier(
  event: EventPlan,
  id: string,
  scope: SendScope,
  on: Context,
): Promise<{ accepted: number; cursor: string | null }> {
  const { now, broadcasts } = await on.store.load({ broadcasts: [{ scope: scope.id, id }] });
  const [row] = broadcasts;
  if (!row) return { accepted: 0, cursor: null };
  const { notificationsMs } = on.settings.retention;
  if (row.completedAt !== null && notificationsMs !== null && row.completedAt + notificationsMs <= now) {
    throw new TidingsError(
      'CONFLICT',
      'A broadcast with this id was completed so long ago that it is no longer known whom it went to. Use another id.',
      { path: 'id' },
    );
  }
  if (row.event === event.name) return row;
  throw new TidingsError(
    'CONFLICT',
    `The broadcast id is taken by a broadcast of "${row.event}". Use another id for "${event.name}".`,
    {
      path: 'id',
    },
  );
}

async function* itemsOf(source: unknown, cursor: string | null): AsyncGenerator<Item> {
  const begun = typeof source === 'function' ? source(cursor === null ? undefined : JSON.parse(cursor)) : source;
  const iterable = begun as Iterable<unknown> & AsyncIterable<unknown>;
  const streams =
    typeof iterable === 'object' &&
    iterable !== null &&
    (Symbol.asyncIterator in iterable || Symbol.iterator in iterable);
  if (!streams) {
    throw new TidingsError(
      'VALIDATION_ERROR',
      'The source of a broadcast must be an iterable, an async iterable, or a function that returns one.',
      {
        path: 'source',
      },
    );
  }
  for await (const one of iterable) {
    const wrapped = typeof one === 'object' && one !== null && Object.hasOwn(one, 'to');
    yield wrapped ? (one as Item) : { to: one };
  }
}

async function readItem(
  item: Item,
  path: string,
  event: EventPlan,
  options: Options,
  common: unknown,
  rules: RecipientRules,
  on: Context,
): Promise<AcceptRecipient> {
  try {
    const payload =
      item.payload !== undefined || common === undefined
        ? { payload: payloadJson(event, await event.parsePayload(item.payload), on) }
        : {};
    const read = readOne(item.to, path, rules, on, payload);
    const plain = options.key ? readKey(options.key(item.to as never), path) : keyOf(read);
    return plain === null ? read : { ...read, key: { plain, stored: storedKeys(plain, on) } };
  } catch (error) {
    if (!TidingsError.is(error)) throw error;
    return { request: { kind: 'refused', error }, key: null, id: newIds(on) };
  }
}

function readKey(key: unknown, path: string): string {
  if (typeof key === 'string' && key !== '' && Buffer.byteLength(key) <= 255 && !key.includes('\0')) return key;
  throw new TidingsError('VALIDATION_ERROR', `The key of ${path} must be a text of 1 to 255 bytes.`, { path });
}

/** What makes a recipient the same one: the bare string, the id given, else its first identifier. */
function keyOf({ request }: AcceptRecipient): string | null {
  if (request.kind === 'refused') return null;
  if (request.kind === 'address') return `${request.channel}:${request.address}`;
  if (request.bare !== undefined) return request.bare;
  if (request.patch.id !== undefined) return request.patch.id;
  const [first] = request.identifiers;
  return first ? `${first.kind}:${first.value}` : null;
}

function storedKeys(plain: string, { secrets }: Context): readonly [string, ...string[]] {
  const [current, ...older] = secrets.hashes('recipient', plain).map((hash) => Buffer.from(hash).toString('base64url'));
  return [current ?? '', ...older];
}
