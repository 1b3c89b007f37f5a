import { TidingsError } from '../spec/index.ts';

/** Refuses options of a call that this store cannot honour: left unread, `transaction` would commit on its own. */
export function noTransaction(call: string, options: unknown): void {
  const given = typeof options === 'object' && options !== null ? Object.keys(options) : [];
  const [first] = given.filter((key) => (options as Record<string, unknown>)[key] !== undefined);
  if (first === undefined) return;
  const why = first === 'transaction' ? 'is not supported by this store' : 'is no option';
  throw new TidingsError('VALIDATION_ERROR', `${call}: ${first} ${why}.`, { path: first });
}
