import { type Outcome, TidingsError } from '../spec/index.ts';
import { outcomeOfFailure, outcomeOfStatus } from './http-outcome.ts';

/** Settings of {@link createHttp}. */
export interface HttpOptions {
  /** What paths are added to, such as `https://api.example.com/v3`; `http` or `https`. */
  readonly baseUrl: string;
  /** Sends the requests. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** Longest a request may take, in ms, its answer read. Default: as long as the call's signal allows. */
  readonly timeoutMs?: number;
  /** Sent with every request; credentials, say. They appear in no error. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The most that is read of an answer, in bytes; the rest is cut off. Default: 1 MB. */
  readonly maxBytes?: number;
}

/** One request; at most one of `json`, `form` and `body`. */
export interface HttpRequest {
  /** Added to the base URL; begins with `/`. */
  readonly path: string;
  /** Default: `POST`. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** The call's. */
  readonly signal: AbortSignal;
}

/** What came of a request. */
export interface HttpAnswer {
  /** 0 when no answer came. */
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text read as JSON; undefined when it is none. */
  readonly json: unknown;
  /** What this comes to, unless the adapter knows better; undefined for a 2xx status. */
  readonly outcome: Outcome | undefined;
}

/** Sends requests to one provider. */
export interface Http {
  /** Sends exactly one request and follows no redirect. Never rejects: what goes wrong is an outcome. */
  send(request: HttpRequest): Promise<HttpAnswer>;
}

/**
 * What an adapter over HTTP needs. 401 and 403 (and redirects) are `misconfigured`, 408, 429 and 5xx `retry` after what
 * `Retry-After` says, other 4xx `rejected`. A failure before the request could be written is `retry`; one after it, a
 * timeout and an abort are `unknown`. No reason holds an address, a credential or a body.
 *
 * @throws TidingsError `CONFIGURATION_INVALID` for a `baseUrl` that is none.
 *
 * @example
 * const http = createHttp({ baseUrl: 'https://api.example.com', headers: { authorization: `Bearer ${key}` } });
 * const { outcome, json } = await http.send({ path: '/messages', json: { to, text }, signal });
 * return outcome ?? { outcome: 'accepted', providerId: json.id };
 */
export function createHttp(options: HttpOptions): Http {
  const base = options.baseUrl.replace(/\/+$/, '');
  if (!/^https?:$/.test(URL.parse(base)?.protocol ?? '')) {
    throw new TidingsError('CONFIGURATION_INVALID', 'baseUrl must be an http or https URL.', { path: 'baseUrl' });
  }
  const send = options.fetch ?? globalThis.fetch;
  const maxBytes = options.maxBytes ?? 1_000_000;

  return {
    async send(request) {
      if (request.signal.aborted) {
        return noAnswer({ outcome: 'retry', reason: 'The call was aborted before the request was sent.' });
      }
      const { timeoutMs } = options;
      const signal =
        timeoutMs === undefined ? request.signal : AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
      let init: RequestInit;
      try {
        init = { method: request.method ?? 'POST', redirect: 'manual', signal, ...contentOf(request, options.headers) };
      } catch {
        // its message would show the header at fault, and so what was to be sent
        return noAnswer({ outcome: 'rejected', reason: 'A header or the body of the request cannot be sent.' });
      }
      let response: Response;
      try {
        response = await send(base + request.path, init);
      } catch (error) {
        return noAnswer(outcomeOfFailure(error, signal));
      }
      return answerOf(response, maxBytes);
    },
  };
}

function contentOf(request: HttpRequest, common: HttpOptions['headers']): Pick<RequestInit, 'headers' | 'body'> {
  const headers = new Headers(common);
  for (const [name, value] of Object.entries(request.headers ?? {})) headers.set(name, value);
  if (request.json !== undefined) {
    headers.set('content-type', 'application/json');
    return { headers, body: JSON.stringify(request.json) };
  }
  if (request.form) return { headers, body: new URLSearchParams(request.form) };
  return { headers, ...(request.body === undefined ? {} : { body: request.body }) };
}

async function answerOf(response: Response, maxBytes: number): Promise<HttpAnswer> {
  const { status, headers } = response;
  let outcome = outcomeOfStatus(status, headers);
  let text = '';
  try {
    text = await textOf(response, maxBytes);
  } catch {
    outcome ??= { outcome: 'unknown', reason: `The answer (HTTP ${status}) broke off.`, code: String(status) };
  }
  return { status, headers, text, json: jsonOf(text), outcome };
}

async function textOf(response: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let left = maxBytes;
  // leaving the loop early cancels the rest
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk.subarray(0, left), { stream: true });
    left -= chunk.length;
    if (left <= 0) break;
  }
  return text + decoder.decode();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function noAnswer(outcome: Outcome): HttpAnswer {
  return { status: 0, headers: new Headers(), text: '', json: undefined, outcome };
}
