import { type CommitOptions, type Facts, type Reads, type Store, TidingsError, type Work } from '../spec/index.ts';
import { claimMessages } from './memory-claim.ts';
import { eraseContact } from './memory-erase.ts';
import { MemoryFacts } from './memory-facts.ts';
import { listContacts, listMessages, listNotifications, listSuppressions } from './memory-lists.ts';
import { pruneTables } from './memory-prune.ts';
import { renewLeases } from './memory-renew.ts';
import { MemoryTables } from './memory-tables.ts';
import { keyText, oneOf, text } from './memory-values.ts';
import { applyWrites, GuardFailed } from './memory-writes.ts';

/** Settings of a memory store. */
export interface MemoryStoreOptions {
  /** The time in rows, ms since 1970 UTC. Default: `Date.now`. */
  now?(): number;
}

const mostRounds = 100;

/**
 * A store without a database: for tests, trials and processes whose notifications may end with them. It guards and
 * refuses as a database does. Every operation runs in one turn of the event loop, so each is atomic. Nothing is
 * removed but by `erase`, `prune` and the expiry of idempotency keys.
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const tables = new MemoryTables();
  const kept = new Map<string, string>();
  const beats = new Map<string, number>();
  const now = (): number => Math.floor((options.now ?? Date.now)());

  return {
    specVersion: 1,
    capabilities: { durable: false, shared: false, concurrentCommits: 1, blocking: true },

    async migrate() {},

    async scope(tenant, mode) {
      return tables.scopeId(keyText(tenant, 'scopes.tenant'), oneOf(mode, ['live', 'test'], 'scopes.mode'));
    },

    async scopeOf(scope) {
      const named = tables.scopeOf(scope);
      if (!named) throw new TidingsError('NOT_FOUND', `Scope ${scope} was never given by this store.`);
      return { ...named };
    },

    async remember(key, proposed) {
      const value = kept.get(keyText(key, 'settings.key'));
      if (value !== undefined) return value;
      kept.set(key, text(proposed, 'settings.value'));
      return proposed;
    },

    async commit<R>(work: Work<R>, { transaction }: CommitOptions<never> = {}): Promise<R> {
      if (transaction !== undefined) {
        throw new TidingsError('NOT_SUPPORTED', 'The memory store cannot join a transaction; leave `transaction` out.');
      }
      const attempts = work.attempts ?? 10;
      for (let attempt = 1; attempt <= attempts; attempt += 1) {
        try {
          return commitOnce(tables, work, now());
        } catch (error) {
          if (!(error instanceof GuardFailed)) throw error;
        }
      }
      throw new TidingsError(
        'STORE_CONFLICT',
        `A ${work.kind} commit lost its race ${attempts} times; nothing was written.`,
        {
          retryable: true,
        },
      );
    },

    async load(reads: Reads): Promise<Facts> {
      return new MemoryFacts(tables, now()).read(reads);
    },

    async claim(request) {
      return claimMessages(tables, request, now());
    },

    async renew(leases, leaseMs) {
      return renewLeases(tables, leases, leaseMs, now());
    },

    async beat(process, ttlMs) {
      const at = now();
      beats.set(process, at);
      for (const [other, seenAt] of beats) if (at - seenAt >= ttlMs) beats.delete(other);
      return beats.size;
    },

    async listContacts(query) {
      return listContacts(tables, query);
    },
    async listNotifications(query) {
      return listNotifications(tables, query);
    },
    async listMessages(query) {
      return listMessages(tables, query);
    },
    async listSuppressions(query) {
      return listSuppressions(tables, query);
    },

    async erase(contact, limit) {
      return { done: eraseContact(tables, contact, limit) };
    },

    async prune(request) {
      return pruneTables(tables, request, now());
    },

    async close() {},
  };
}

function commitOnce<R>(tables: MemoryTables, work: Work<R>, now: number): R {
  const facts = new MemoryFacts(tables, now).read(work.reads);
  for (let round = 1; round <= mostRounds; round += 1) {
    const decision = work.decide(facts);
    if (decision.more === undefined) {
      applyWrites(tables, decision.writes, now);
      return decision.result;
    }
    facts.read(decision.more);
  }
  throw new TidingsError('INTERNAL', `A ${work.kind} commit asked for more facts ${mostRounds} times.`);
}
