import type { Outcome } from '../spec/index.ts';

// Errors of connections that were never made: the request cannot have reached anybody.
const unsent = new Set([
  ...[
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'EADDRNOTAVAIL',
    'UND_ERR_CONNECT_TIMEOUT',
  ],
  ...[
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ],
  ...['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_SSL_WRONG_VERSION_NUMBER'],
]);

const longestWait = 86_400_000;
// how long a lane rests when a provider says "too many" and not for how long
const usualPause = 1_000;

/** What an HTTP status means for a message; undefined for 2xx. */
export function outcomeOfStatus(status: number, headers: Headers, nowMs: number = Date.now()): Outcome | undefined {
  const code = String(status);
  const reason = `The provider answered HTTP ${status}.`;
  if (status >= 200 && status < 300) return undefined;
  if (status === 401 || status === 403) return { outcome: 'misconfigured', reason, code };
  if (status >= 300 && status < 400) {
    return { outcome: 'misconfigured', reason: `${reason} Redirects are not followed: check the base URL.`, code };
  }
  const waitMs = retryAfterMs(headers, nowMs);
  const after = waitMs === undefined ? {} : { afterMs: waitMs };
  if (status === 429) return { outcome: 'retry', reason, code, ...after, lane: { pauseMs: waitMs ?? usualPause } };
  if (status === 408 || status >= 500) return { outcome: 'retry', reason, code, ...after };
  return { outcome: 'rejected', reason, code };
}

/**
 * The wait that `Retry-After` asks for, in ms, at most a day; undefined when there is none that can be read. A date counts
 * from the answer's own `Date`, or from `nowMs` without one, so that a wrong clock here does no harm.
 */
export function retryAfterMs(headers: Headers, nowMs: number = Date.now()): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1_000, longestWait);
  if (!/^(mon|tue|wed|thu|fri|sat|sun)/i.test(value)) return undefined;
  // the oldest of the three forms of a date names no zone
  const until = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`);
  if (Number.isNaN(until)) return undefined;
  const answered = Date.parse(headers.get('date') ?? '');
  return Math.min(Math.max(0, until - (Number.isNaN(answered) ? nowMs : answered)), longestWait);
}

/** What it means that `fetch` threw: `retry` when nothing can have been sent, else `unknown`. */
export function outcomeOfFailure(error: unknown, signal: AbortSignal): Outcome {
  if (signal.aborted) {
    return { outcome: 'unknown', reason: 'The provider did not answer in time.', code: nameOf(signal.reason) };
  }
  const causes = causesOf(error);
  const code = causes.map(codeOf).find((found) => found !== undefined) ?? 'NETWORK_ERROR';
  if (causes.length > 0 && causes.every(isUnsent)) {
    return { outcome: 'retry', reason: `The provider could not be reached (${code}).`, code };
  }
  return { outcome: 'unknown', reason: `The connection broke before the provider answered (${code}).`, code };
}

/** The errors underneath: several where several addresses were tried. */
function causesOf(error: unknown): readonly unknown[] {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof AggregateError && cause.errors.length > 0 ? cause.errors : [cause];
}

function isUnsent(cause: unknown): boolean {
  const { socket } = (cause ?? {}) as { socket?: { bytesWritten?: unknown } | null };
  return unsent.has(codeOf(cause) ?? '') || socket?.bytesWritten === 0;
}

function codeOf(cause: unknown): string | undefined {
  const { code } = (cause ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

function nameOf(reason: unknown): string {
  return reason instanceof Error ? (codeOf(reason) ?? reason.name) : 'AbortError';
}
