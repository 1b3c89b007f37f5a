import { createSecretKey, type KeyObject } from 'node:crypto';
import { addressHash } from '../rules/address-hash.ts';
import { fingerprint } from '../rules/fingerprint.ts';

type Hashes = readonly [Uint8Array, ...Uint8Array[]];

/** Keyed hashes: of addresses, so that suppressions outlive erasure, and of requests. */
export interface Secrets {
  /** The hash under the current secret, 32 bytes. */
  hash(kind: string, value: string): Uint8Array;
  /** Under every secret, the current one first. */
  hashes(kind: string, value: string): Hashes;
  /** Of a request in canonical form, under every secret, the current one first: for comparing with what was stored before a rotation. */
  fingerprints(canonical: string): readonly Uint8Array[];
}

// A send asks for the hash of its recipient several times.
const mostRemembered = 1_000;

/** `secrets`: the current one first, then older ones. At least one. */
export function createSecrets(secrets: readonly [string, ...string[]]): Secrets {
  const keyOf = (secret: string): KeyObject => createSecretKey(secret, 'utf8');
  const [first, ...others] = secrets;
  const current = keyOf(first);
  const older = others.map(keyOf);
  const remembered = new Map<string, Hashes>();

  function hashes(kind: string, value: string): Hashes {
    const name = `${kind}\0${value}`;
    const known = remembered.get(name);
    if (known) return known;
    const made: Hashes = [addressHash(current, kind, value), ...older.map((key) => addressHash(key, kind, value))];
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.set(name, made);
    return made;
  }

  return {
    hash: (kind, value) => hashes(kind, value)[0],
    hashes,
    fingerprints: (canonical) => [current, ...older].map((key) => fingerprint(key, canonical)),
  };
}
