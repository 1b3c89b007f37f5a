import type { Context } from '../plan/context.ts';
import type { Job } from '../plan/job.ts';
import { hashKey } from '../rules/hash-key.ts';
import type { SuppressionHash, SuppressionRow } from '../spec/index.ts';

/**
 * The claimed jobs with what has suppressed their address since they were accepted: no retry follows a suppression. One
 * read for all of them.
 */
export async function findSuppressed(jobs: readonly Job[], on: Context): Promise<readonly Job[]> {
  const hashes = jobs.map((job) => hashesOf(job, on));
  if (hashes.every((some) => some.length === 0)) return jobs;
  const suppressions = hashes.flatMap((some, index) => {
    const { scope } = (jobs[index] as Job).message;
    return some.map((hash): SuppressionHash => ({ scope, hash }));
  });
  const facts = await on.store.load({ suppressions });
  if (facts.suppressions.length === 0) return jobs;
  const rows = new Map<string, SuppressionRow[]>();
  for (const row of facts.suppressions) {
    const key = keyOf(row.scope, row.hash);
    rows.set(key, [...(rows.get(key) ?? []), row]);
  }
  return jobs.map((job, index) => {
    const { scope, channel } = job.message;
    const its = (hashes[index] ?? []).flatMap((hash) => rows.get(keyOf(scope, hash)) ?? []);
    const row = its.find((one) => one.channel === channel) ?? its.find((one) => one.channel === '*');
    return row ? { ...job, suppressed: row.reason } : job;
  });
}

/** The hashes of the message's address: the one it was accepted under, and those under the secrets of today. */
function hashesOf({ message }: Job, on: Context): readonly Uint8Array[] {
  if (message.address === null || message.addressHash === null) return [];
  const channel = on.plan.channels.get(message.channel);
  if (!channel) return [message.addressHash];
  try {
    return [message.addressHash, ...on.secrets.hashes(channel.address, channel.normalize(message.address))];
  } catch {
    // What was an address when it was accepted is none by today's rules; its old hash still stands.
    return [message.addressHash];
  }
}

function keyOf(scope: number, hash: Uint8Array): string {
  return `${scope}/${hashKey(hash)}`;
}
