import { ownValue } from './own-value.ts';

/** Names that can only mean a one-time code, and names that often mean something else. */
const certainNames = ['otp', 'verificationCode', 'verification_code', 'oneTimeCode', 'one_time_code'];
const vagueNames = ['code', 'pin', 'token'];

const hostname = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

function codeText(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? String(value) : undefined;
  return typeof value === 'string' ? value.trim() : undefined;
}

function findCode(text: string, payload: unknown): string | undefined {
  for (const name of certainNames) {
    const code = codeText(ownValue(payload, name));
    if (code !== undefined && /^[A-Za-z0-9]{4,10}$/.test(code) && /[0-9]/.test(code)) return code;
  }
  let shown: string | undefined;
  for (const name of vagueNames) {
    const code = codeText(ownValue(payload, name));
    if (code === undefined || !/^[0-9]{4,10}$/.test(code)) continue;
    // `123 456` and `123-456` show the code too.
    shown ??= text.replace(/[\s-]+/g, '');
    if (shown.includes(code)) return code;
  }
  return undefined;
}

/** What the suffix is made of. */
export interface OtpSource {
  /** Host name of the web application, such as `example.com`. Without a valid one nothing is appended. */
  readonly domain: string | undefined;
  /** The payload of the send. */
  readonly payload: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Appends the WebOTP line `@domain #code`, with which browsers fill in a code from a text message. The code is taken from
 * the payload: `otp`, `verificationCode`, `verification_code`, `oneTimeCode` or `one_time_code` with 4 to 10 letters and
 * digits, at least one a digit; or `code`, `pin` or `token` with 4 to 10 digits that the text itself shows, since those
 * names are used for other things too. A text whose last line already is such a line stays as it is.
 */
export function appendOtp(text: string, source: OtpSource): string {
  const { domain } = source;
  if (domain === undefined || !hostname.test(domain)) return text;
  const code = findCode(text, source.payload);
  if (code === undefined) return text;
  const body = text.trimEnd();
  const lastLine = body.slice(Math.max(body.lastIndexOf('\n'), body.lastIndexOf('\r')) + 1).trim();
  if (/^@\S+ #\S+$/.test(lastLine)) return text;
  return body === '' ? `@${domain} #${code}` : `${body}\n\n@${domain} #${code}`;
}
