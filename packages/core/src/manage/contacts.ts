import type { Contacts } from '../define/engine-api.ts';
import type { Context } from '../plan/context.ts';
import { isInTransaction } from '../plan/host-transaction.ts';
import { readRecipient } from '../rules/read-recipient.ts';
import type { ContactRequest, RecipientRequest } from '../rules/recipient.ts';
import { resolveRecipient } from '../rules/resolve-recipient.ts';
import { type ContactFacts, type ScopeId, TidingsError } from '../spec/index.ts';
import { uuidv7 } from '../toolkit/uuid.ts';
import { eraseContact } from './erase-contact.ts';
import { exportContact, exportParts } from './export-contact.ts';
import { findContact, indexOfFacts, needContact, noContact, readsOfRequest } from './find-contact.ts';
import { pageQuery, viewPage } from './page-query.ts';
import type { Scoped } from './scoped.ts';
import { takePart } from './take-part.ts';
import { contactView } from './views.ts';

/** `engine.contacts` for one scope. */
export function createContacts(scoped: Scoped): Contacts {
  return {
    async upsert(contact, options) {
      const { on, scope, rules } = takePart('contacts.upsert', options, await scoped.ready());
      const request = asObject(readRecipient(contact, rules, 'contact'), contact);
      return contactView(await write(request, scope, on, { create: true }));
    },
    async get(who) {
      const { on, scope, rules } = await scoped.ready();
      return contactView(await needContact(who, scope, rules, on));
    },
    async find(who) {
      const { on, scope, rules } = await scoped.ready();
      const found = await findContact(who, scope, rules, on);
      return found && contactView(found);
    },
    async list(options) {
      const { on, scope } = await scoped.ready();
      const query = pageQuery(scope, options, ['search']);
      const search = options?.search?.trim();
      return viewPage(await on.store.listContacts({ ...query, ...(search ? { search } : {}) }), contactView);
    },
    async update(who, changes, options) {
      const { on, scope, rules } = takePart('contacts.update', options, await scoped.ready());
      const found = await needContact(who, scope, rules, on);
      const request = asObject(readRecipient({ ...changes, id: found.row.id }, rules, 'changes'), changes);
      return contactView(await write(request, scope, on, { create: false }));
    },
    async delete(who, ...more: unknown[]) {
      const { on, scope, named, rules, held } = await scoped.ready();
      if (more.some((options) => options !== undefined) || isInTransaction(on)) {
        throw new TidingsError(
          'NOT_SUPPORTED',
          'contacts.delete takes part in no transaction and has no options: it erases in steps. Call it after the commit.',
          { path: 'transaction' },
        );
      }
      const found = await needContact(who, scope, rules, on);
      return eraseContact({ scope, id: found.row.id }, { on, named, held });
    },
    export: (who) => exportContact(scoped, who),
    exportParts: (who) => exportParts(scoped, who),
    async addPushToken(who, token, options) {
      const { on, scope, rules } = takePart('contacts.addPushToken', options, await scoped.ready());
      const found = await needContact(who, scope, rules, on);
      const request = asObject(readRecipient({ id: found.row.id, pushTokens: [token] }, rules, 'contact'), { token });
      return contactView(await write(request, scope, on, { create: false }));
    },
    async removePushToken(who, token, options) {
      const { on, scope, rules } = takePart('contacts.removePushToken', options, await scoped.ready());
      const found = await needContact(who, scope, rules, on);
      const request = asObject(readRecipient({ id: found.row.id, pushTokens: [token] }, rules, 'contact'), { token });
      const { add = [] } = request.patch.several.get('pushToken') ?? {};
      const several = new Map([['pushToken', { add: [], remove: add }]]);
      const without = { ...request, patch: { ...request.patch, several } };
      return contactView(await write(without, scope, on, { create: false }));
    },
  };
}

function asObject(request: RecipientRequest, given: unknown): ContactRequest {
  if (request.kind === 'contact' && request.bare === undefined && typeof given === 'object') return request;
  throw new TidingsError('VALIDATION_ERROR', 'A contact must be an object of its fields.', { path: 'contact' });
}

async function write(
  request: ContactRequest,
  scope: ScopeId,
  on: Context,
  may: { readonly create: boolean },
): Promise<ContactFacts> {
  const newId = uuidv7(on.clock.now(), on.random);
  return on.store.commit({
    kind: 'contacts',
    reads: readsOfRequest(request, scope),
    decide(facts) {
      const resolved = resolveRecipient(request, indexOfFacts(facts), {
        scope,
        newId,
        now: facts.now,
        hash: on.secrets.hash,
        create: true,
      });
      if (resolved?.kind !== 'contact') throw new TidingsError('MISSING_IDENTIFIER', 'A contact needs an identifier.');
      // Erased since it was looked up: its id must not come back as somebody's external id.
      if (resolved.created && !may.create) throw noContact();
      const row = { ...resolved.facts.row, updatedAt: facts.now };
      return { writes: resolved.writes, result: { ...resolved.facts, row } };
    },
  });
}
