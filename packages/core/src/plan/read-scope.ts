import { type Scope, TidingsError } from '../spec/index.ts';

/** The scope that `engine.for` was asked for, on an engine whose scope is `now`. */
export function readScope(given: unknown, now: Scope): Scope {
  if (typeof given !== 'object' || given === null)
    throw wrongScope('scope', "must be an object such as { tenant: 'acme' }");
  const scope: { tenant: unknown; mode: unknown } = { ...now };
  for (const [key, value] of Object.entries(given)) {
    if (key !== 'tenant' && key !== 'mode') throw wrongScope(key, 'is no option; there are tenant, mode');
    // A missing tenant must never mean somebody else's.
    if (value === undefined) throw wrongScope(key, 'is undefined; leave it out to keep the one of this engine');
    scope[key] = value;
  }
  const { tenant, mode } = scope;
  if (typeof tenant !== 'string' || tenant === '' || Buffer.byteLength(tenant) > 255 || tenant.includes('\0')) {
    throw wrongScope('tenant', 'must be 1 to 255 bytes');
  }
  if (mode !== 'live' && mode !== 'test') throw wrongScope('mode', "must be 'live' or 'test'");
  return { tenant, mode };
}

function wrongScope(path: string, problem: string): TidingsError {
  return new TidingsError('VALIDATION_ERROR', `engine.for: ${path} ${problem}.`, { path });
}
