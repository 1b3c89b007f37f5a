import { TidingsError } from '../spec/index.ts';
import { isSlackChannel, isSlackUser, normalizeSlack } from './chat-address.ts';
import { normalizeEmail } from './email-address.ts';
import { normalizeIdentifier } from './identifier.ts';
import { kindOf } from './kind-of.ts';
import { normalizePhone } from './phone-number.ts';
import { readContactFields } from './read-contact-fields.ts';
import type {
  AddressRequest,
  ContactPatch,
  ContactRequest,
  Identifier,
  RecipientRequest,
  RecipientRules,
} from './recipient.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const nothing: ContactPatch = { single: new Map(), several: new Map(), fields: {}, meta: {} };

/**
 * Reads one recipient, a string or an object of contact fields, without looking anything up.
 *
 * @throws TidingsError `VALIDATION_ERROR`, `MISSING_IDENTIFIER`, `INVALID_EMAIL`, `INVALID_PHONE`, `INVALID_ADDRESS`
 */
export function readRecipient(to: unknown, rules: RecipientRules, path: string): RecipientRequest {
  if (typeof to === 'string') return readText(to, rules, path);
  if (typeof to === 'object' && to !== null && !Array.isArray(to)) return readObject(to, rules, path);
  const problem = `is ${kindOf(to)}: give a string or an object of contact fields`;
  throw new TidingsError('VALIDATION_ERROR', `\`${path}\` ${problem}.`, { path });
}

function readText(text: string, rules: RecipientRules, path: string): RecipientRequest {
  if (text.trim() === '') {
    throw new TidingsError(
      'MISSING_IDENTIFIER',
      `\`${path}\` is empty: give an e-mail address, a phone number or an id.`,
      { path },
    );
  }
  if (text.startsWith('#')) return channelRequest(normalizeSlack(text, path), path);
  if (text.includes('@')) return single('email', text, normalizeEmail(text, path), path);
  if (text.startsWith('+')) return single('phone', text, normalizePhone(text, rules, path), path);
  const bare = normalizeIdentifier(text, path);
  const identifiers: Identifier[] = [{ kind: 'externalId', value: bare }];
  if (isSlackUser(bare)) identifiers.push({ kind: 'slack', value: bare });
  return { kind: 'contact', path, ids: contactIds(bare), identifiers, bare, patch: nothing };
}

function single(kind: 'email' | 'phone', text: string, value: string, path: string): ContactRequest {
  const given = kind === 'phone' ? value : text;
  const patch = { ...nothing, single: new Map([[kind as string, { given, value }]]) };
  return { kind: 'contact', path, ids: [], identifiers: [{ kind, value }], patch };
}

function readObject(to: object, rules: RecipientRules, path: string): RecipientRequest {
  const patch = readContactFields(to, rules, path);
  const slack = patch.single.get('slack');
  if (slack && isSlackChannel(slack.value)) {
    if (!isAlone(patch)) {
      throw new TidingsError(
        'INVALID_ADDRESS',
        `\`${path}.slack\` is a Slack channel, which is nobody's own: give it alone, or a member id such as U1234ABCD.`,
        { path: `${path}.slack` },
      );
    }
    return channelRequest(slack.value, path);
  }
  const identifiers: Identifier[] = [];
  for (const [kind, identifier] of patch.single) {
    if (identifier) identifiers.push({ kind, value: identifier.value });
  }
  if (patch.id !== undefined) identifiers.push({ kind: 'externalId', value: patch.id });
  for (const [kind, { add }] of patch.several) {
    for (const value of add) identifiers.push({ kind, value });
  }
  return { kind: 'contact', path, ids: patch.id === undefined ? [] : contactIds(patch.id), identifiers, patch };
}

function channelRequest(address: string, path: string): AddressRequest {
  return { kind: 'address', path, channel: 'slack', address };
}

function isAlone(patch: ContactPatch): boolean {
  const fields = patch.single.size + patch.several.size + Object.keys(patch.fields).length;
  return fields === 1 && patch.id === undefined && patch.meta !== null && Object.keys(patch.meta).length === 0;
}

/** Contact ids are lower-case UUIDs; anything else is none. */
function contactIds(text: string): string[] {
  return uuid.test(text) ? [text.toLowerCase()] : [];
}
