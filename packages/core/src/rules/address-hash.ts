import { createHmac, type KeyObject } from 'node:crypto';

/** What suppressions are looked up by: HMAC-SHA256 of kind and normal form, 32 bytes. */
export function addressHash(secret: string | KeyObject, kind: string, value: string): Uint8Array {
  return createHmac('sha256', secret).update(`${kind}\0${value}`).digest();
}
