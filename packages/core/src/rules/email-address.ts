import { domainToASCII } from 'node:url';
import { TidingsError } from '../spec/index.ts';

const maxBytes = 254;
const maxLocalBytes = 64;
const invisible = /[\p{Cc}\p{Cf}\p{Z}\p{Cs}]/u;
const localSpecial = /["(),:;<>@[\\\]\s]/;
// What the URL parser behind domainToASCII would decode or cut off instead of refusing.
const hostSpecial = /[^\p{L}\p{M}\p{N}\p{So}.\-。．｡]/u;
const asciiHost = /^[a-z0-9.-]+$/;

/**
 * The normal form of an e-mail address: NFC, lower case, host in punycode. Tags (`jane+news@…`) and dots stay: to some
 * hosts they are another mailbox. Takes bare addresses of unquoted words only, so that nothing in one can lead elsewhere.
 * Linear in its length.
 *
 * @throws TidingsError `INVALID_EMAIL`
 */
export function normalizeEmail(address: string, path = 'email'): string {
  if (address === '') throw refusal(path, 'it is empty');
  if (address.length > maxBytes) throw refusal(path, `it is longer than ${maxBytes} characters`);
  if (invisible.test(address)) throw refusal(path, 'it holds a space or an invisible character');
  const at = address.indexOf('@');
  if (at < 0) throw refusal(path, 'it has no @');
  if (address.indexOf('@', at + 1) >= 0) throw refusal(path, 'it has more than one @');

  const local = lower(address.slice(0, at));
  if (local === '') throw refusal(path, 'nothing stands before the @');
  // Full-width look-alikes count as well: some mailers fold them before they parse.
  if (localSpecial.test(local) || localSpecial.test(local.normalize('NFKC'))) {
    throw refusal(path, 'quotes, brackets, commas, colons and semicolons are not taken; a name goes in `name`');
  }
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..')) {
    throw refusal(path, 'a dot before the @ stands first, last or twice in a row');
  }
  if (Buffer.byteLength(local) > maxLocalBytes) {
    throw refusal(path, `the part before the @ is longer than ${maxLocalBytes} bytes`);
  }

  const normal = `${local}@${hostOf(address.slice(at + 1), path)}`;
  if (Buffer.byteLength(normal) > maxBytes) throw refusal(path, `it is longer than ${maxBytes} bytes`);
  return normal;
}

function hostOf(given: string, path: string): string {
  if (given === '' || hostSpecial.test(given)) throw refusal(path, 'the part after the @ is no domain name');
  let host = given.toLowerCase();
  if (!asciiHost.test(host) || host.includes('xn--')) host = domainToASCII(given.normalize('NFC'));
  const labels = host.split('.');
  const last = labels.at(-1) ?? '';
  if (labels.length < 2 || /^\d*$/.test(last) || !labels.every(isLabel)) {
    throw refusal(path, 'the part after the @ is no domain name');
  }
  return host;
}

function isLabel(label: string): boolean {
  return label.length > 0 && label.length <= 63 && asciiHost.test(label) && label[0] !== '-' && label.at(-1) !== '-';
}

function lower(text: string): string {
  return text.normalize('NFC').toLowerCase().normalize('NFC');
}

function refusal(path: string, why: string): TidingsError {
  return new TidingsError(
    'INVALID_EMAIL',
    `\`${path}\` is not an e-mail address: ${why}. Give one such as jane@example.com.`,
    { path },
  );
}
