import { createSecretKey, type KeyObject } from 'node:crypto';
import { addressHash } from '../rules/address-hash.ts';
import { fingerprint } from '../rules/fingerprint.ts';

/** Keyed hashes: of addresses, so that suppressions outlive erasure, and of requests. */
export interface Secrets {
  /** The hash under the current secret, 32 bytes. */
  hash(kind: string, value: string): Uint8Array;
  /** Under every secret, the current one first. */
  hashes(kind: string, value: string): readonly [Uint8Array, ...Uint8Array[]];
  /** Of a request in canonical form, under every secret, the current one first: for comparing with what was stored before a rotation. */
  fingerprints(canonical: string): readonly Uint8Array[];
}

// A send asks for the hash of its recipient several times.
const mostRemembered = 1_000;

/** `secrets`: the current one first, then older ones. At least one. */
export function createSecrets(secrets: readonly [string, ...string[]]): Secrets {
  // An empty key is no key object.
  const keys = secrets.map((secret) => (secret === '' ? secret : createSecretKey(secret, 'utf8')));
  const remembered = new Map<string, readonly [Uint8Array, ...Uint8Array[]]>();

  function hashes(kind: string, value: string): readonly [Uint8Array, ...Uint8Array[]] {
    const name = `${kind}\0${value}`;
    const known = remembered.get(name);
    if (known) return known;
    const [current, ...older] = keys.map((key) => addressHash(key, kind, value));
    const made = [current as Uint8Array, ...older] as const;
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.set(name, made as readonly [Uint8Array, ...Uint8Array[]]);
    return made as readonly [Uint8Array, ...Uint8Array[]];
  }

  return {
    hash: (kind, value) => hashes(kind, value)[0],
    hashes,
    fingerprints: (canonical) => keys.map((key: string | KeyObject) => fingerprint(key, canonical)),
  };
}
