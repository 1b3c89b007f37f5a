import { z } from 'zod';
import { listed } from '../define/check-options.ts';
import type { Suppressions } from '../define/engine-api.ts';
import type { Stopped } from '../define/views.ts';
import type { Context } from '../plan/context.ts';
import { firstIssue } from '../plan/first-issue.ts';
import { issueWords } from '../plan/issue-words.ts';
import { type ScopeId, type SuppressionReason, type SuppressionRow, TidingsError } from '../spec/index.ts';
import { pageQuery, viewPage } from './page-query.ts';
import type { Scoped } from './scoped.ts';
import { type Stopping, stopWork } from './stop-work.ts';
import { takePart } from './take-part.ts';
import { suppressionView } from './views.ts';

const reasons = ['bounced', 'complained', 'unsubscribed', 'invalid', 'manual'] as const;
const which = z.strictObject({ address: z.string().min(1), channel: z.string().optional() });
const input = which.extend({ reason: z.enum(reasons).optional(), note: z.string().max(1000).optional() });

/** `engine.suppressions` for one scope. */
export function createSuppressions(scoped: Scoped): Suppressions {
  return {
    async add(suppression, options) {
      const { on, scope, named, held } = takePart('suppressions.add', options, await scoped.ready());
      const { reason = 'manual', note = null, ...given } = parse(suppression, input);
      const target = targetOf(given, on);
      const row = {
        scope,
        hash: target.hashes[0],
        channel: target.channel,
        reason,
        address: given.address,
        source: 'api',
        note,
      };
      await on.store.commit({
        kind: 'suppressions',
        // Names the scope whose gate is locked.
        reads: { suppressions: [{ scope, hash: row.hash }] },
        decide: () => ({ writes: { suppressions: { put: [row] } }, result: undefined }),
      });
      return stopOpen(scope, target, reason, { on, named, held });
    },
    async remove(suppression, options) {
      const { on, scope } = takePart('suppressions.remove', options, await scoped.ready());
      const target = targetOf(parse(suppression, which), on);
      return on.store.commit({
        kind: 'suppressions',
        reads: { suppressions: target.hashes.map((hash) => ({ scope, hash })) },
        decide(facts) {
          const remove = facts.suppressions.filter((row) => target.channel === '*' || row.channel === target.channel);
          return { writes: { suppressions: { remove } }, result: remove.length > 0 };
        },
      });
    },
    async check(suppression) {
      const { on, scope } = await scoped.ready();
      const target = targetOf(parse(suppression, which), on);
      const facts = await on.store.load({ suppressions: target.hashes.map((hash) => ({ scope, hash })) });
      const concerns = (row: SuppressionRow): boolean =>
        suppression.channel === undefined || row.channel === '*' || row.channel === target.channel;
      return facts.suppressions.filter(concerns).map(suppressionView);
    },
    async list(options) {
      const { on, scope } = await scoped.ready();
      const query = pageQuery(scope, options, ['channel', 'reason']);
      const { channel, reason } = options ?? {};
      if (reason !== undefined && !reasons.includes(reason)) {
        throw new TidingsError('VALIDATION_ERROR', `reason must be one of ${reasons.join(', ')}.`, { path: 'reason' });
      }
      const page = await on.store.listSuppressions({
        ...query,
        ...(channel === undefined ? {} : { channel }),
        ...(reason === undefined ? {} : { reason }),
      });
      return viewPage(page, suppressionView);
    },
  };
}

interface Target {
  readonly channel: string;
  readonly hashes: readonly [Uint8Array, ...Uint8Array[]];
}

function parse<Schema extends z.ZodObject>(suppression: unknown, schema: Schema): z.infer<Schema> {
  const result = schema.safeParse(suppression, { error: issueWords });
  if (result.success) return result.data;
  const { path, unknown, message } = firstIssue(result.error);
  const problem = unknown === undefined ? message : `is no option; there are ${Object.keys(schema.shape).join(', ')}`;
  throw new TidingsError('VALIDATION_ERROR', `A suppression${path && `: ${path}`} ${problem}.`, { path });
}

/** Under which hash an address is suppressed: its kind is the channel's, or is plain from its form. */
function targetOf(given: { readonly address: string; readonly channel?: string | undefined }, on: Context): Target {
  const named = given.channel === undefined ? undefined : on.plan.channels.get(given.channel);
  if (given.channel !== undefined && !named) {
    const known = listed(on.plan.channels.keys());
    throw new TidingsError('VALIDATION_ERROR', `There is no channel "${given.channel}"; there are ${known}.`, {
      path: 'channel',
    });
  }
  const guessed = given.address.startsWith('+') ? 'sms' : given.address.includes('@') ? 'email' : undefined;
  const channel = named ?? (guessed === undefined ? undefined : on.plan.channels.get(guessed));
  if (!channel) {
    throw new TidingsError('VALIDATION_ERROR', 'An address that is neither e-mail nor phone needs a `channel`.', {
      path: 'channel',
    });
  }
  const hashes = on.secrets.hashes(channel.address, channel.normalize(given.address));
  return { channel: named ? named.name : '*', hashes };
}

/** Ends open messages to the address whose call has not begun. */
async function stopOpen(
  scope: ScopeId,
  target: Target,
  reason: SuppressionReason,
  stopping: Stopping,
): Promise<Stopped> {
  let cancelled = 0;
  let alreadyHandedOver = 0;
  for (const hash of target.hashes) {
    let cursor: string | null = null;
    do {
      const page = await stopping.on.store.listMessages({
        scope,
        openTo: hash,
        limit: 200,
        ...(cursor === null ? {} : { cursor }),
      });
      const runs = new Map(page.items.map((row) => [row.notificationId, { scope, id: row.notificationId }]));
      const ids = new Set(page.items.map((row) => row.id));
      if (runs.size > 0) {
        const stopped = await stopWork(
          [...runs.values()],
          {
            to: 'suppressed',
            change: { reason, timeline: [{ event: 'suppressed', reason }] },
            concerns: (row) => ids.has(row.id) && (target.channel === '*' || row.channel === target.channel),
            stopRun: false,
          },
          stopping,
        );
        cancelled += stopped.cancelled;
        alreadyHandedOver += stopped.alreadyHandedOver;
      }
      cursor = page.cursor;
    } while (cursor !== null);
  }
  return { cancelled, alreadyHandedOver };
}
