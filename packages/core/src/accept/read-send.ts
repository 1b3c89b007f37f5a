import type { Context } from '../plan/context.ts';
import { findEvent } from '../plan/find-event.ts';
import { transactionOf } from '../plan/host-transaction.ts';
import type { KeptOptions } from '../plan/kept-options.ts';
import type { EventPlan } from '../plan/plan.ts';
import { canonicalFields, canonicalJson } from '../rules/canonical-json.ts';
import { normalizeEmail } from '../rules/email-address.ts';
import { parseLanguage } from '../rules/language-chain.ts';
import { readRecipient } from '../rules/read-recipient.ts';
import type { RecipientRequest, RecipientRules } from '../rules/recipient.ts';
import { type Mode, type Priority, type ScopeId, type Sender, TidingsError } from '../spec/index.ts';
import { uuidv7 } from '../toolkit/uuid.ts';
import type { AcceptItem, AcceptRecipient } from './accept-item.ts';
import { confirmSenders } from './confirm-senders.ts';
import { type Envelope, type GivenSender, readEnvelope } from './read-envelope.ts';
import { copiesOf, readOverrides } from './read-overrides.ts';

/** What reading a send needs besides the context. */
export interface SendScope {
  readonly id: ScopeId;
  readonly tenant: string;
  readonly mode: Mode;
}

const priorities: Readonly<Record<'urgent' | 'normal' | 'bulk', Priority>> = { urgent: 0, normal: 1, bulk: 2 };

/** Reads and validates one send, whatever its form, into an item for the next batch. */
export async function readSend(
  eventName: string,
  message: unknown,
  scope: SendScope,
  rules: RecipientRules,
  on: Context,
): Promise<AcceptItem> {
  const event = findEvent(on.plan, eventName);
  const given = readEnvelope(event, message);
  const transaction = transactionOf(`send("${event.name}")`, given, on);
  const payload = await event.parsePayload(given.payload);
  const many = given.to === undefined ? event.listeners.length > 0 : Array.isArray(given.to);
  const to = given.to === undefined && event.listeners.length > 0 ? event.listeners : given.to;
  if (to === undefined) {
    throw new TidingsError(
      'MISSING_IDENTIFIER',
      `A send of "${event.name}" needs \`to\`: the event has no listeners.`,
      { path: 'to' },
    );
  }
  const list: readonly unknown[] = many ? (to as readonly unknown[]) : [to];
  if (list.length > on.settings.recipients) {
    throw new TidingsError(
      'TOO_MANY_RECIPIENTS',
      `\`to\` has ${list.length} recipients; a send takes at most ${on.settings.recipients}. Use \`broadcast\` for more.`,
      { path: 'to', details: { recipients: list.length, limit: on.settings.recipients } },
    );
  }
  if (list.length === 0) throw new TidingsError('MISSING_IDENTIFIER', '`to` is an empty list.', { path: 'to' });
  const recipients = list.map((one, index) => readOne(one, many ? `to[${index}]` : 'to', rules, on));
  const common = await readCommon(event, given, scope, on);
  const payloadText = payloadJson(event, payload, on);
  return {
    ...common,
    recipients,
    many,
    payload: payloadText,
    idempotency:
      given.idempotencyKey === undefined
        ? undefined
        : {
            key: given.idempotencyKey,
            fingerprints: on.secrets.fingerprints(requestText(to, given, payloadText)),
            keepMs: on.settings.keepKeysMs,
          },
    broadcast: undefined,
    transaction,
  };
}

/** What is asked for, in canonical form; two requests with the same text are the same. */
function requestText(to: unknown, given: Envelope, validated: string): string {
  const { channel, overrides, language, from } = given;
  const payload = given.payload === undefined ? {} : { payload: requested(given.payload, validated) };
  return canonicalFields({ to, channel, overrides, language, from }, payload);
}

/** The payload as it was asked for, since a schema may fill in what changes; as validated where JSON cannot hold it. */
function requested(payload: unknown, validated: string): string {
  try {
    return canonicalJson(payload, 'payload');
  } catch {
    return validated;
  }
}

/** Reads what a send and a broadcast have in common. */
export async function readCommon(
  event: EventPlan,
  given: Omit<Envelope, 'to' | 'payload' | 'idempotencyKey'>,
  scope: SendScope,
  on: Context,
): Promise<Omit<AcceptItem, 'recipients' | 'many' | 'payload' | 'idempotency' | 'broadcast'>> {
  const language = given.language === undefined ? undefined : parseLanguage(given.language);
  if (given.language !== undefined && language === undefined) {
    throw new TidingsError('VALIDATION_ERROR', '`language` must be a BCP 47 tag such as "en" or "sv-SE".', {
      path: 'language',
    });
  }
  if (given.channel !== undefined && !event.channels.has(given.channel)) {
    throw new TidingsError(
      'TEMPLATE_MISSING',
      `Event "${event.name}" has no template for the channel "${given.channel}"; it has ${[...event.channels].join(', ')}.`,
      { path: 'channel', details: { event: event.name, channel: given.channel } },
    );
  }
  const from = given.from === undefined ? undefined : readSender(given.from);
  const overrides = readOverrides(event, given.overrides, on.plan);
  const kept: KeptOptions = {
    ...(given.channel === undefined ? {} : { channel: given.channel }),
    ...(overrides === undefined ? {} : { overrides }),
    ...(from === undefined ? {} : { from }),
  };
  return {
    scope: scope.id,
    mode: scope.mode,
    tenant: scope.tenant,
    event,
    language,
    forced: given.channel,
    options: Object.keys(kept).length === 0 ? null : JSON.stringify(kept),
    copies: copiesOf(overrides, on),
    from,
    confirmed: await confirmSenders(event, from, on),
    priority: given.priority === undefined ? event.priority : priorities[given.priority],
    expiresMs: event.expiresMs,
    onUnroutable: given.onUnroutable ?? on.settings.onUnroutable,
    requestId: given.requestId ?? null,
    traceparent: on.telemetry.traceparent?.() ?? null,
  };
}

/** A payload as it is kept: JSON, within the limit. */
export function payloadJson(event: EventPlan, payload: unknown, on: Context): string {
  const json = canonicalJson(payload, 'payload');
  const bytes = Buffer.byteLength(json);
  if (bytes <= on.settings.payloadBytes) return json;
  throw new TidingsError(
    'PAYLOAD_TOO_LARGE',
    `The payload of "${event.name}" has ${bytes} bytes; the limit is ${on.settings.payloadBytes} (limits.payloadBytes).`,
    { path: 'payload', details: { bytes, limit: on.settings.payloadBytes } },
  );
}

/** One recipient of many: what is wrong with it concerns it alone. */
export function readOne(
  to: unknown,
  path: string,
  rules: RecipientRules,
  on: Pick<Context, 'clock' | 'random'>,
  own: { readonly payload?: string } = {},
): AcceptRecipient {
  let request: RecipientRequest | { kind: 'refused'; error: TidingsError };
  try {
    request = readRecipient(to, rules, path);
  } catch (error) {
    if (!TidingsError.is(error)) throw error;
    request = { kind: 'refused', error };
  }
  return {
    request,
    key: null,
    ...(own.payload === undefined ? {} : { payload: own.payload }),
    id: newIds(on),
  };
}

/** Ids made when first asked for, the same each time. */
export function newIds(on: Pick<Context, 'clock' | 'random'>): AcceptRecipient['id'] {
  const ids: string[] = [];
  return (n) => {
    while (ids.length <= n) ids.push(uuidv7(on.clock.now(), on.random));
    return ids[n] as string;
  };
}

function readSender(from: GivenSender): Sender {
  const { address, name } =
    typeof from === 'string'
      ? { address: from, name: undefined }
      : 'email' in from
        ? { ...from, address: from.email }
        : from;
  if (/[\0-\x1f\x7f\u2028\u2029]/.test(`${address}${name ?? ''}`)) {
    throw new TidingsError('VALIDATION_ERROR', '`from` must not hold control characters.', { path: 'from' });
  }
  if (address.indexOf('@') > 0) normalizeEmail(address, 'from');
  return name === undefined ? { address } : { address, name };
}
