import type { Context } from '../plan/context.ts';
import { joinTransaction, readTransaction } from '../plan/host-transaction.ts';

/** What a call works with, inside the host's transaction where `options` names one. `options` holds nothing else. */
export function takePart<Ready extends { readonly on: Context }>(call: string, options: unknown, ready: Ready): Ready {
  return { ...ready, on: joinTransaction(ready.on, readTransaction(call, options, ready.on)) };
}
