import type { ContactFacts, IdentifierRow } from '../spec/index.ts';
import { type ContactData, readContactData, searchName, writeContactData } from './contact-data.ts';
import { type SingleKind, singleKinds } from './contact-fields.ts';
import { patchName } from './person-name.ts';
import type { ContactPatch, GivenIdentifier, ResolveOptions, SeveralPatch } from './recipient.ts';

/** A contact after a change. */
export interface PatchedContact {
  /** What did not change are the very same objects. */
  readonly facts: ContactFacts;
  /** New identifiers of kinds that move to their latest owner. */
  readonly moved: readonly IdentifierRow[];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Applies a change to a contact. An identifier whose normal form is the one already kept changes nothing, not even its
 * spelling.
 */
export function patchContact(
  before: ContactFacts,
  patch: ContactPatch,
  hash: ResolveOptions['hash'],
  path: string,
): PatchedContact {
  const { row } = before;
  const data = { ...readContactData(row) } as Writable<ContactData>;
  const make = (kind: string, value: string): IdentifierRow => ({
    scope: row.scope,
    kind,
    value,
    contactId: row.id,
    hash: hash(kind, value),
  });

  let identifiers = before.identifiers;
  for (const [kind, identifier] of patch.single) {
    const current = identifiers.find((one) => one.kind === kind);
    if (identifier && current?.value === identifier.value) continue;
    identifiers = identifiers.filter((one) => one.kind !== kind);
    if (identifier) identifiers = [...identifiers, make(kind, identifier.value)];
    putGiven(data, kind, identifier);
  }
  const moved: IdentifierRow[] = [];
  for (const [kind, change] of patch.several) {
    const kept = identifiers.filter((one) => one.kind !== kind || !isRemoved(change, one.value));
    const known = new Set(kept.filter((one) => one.kind === kind).map((one) => one.value));
    const added = change.add.filter((value) => !known.has(value)).map((value) => make(kind, value));
    moved.push(...added);
    if (added.length > 0 || kept.length < identifiers.length) identifiers = [...kept, ...added];
  }

  putFields(data, patch.fields);
  data.meta = patchMeta(data.meta, patch.meta);
  const text = writeContactData(data, path);
  const facts: ContactFacts = {
    row: text === row.data ? row : { ...row, data: text, name: searchName(data.name) },
    identifiers,
  };
  return { facts, moved };
}

function isRemoved(change: SeveralPatch, value: string): boolean {
  return change.remove === 'all' || change.remove.includes(value);
}

function putGiven(data: Writable<ContactData>, kind: string, identifier: GivenIdentifier | null): void {
  if (isSingleKind(kind)) {
    if (identifier) data[kind] = identifier.given;
    else delete data[kind];
    return;
  }
  const addresses = new Map(Object.entries(data.addresses ?? {}));
  if (identifier) addresses.set(kind, identifier.given);
  else addresses.delete(kind);
  if (addresses.size > 0) data.addresses = Object.fromEntries(addresses);
  else delete data.addresses;
}

function isSingleKind(kind: string): kind is SingleKind {
  return (singleKinds as readonly string[]).includes(kind);
}

function putFields(data: Writable<ContactData>, fields: ContactPatch['fields']): void {
  for (const field of ['avatar', 'username', 'language', 'timezone'] as const) {
    const value = fields[field];
    if (value === null) delete data[field];
    else if (value !== undefined) data[field] = value;
  }
  const name = patchName(data, fields);
  for (const part of ['name', 'firstName', 'lastName'] as const) {
    const value = name[part];
    if (value === undefined) delete data[part];
    else data[part] = value;
  }
}

function patchMeta(before: ContactData['meta'], patch: ContactPatch['meta']): ContactData['meta'] {
  if (patch === null) return {};
  const merged = new Map(Object.entries(before));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}
