import { createHmac, type KeyObject } from 'node:crypto';

/** Tells one request from another under an idempotency key: HMAC-SHA256 of its canonical JSON, 32 bytes. */
export function fingerprint(secret: string | KeyObject, canonical: string): Uint8Array {
  return createHmac('sha256', secret).update(canonical).digest();
}
