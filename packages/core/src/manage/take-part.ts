import type { Context } from '../plan/context.ts';
import type { Held, Revoked } from '../plan/held.ts';
import { joinTransaction, readTransaction } from '../plan/host-transaction.ts';

/**
 * What a call works with, inside the host's transaction where `options` names one. `options` holds nothing else. There
 * nothing that is held is taken back: the host may yet roll back, and nobody would send it.
 */
export function takePart<Ready extends { readonly on: Context; readonly held: Held }>(
  call: string,
  options: unknown,
  ready: Ready,
): Ready {
  const transaction = readTransaction(call, options, ready.on);
  if (transaction === undefined) return ready;
  return {
    ...ready,
    on: joinTransaction(ready.on, transaction),
    held: { revoke: () => nothing, arrived: async () => {} },
  };
}

const nothing: Revoked = { epochOf: () => undefined, lapsed: () => false, putBack() {} };
