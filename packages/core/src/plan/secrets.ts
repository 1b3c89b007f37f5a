import { addressHash } from '../rules/address-hash.ts';
import { fingerprint } from '../rules/fingerprint.ts';

/** Keyed hashes: of addresses, so that suppressions outlive erasure, and of requests. */
export interface Secrets {
  /** The hash under the current secret, 32 bytes. */
  hash(kind: string, value: string): Uint8Array;
  /** Under every secret, the current one first. */
  hashes(kind: string, value: string): readonly [Uint8Array, ...Uint8Array[]];
  /** Of a request in canonical form, under the current secret. */
  fingerprint(request: unknown): Uint8Array;
  /** Under every secret, for comparing with what was stored before a rotation. */
  fingerprints(request: unknown): readonly Uint8Array[];
}

/** `secrets`: the current one first, then older ones. At least one. */
export function createSecrets(secrets: readonly [string, ...string[]]): Secrets {
  const [current, ...older] = secrets;
  return {
    hash: (kind, value) => addressHash(current, kind, value),
    hashes: (kind, value) => [
      addressHash(current, kind, value),
      ...older.map((secret) => addressHash(secret, kind, value)),
    ],
    fingerprint: (request) => fingerprint(current, request),
    fingerprints: (request) => secrets.map((secret) => fingerprint(secret, request)),
  };
}
