import { TidingsError } from '../spec/index.ts';

const maxBytes = 255;
const maxPushTokenBytes = 512;

/**
 * The normal form of an identifier that is compared byte by byte: itself. At most 255 bytes of UTF-8, without NUL or half
 * a surrogate pair.
 *
 * @throws TidingsError `VALIDATION_ERROR`
 */
export function normalizeIdentifier(value: string, path = 'externalId'): string {
  return bounded(value, path, maxBytes);
}

/**
 * The normal form of a push token: itself. At most 512 bytes, without spaces or control characters.
 *
 * @throws TidingsError `INVALID_ADDRESS`
 */
export function normalizePushToken(token: string, path = 'pushToken'): string {
  if (token === '' || /[\s\p{Cc}\p{Cf}\p{Cs}]/u.test(token)) {
    throw new TidingsError(
      'INVALID_ADDRESS',
      `\`${path}\` is not a push token: it is empty or holds a space or an invisible character.`,
      { path },
    );
  }
  if (Buffer.byteLength(token) > maxPushTokenBytes) {
    throw new TidingsError(
      'INVALID_ADDRESS',
      `\`${path}\` is longer than the ${maxPushTokenBytes} bytes a push token may have.`,
      {
        path,
      },
    );
  }
  return token;
}

function bounded(value: string, path: string, limit: number): string {
  if (value === '') throw refusal(path, 'is empty; leave it out, or give null to remove it');
  if (value.includes('\0')) throw refusal(path, 'holds a NUL character');
  // Half a pair becomes U+FFFD on its way to the database, where two different values would be one.
  if (/\p{Cs}/u.test(value)) throw refusal(path, 'holds half a surrogate pair');
  const bytes = value.length > limit ? value.length : Buffer.byteLength(value);
  if (bytes > limit) throw refusal(path, `is longer than ${limit} bytes`);
  return value;
}

function refusal(path: string, why: string): TidingsError {
  return new TidingsError('VALIDATION_ERROR', `\`${path}\` ${why}.`, { path });
}
