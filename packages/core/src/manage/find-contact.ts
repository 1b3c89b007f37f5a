import type { Context } from '../plan/context.ts';
import { readRecipient } from '../rules/read-recipient.ts';
import type { ContactIndex, RecipientRequest, RecipientRules } from '../rules/recipient.ts';
import { resolveRecipient } from '../rules/resolve-recipient.ts';
import { type ContactFacts, type Facts, type Reads, type ScopeId, TidingsError } from '../spec/index.ts';

/** The contact that a reference names; undefined when there is none. Never creates one. */
export async function findContact(
  who: unknown,
  scope: ScopeId,
  rules: RecipientRules,
  on: Context,
): Promise<ContactFacts | undefined> {
  const request = readRecipient(who, rules, 'who');
  if (request.kind === 'address') return undefined;
  const facts = await on.store.load(readsOfRequest(request, scope));
  try {
    const found = resolveRecipient(request, indexOfFacts(facts), {
      scope,
      newId: '',
      now: facts.now,
      hash: on.secrets.hash,
      create: false,
    });
    return found?.kind === 'contact' ? found.facts : undefined;
  } catch (error) {
    if (TidingsError.is(error, 'MISSING_IDENTIFIER')) return undefined;
    throw error;
  }
}

/** As {@link findContact}, but throws NOT_FOUND. */
export async function needContact(
  who: unknown,
  scope: ScopeId,
  rules: RecipientRules,
  on: Context,
): Promise<ContactFacts> {
  const found = await findContact(who, scope, rules, on);
  if (found) return found;
  throw noContact();
}

/** NOT_FOUND, for a contact. */
export function noContact(): TidingsError {
  return new TidingsError('NOT_FOUND', 'There is no such contact.', { path: 'who' });
}

/** What must be read to resolve a request. */
export function readsOfRequest(request: RecipientRequest, scope: ScopeId): Reads {
  if (request.kind === 'address') return {};
  return {
    contacts: request.ids.map((id) => ({ scope, id })),
    identifiers: request.identifiers.map(({ kind, value }) => ({ scope, kind, value })),
  };
}

/** Finds contacts among facts. */
export function indexOfFacts(facts: Facts): ContactIndex {
  return {
    byId: (id) => facts.contacts.find((contact) => contact.row.id === id),
    byIdentifier: (kind, value) =>
      facts.contacts.find((contact) => contact.identifiers.some((row) => row.kind === kind && row.value === value)),
  };
}
