import { TidingsError } from '../spec/index.ts';
import { normalizeDiscord, normalizeSlack, normalizeTelegram } from './chat-address.ts';
import { type ContactField, camelCase, contactFields, type SingleKind, snakeCase } from './contact-fields.ts';
import { normalizeEmail } from './email-address.ts';
import { normalizeIdentifier, normalizePushToken } from './identifier.ts';
import { kindOf } from './kind-of.ts';
import { normalizePhone } from './phone-number.ts';
import { readPlainField } from './plain-field.ts';
import { below, plainJson } from './plain-json.ts';
import type {
  ContactPatch,
  CustomAddress,
  GivenIdentifier,
  PlainField,
  RecipientRules,
  SeveralPatch,
} from './recipient.ts';

const maxTokens = 100;

type Field = ContactField | { readonly is: 'custom'; readonly name: string; readonly address: CustomAddress };

/** What is read so far. Two names of one field must say the same. */
interface Draft {
  id: string | undefined;
  readonly single: Map<string, GivenIdentifier | null>;
  readonly several: Map<string, SeveralPatch>;
  readonly fields: { [Name in PlainField]?: string | null };
  meta: Record<string, unknown> | null;
}

/**
 * Reads an object of contact fields: known ones by any of their names, the others as `meta`. `undefined` counts as left
 * out, `null` removes, and so does a blank text in a field that is no identifier.
 */
export function readContactFields(to: object, rules: RecipientRules, path: string): ContactPatch {
  const draft: Draft = { id: undefined, single: new Map(), several: new Map(), fields: {}, meta: {} };
  const unknown: [string, unknown][] = [];
  for (const [name, value] of Object.entries(to)) {
    if (value === undefined) continue;
    const at = below(path, name);
    const field = fieldOf(name, rules);
    if (field) readField(draft, field, value, rules, at);
    else unknown.push([name, value]);
  }
  for (const [name, value] of unknown) {
    const at = below(path, name);
    if (name === '__proto__') throw refusal(at, 'is no name a field may have');
    draft.meta ??= {};
    draft.meta[camelCase(name)] = plainJson(value, at);
  }
  const { id, ...rest } = draft;
  return id === undefined ? rest : { id, ...rest };
}

function fieldOf(name: string, rules: RecipientRules): Field | undefined {
  const known = contactFields.get(name);
  if (known) return known;
  for (const [field, address] of rules.customAddresses ?? []) {
    if (name === field || name === snakeCase(field)) return { is: 'custom', name: field, address };
  }
  return undefined;
}

function readField(draft: Draft, field: Field, value: unknown, rules: RecipientRules, at: string): void {
  switch (field.is) {
    case 'id':
      if (value !== null) draft.id = normalizeIdentifier(textOf(value, at), at);
      break;
    case 'meta':
      draft.meta = readMeta(value, at);
      break;
    case 'single':
      putSingle(draft, field.kind, value, at, (text) => normal(field.kind, text, rules, at));
      break;
    case 'several':
      putSeveral(draft, field.kind, value, at, normalizePushToken);
      break;
    case 'plain':
      putPlain(draft, field.field, value, at);
      break;
    case 'custom':
      putCustom(draft, field.name, field.address, value, at);
      break;
    case 'addresses':
      putAddresses(draft, value, rules, at);
  }
}

function normal(kind: SingleKind, text: string, rules: RecipientRules, at: string): GivenIdentifier {
  switch (kind) {
    case 'email':
      return { given: text, value: normalizeEmail(text, at) };
    case 'phone': {
      // Kept in E.164 even when given in a local form: that is what providers take.
      const value = normalizePhone(text, rules, at);
      return { given: value, value };
    }
    case 'slack':
      return same(normalizeSlack(text, at));
    case 'telegram':
      return same(normalizeTelegram(text, at));
    case 'discord':
      return same(normalizeDiscord(text, at));
    case 'externalId':
      return same(normalizeIdentifier(text, at));
  }
}

function same(value: string): GivenIdentifier {
  return { given: value, value };
}

function putSingle(
  draft: Draft,
  kind: string,
  value: unknown,
  at: string,
  read: (text: string) => GivenIdentifier,
): void {
  const identifier = value === null ? null : read(textOf(value, at));
  const before = draft.single.get(kind);
  if (before !== undefined && before?.value !== identifier?.value) throw twice(at);
  draft.single.set(kind, identifier);
}

function putSeveral(
  draft: Draft,
  kind: string,
  value: unknown,
  at: string,
  read: (text: string, at: string) => string,
): void {
  const before = draft.several.get(kind);
  if (value === null) {
    if (before && before.add.length > 0) throw twice(at);
    draft.several.set(kind, { add: [], remove: 'all' });
    return;
  }
  if (before?.remove === 'all') throw twice(at);
  const list = Array.isArray(value)
    ? value.map((item, index) => read(textOf(item, `${at}[${index}]`), `${at}[${index}]`))
    : [read(textOf(value, at), at)];
  const add = [...new Set([...(before?.add ?? []), ...list])];
  if (add.length > maxTokens) throw refusal(at, `holds more than ${maxTokens} addresses`);
  draft.several.set(kind, { add, remove: [] });
}

function putPlain(draft: Draft, field: PlainField, value: unknown, at: string): void {
  if (value !== null && typeof value !== 'string') throw refusal(at, `is ${kindOf(value)}; give a string`);
  const text = value === null ? null : (readPlainField(field, value, at) ?? null);
  if (draft.fields[field] !== undefined && draft.fields[field] !== text) throw twice(at);
  draft.fields[field] = text;
}

function putCustom(draft: Draft, name: string, address: CustomAddress, value: unknown, at: string): void {
  const read = (text: string, where: string): string => normalizeIdentifier(normalized(address, text, where), where);
  if (address.many) putSeveral(draft, name, value, at, read);
  else putSingle(draft, name, value, at, (text) => ({ given: text, value: read(text, at) }));
}

function putAddresses(draft: Draft, value: unknown, rules: RecipientRules, at: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refusal(at, `is ${kindOf(value)}; give an object of addresses by field`);
  }
  for (const [name, item] of Object.entries(value)) {
    const address = rules.customAddresses?.get(name);
    if (!address) throw refusal(below(at, name), 'is the address field of no custom channel');
    if (item !== undefined) putCustom(draft, name, address, item, below(at, name));
  }
}

/** A channel's own function knows no paths, so its complaint is given one here. */
function normalized(address: CustomAddress, text: string, at: string): string {
  try {
    return address.normalize(text);
  } catch (error) {
    const code = TidingsError.is(error) ? error.code : 'INVALID_ADDRESS';
    const why = TidingsError.is(error) ? error.message : 'its channel refused it.';
    throw new TidingsError(code, `\`${at}\` is no address: ${why}`, { path: at, cause: error });
  }
}

function readMeta(value: unknown, at: string): Record<string, unknown> | null {
  if (value === null) return null;
  const meta = plainJson(value, at);
  if (typeof meta !== 'object' || meta === null || Array.isArray(meta)) {
    throw refusal(at, `is ${kindOf(value)}; give an object`);
  }
  return { ...(meta as Record<string, unknown>) };
}

/** Ids are often numbers where they come from; a number that has lost digits is refused. */
function textOf(value: unknown, at: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value === 'number') throw refusal(at, 'is a number that cannot be exact; give a string');
  throw refusal(at, `is ${kindOf(value)}; give a string`);
}

function twice(at: string): TidingsError {
  return refusal(at, 'says otherwise than another name of the same field; give one of them');
}

function refusal(path: string, why: string): TidingsError {
  return new TidingsError('VALIDATION_ERROR', `\`${path}\` ${why}.`, { path });
}
