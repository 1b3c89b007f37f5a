import { type ContactFacts, type ContactRow, type IdentifierRow, TidingsError } from '../spec/index.ts';
import { isSlackChannel, isSlackUser } from './chat-address.ts';
import { contactFrom } from './contact-data.ts';
import { patchContact } from './patch-contact.ts';
import type {
  ContactIndex,
  ContactPatch,
  ContactRequest,
  GivenIdentifier,
  RecipientRequest,
  ResolvedContact,
  ResolvedRecipient,
  ResolveOptions,
} from './recipient.ts';

/**
 * Decides who a request means, and what that changes. Pure: the writes are a value, and the facts they lead to are
 * complete, so that the next item of a batch can go on from them.
 *
 * An object means the contact that owns any of its identifiers, and makes one when none does. Push tokens (and a custom
 * channel's several addresses) find a contact only when nothing else is given, and otherwise move to it.
 *
 * @throws TidingsError `CONFLICT` when identifiers belong to different contacts, `MISSING_IDENTIFIER` for an unknown bare
 * id or an object without any identifier, `VALIDATION_ERROR` for two external ids or a contact grown too large.
 */
export function resolveRecipient(
  request: RecipientRequest,
  index: ContactIndex,
  options: ResolveOptions,
): ResolvedRecipient | undefined {
  if (request.kind === 'address') return post(request.address, options);
  if (request.bare !== undefined) return resolveBare(request, request.bare, index, options);

  const byId = request.ids.map((id) => index.byId(id)).find((facts) => facts !== undefined);
  const patch = byId ? request.patch : withExternalId(request);
  const owner = ownerOf(patch, byId, index, request.path);
  if (!owner && !options.create) return undefined;
  return finish(owner, patch, options, request.path);
}

function resolveBare(
  request: ContactRequest,
  bare: string,
  index: ContactIndex,
  options: ResolveOptions,
): ResolvedRecipient | undefined {
  const isUser = isSlackUser(bare);
  const known =
    index.byIdentifier('externalId', bare) ??
    request.ids.map((id) => index.byId(id)).find((facts) => facts !== undefined) ??
    (isUser ? index.byIdentifier('slack', bare) : undefined);
  if (known) return finish(known, request.patch, options, request.path);
  if (!isUser && isSlackChannel(bare)) return post(bare, options);
  if (!options.create) return undefined;
  if (isUser) {
    const single = new Map([['slack', { given: bare, value: bare }]]);
    return finish(undefined, { ...request.patch, single }, options, request.path);
  }
  throw new TidingsError(
    'MISSING_IDENTIFIER',
    `\`${request.path}\` is the id of no contact: create the contact first, or give an e-mail address, a phone number or an object.`,
    { path: request.path },
  );
}

function post(address: string, options: ResolveOptions): ResolvedRecipient {
  return { kind: 'address', channel: 'slack', address, hash: options.hash('slack', address) };
}

/** An `id` that is no contact's own is the host's id for it. */
function withExternalId({ patch, path }: ContactRequest): ContactPatch {
  if (patch.id === undefined) return patch;
  const given = patch.single.get('externalId');
  if (given !== undefined && given?.value !== patch.id) {
    throw new TidingsError(
      'VALIDATION_ERROR',
      `\`${path}.id\` is the id of no contact, so it counts as external id, and \`${path}.externalId\` says otherwise; give one of them.`,
      { path: `${path}.id` },
    );
  }
  const external: GivenIdentifier = { given: patch.id, value: patch.id };
  return { ...patch, single: new Map([...patch.single, ['externalId', external]]) };
}

function ownerOf(
  patch: ContactPatch,
  byId: ContactFacts | undefined,
  index: ContactIndex,
  path: string,
): ContactFacts | undefined {
  const owners = new Map<string, ContactFacts>();
  const named: string[] = [];
  const note = (name: string, facts: ContactFacts | undefined): void => {
    if (!facts) return;
    owners.set(facts.row.id, facts);
    if (!named.includes(name)) named.push(name);
  };
  let given = 0;
  note('id', byId);
  if (byId) given += 1;
  for (const [kind, identifier] of patch.single) {
    if (!identifier) continue;
    given += 1;
    note(kind, index.byIdentifier(kind, identifier.value));
  }
  if (given === 0) {
    for (const [kind, { add }] of patch.several) {
      given += add.length;
      for (const value of add) note(kind, index.byIdentifier(kind, value));
    }
  }
  if (given === 0) {
    throw new TidingsError(
      'MISSING_IDENTIFIER',
      `\`${path}\` names nobody: give at least one identifier, such as email, phone or externalId.`,
      { path },
    );
  }
  if (owners.size > 1) {
    throw new TidingsError(
      'CONFLICT',
      `\`${path}\` names ${owners.size} different contacts by its ${named.join(', ')}; nothing was changed. Give what belongs to one of them.`,
      { path, details: { fields: named } },
    );
  }
  return owners.values().next().value;
}

function finish(
  before: ContactFacts | undefined,
  patch: ContactPatch,
  options: ResolveOptions,
  path: string,
): ResolvedContact {
  if (before && !options.create) return resolved(before, before, []);
  const { scope, newId, now } = options;
  const blank: ContactRow = { scope, id: newId, version: 1, data: '{}', name: null, createdAt: now, updatedAt: now };
  const { facts, moved } = patchContact(before ?? { row: blank, identifiers: [] }, patch, options.hash, path);
  return resolved(before, facts, moved);
}

function resolved(
  before: ContactFacts | undefined,
  facts: ContactFacts,
  moved: readonly IdentifierRow[],
): ResolvedContact {
  const { scope, id, data, name, version } = facts.row;
  const kept = new Set(facts.identifiers);
  const known = new Set([...(before?.identifiers ?? []), ...moved]);
  return {
    kind: 'contact',
    contact: contactFrom(facts),
    facts,
    created: before === undefined,
    writes: {
      contacts: {
        insert: before ? [] : [{ scope, id, data, name }],
        update: before && before.row !== facts.row ? [{ scope, id, version, data, name }] : [],
      },
      identifiers: {
        remove: (before?.identifiers ?? [])
          .filter((row) => !kept.has(row))
          .map(({ scope, kind, value, contactId }) => ({ scope, kind, value, contactId })),
        insert: facts.identifiers.filter((row) => !known.has(row)),
        move: moved,
      },
    },
  };
}
