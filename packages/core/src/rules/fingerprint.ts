import { createHmac } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';

/** Tells one request from another under an idempotency key: HMAC-SHA256 of its canonical JSON, 32 bytes. */
export function fingerprint(secret: string, request: unknown): Uint8Array {
  return createHmac('sha256', secret).update(canonicalJson(request, '')).digest();
}
