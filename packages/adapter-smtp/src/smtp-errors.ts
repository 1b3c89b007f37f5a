import type { Outcome } from '@tidings/core/adapter';

/** What is known of a failed call. */
export interface Failure {
  /** What nodemailer threw. */
  readonly error: unknown;
  /** Whether the whole mail may have been handed over, so that no answer leaves its fate open. */
  readonly handedOver: boolean;
}

/** Texts that must not appear in an outcome: addresses of the mail, and credentials. */
export interface Private {
  readonly addresses: readonly string[];
  readonly secrets: readonly string[];
}

/** As much of nodemailer's errors as is used. */
interface SmtpError {
  readonly code?: unknown;
  readonly command?: unknown;
  readonly message?: unknown;
  readonly response?: unknown;
  readonly responseCode?: unknown;
  readonly rejectedErrors?: readonly unknown[];
}

/** Codes nodemailer gives to what no further attempt can mend without another setting. */
const settingsAtFault = new Set(['ENOAUTH', 'ECONFIG', 'EREQUIRETLS']);
/** Codes it gives to mails it will not send. */
const mailAtFault = new Set(['EFILEACCESS', 'EURLACCESS', 'EMAXRECIPIENTS']);

/** Commands whose refusal concerns the mail; that of any other concerns us. */
const aboutMail = new Set<unknown>(['MAIL FROM', 'RCPT TO', 'DATA']);

const replyLength = 300;
const greylisted = /gr[ae]y-?list/i;
const throttled = /throttl|too many|rate limit|sending rate|try again later|slow down/i;
const policy =
  /relay|spam|polic|block|blacklist|listed|reputation|denied|prohibit|spf\b|dkim|dmarc|authenticat|banned/i;

/** The outcome of a call that nodemailer ended with an error. */
export function outcomeOfError({ error, handedOver }: Failure, hide: Private): Outcome {
  const failure = asSmtpError(error);
  // the first one is the recipient's own; the error around them may be that of a copy
  const own = failure.rejectedErrors?.[0];
  if (own === undefined) return judge(failure, handedOver, hide);
  const copies = failure.rejectedErrors?.slice(1) ?? [];
  const outcome = judge(asSmtpError(own), handedOver, hide);
  return copies.length === 0 ? outcome : { ...outcome, refusedCopies: refusedCopies(copies, hide) };
}

/** The outcome of a call that went well for a copy, while the recipient itself was refused. */
export function outcomeOfRefusal(own: unknown, hide: Private): Outcome {
  return judge(asSmtpError(own), false, hide);
}

/** What the trace says of copies that were refused. */
export function refusedCopies(errors: readonly unknown[], hide: Private): { count: number; reason: string } {
  return {
    count: errors.length,
    reason: [...new Set(errors.map((error) => replyOf(asSmtpError(error), hide)))].join('; ').slice(0, 500),
  };
}

function judge(error: SmtpError, handedOver: boolean, hide: Private): Outcome {
  const reply = typeof error.response === 'string' ? error.response : '';
  const status = typeof error.responseCode === 'number' ? error.responseCode : 0;
  const reason = replyOf(error, hide);
  const code = codeOf(error, status, reply);
  if (status >= 400 && status < 500) return { outcome: 'retry', reason, code, ...pauseAfter(status, reply) };
  if (error.code === 'EAUTH') {
    // without a reply it was the token's own server that could not be reached, unless credentials are missing
    const lostToken = status === 0 && (error as { originalCode?: unknown }).originalCode !== undefined;
    return { outcome: lostToken ? 'retry' : 'misconfigured', reason, code };
  }
  // "bad sequence of commands" is about the session, not the mail
  if (status === 503) return { outcome: 'retry', reason, code };
  if (status >= 500 && status < 600) return { outcome: permanent(error, status, reply), reason, code };
  if (typeof error.code === 'string' && settingsAtFault.has(error.code))
    return { outcome: 'misconfigured', reason, code };
  if (typeof error.code === 'string' && mailAtFault.has(error.code)) return { outcome: 'rejected', reason, code };
  // "Invalid recipient" and the like, found before anything was sent
  if (error.code === 'EENVELOPE') return { outcome: 'rejected', reason, code };
  return { outcome: handedOver ? 'unknown' : 'retry', reason, code };
}

/** What a 5yz reply is about: the recipient, our credentials, or this mail. */
function permanent(error: SmtpError, status: number, reply: string): 'badAddress' | 'misconfigured' | 'rejected' {
  const enhanced = /^\d{3}[ -](5\.\d{1,3}\.\d{1,3})\b/.exec(reply)?.[1];
  if ([530, 534, 535, 538].includes(status) || !aboutMail.has(error.command)) return 'misconfigured';
  if (error.command === 'MAIL FROM')
    return enhanced === '5.1.7' || enhanced === '5.1.8' || status === 553 ? 'misconfigured' : 'rejected';
  if (error.command !== 'RCPT TO') return 'rejected';
  // 5.1.x is the address, save for the two about the sender's; 5.2.1 is a mailbox that was closed
  if (enhanced !== undefined) {
    const addressed = /^5\.1\.(?!7$|8$)/.test(enhanced) || enhanced === '5.2.1';
    return addressed ? 'badAddress' : 'rejected';
  }
  return [550, 551, 553].includes(status) && !policy.test(reply) ? 'badAddress' : 'rejected';
}

/** How long to wait where the server says so, and whether that holds for every mail. */
function pauseAfter(status: number, reply: string): { afterMs?: number; lane?: { pauseMs: number } } {
  if (greylisted.test(reply)) return { afterMs: waitIn(reply) ?? 300_000 };
  const wait = waitIn(reply);
  if (throttled.test(reply) && status !== 450 && status !== 452)
    return { ...(wait === undefined ? {} : { afterMs: wait }), lane: { pauseMs: Math.min(wait ?? 5_000, 60_000) } };
  return wait === undefined ? {} : { afterMs: wait };
}

/** "… in 300 seconds", "… after 5 min"; at most an hour. */
function waitIn(reply: string): number | undefined {
  const found = /\b(?:in|after|for|wait) (\d{1,5}) ?(s|sec|second|m|min|minute)s?\b/i.exec(reply.slice(0, replyLength));
  if (!found) return undefined;
  const unit = (found[2] as string).toLowerCase().startsWith('m') ? 60_000 : 1_000;
  return Math.min(Number(found[1]) * unit, 3_600_000);
}

function codeOf(error: SmtpError, status: number, reply: string): string {
  if (status !== 0) return /^\d{3}[ -]\d\.\d{1,3}\.\d{1,3}\b/.exec(reply)?.[0].replace('-', ' ') ?? String(status);
  return typeof error.code === 'string' ? error.code : 'ESMTP';
}

/** The server's words, else nodemailer's, without what is private. */
function replyOf(error: SmtpError, hide: Private): string {
  const words = typeof error.response === 'string' ? error.response : error.message;
  const text = String(words ?? 'The SMTP call failed.').slice(0, 4 * replyLength);
  return redact(text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' '), hide).slice(0, replyLength);
}

/** Takes out the mail's addresses, whatever else looks like one, and credentials in every form they were sent in. */
function redact(text: string, { addresses, secrets }: Private): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length >= 4) clean = clean.replaceAll(secret, '[secret]');
  }
  for (const address of addresses) {
    clean = clean.replace(literally(address), '[address]');
    const local = address.slice(0, address.lastIndexOf('@'));
    if (local.length >= 3)
      clean = clean.replace(new RegExp(`(?<![\\p{L}\\p{N}])${source(local)}(?![\\p{L}\\p{N}])`, 'giu'), '[address]');
  }
  // only the text around each @ is looked at, so that a long reply costs no more than a short one
  return clean.replace(/[^\s<>"'(),;:@]{0,64}@[^\s<>"'(),;:@]{1,255}/g, '[address]');
}

function literally(text: string): RegExp {
  return new RegExp(source(text), 'gi');
}

function source(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function asSmtpError(error: unknown): SmtpError {
  return typeof error === 'object' && error !== null ? error : { message: String(error) };
}
