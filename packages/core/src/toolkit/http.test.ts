import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHttp, type HttpAnswer, type HttpOptions } from './http.ts';
import { outcomeOfStatus, retryAfterMs } from './http-outcome.ts';

let server: Server;
let baseUrl: string;
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
let requests: {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}[];
const signal = new AbortController().signal;

beforeEach(async () => {
  requests = [];
  answer = (_request, response) => response.end('{"id":"p-1"}');
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push({ method: request.method, url: request.url, headers: request.headers, body });
    answer(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const post = (options: Partial<HttpOptions> = {}): Promise<HttpAnswer> =>
  createHttp({ baseUrl, ...options }).send({ path: '/messages', json: { to: 'canary@example.com' }, signal });

function answerWith(status: number, headers: Record<string, string> = {}, body = ''): void {
  answer = (_request, response) => response.writeHead(status, headers).end(body);
}

it('sends one request with the common headers and its own', async () => {
  const http = createHttp({ baseUrl: `${baseUrl}/v3/`, headers: { authorization: 'Bearer secret', 'x-a': 'common' } });
  const got = await http.send({ path: '/messages', headers: { 'x-a': 'own' }, json: { text: 'é' }, signal });
  expect(got).toMatchObject({ status: 200, json: { id: 'p-1' }, text: '{"id":"p-1"}', outcome: undefined });
  expect(requests).toHaveLength(1);
  expect(requests[0]).toMatchObject({
    method: 'POST',
    url: '/v3/messages',
    body: '{"text":"é"}',
    headers: { authorization: 'Bearer secret', 'x-a': 'own', 'content-type': 'application/json' },
  });
});

it('sends forms, bytes and nothing', async () => {
  const http = createHttp({ baseUrl });
  await http.send({ path: '/a', form: { To: '+46 1', Body: 'a&b' }, signal });
  await http.send({ path: '/b', body: Uint8Array.of(104, 105), signal });
  await http.send({ path: '/c', method: 'GET', signal });
  expect(requests.map(({ method, body }) => [method, body])).toEqual([
    ['POST', 'To=%2B46+1&Body=a%26b'],
    ['POST', 'hi'],
    ['GET', ''],
  ]);
});

it.each([
  [400, 'rejected'],
  [401, 'misconfigured'],
  [403, 'misconfigured'],
  [404, 'rejected'],
  [408, 'retry'],
  [422, 'rejected'],
  [429, 'retry'],
  [500, 'retry'],
  [503, 'retry'],
])('takes HTTP %i for %s', async (status, outcome) => {
  answerWith(status, {}, '{"error":"canary@example.com is unknown"}');
  const got = await post();
  expect(got).toMatchObject({
    status,
    outcome: { outcome, code: String(status) },
    json: { error: expect.any(String) },
  });
  expect(JSON.stringify(got.outcome)).not.toContain('canary');
  expect(requests).toHaveLength(1);
});

it('follows no redirect', async () => {
  answerWith(302, { location: `${baseUrl}/elsewhere` });
  expect((await post()).outcome).toMatchObject({ outcome: 'misconfigured', code: '302' });
  expect(requests).toHaveLength(1);
});

it('honours Retry-After, and pauses the lane after a 429', async () => {
  answerWith(429, { 'retry-after': '7' });
  expect((await post()).outcome).toMatchObject({ outcome: 'retry', afterMs: 7_000, lane: { pauseMs: 7_000 } });
  answerWith(429);
  const bare = (await post()).outcome;
  expect(bare).toMatchObject({ outcome: 'retry', lane: { pauseMs: 1_000 } });
  expect(bare).not.toHaveProperty('afterMs');
  answerWith(503, { 'retry-after': '3' });
  const busy = (await post()).outcome;
  expect(busy).toMatchObject({ outcome: 'retry', afterMs: 3_000 });
  expect(busy).not.toHaveProperty('lane');
});

it('reads Retry-After as seconds or a date, and nothing else', () => {
  const wait = (value: string, date?: string): number | undefined =>
    retryAfterMs(
      new Headers({ 'retry-after': value, ...(date === undefined ? {} : { date }) }),
      Date.parse('2026-01-01T00:00:00Z'),
    );
  expect(wait('0')).toBe(0);
  expect(wait(' 120 ')).toBe(120_000);
  expect(wait('99999999')).toBe(86_400_000);
  expect(wait('Thu, 01 Jan 2026 00:01:00 GMT')).toBe(60_000);
  expect(wait('Thu, 01 Jan 2026 00:01:00 GMT', 'Thu, 01 Jan 2026 00:00:45 GMT')).toBe(15_000);
  expect(wait('Thu Jan  1 00:01:00 2026')).toBe(60_000);
  expect(wait('Wed, 31 Dec 2025 00:00:00 GMT')).toBe(0);
  for (const odd of ['', '-1', '1.5', '+5', '0x10', 'soon', '2026-01-01', 'sunrise']) expect(wait(odd)).toBeUndefined();
  expect(outcomeOfStatus(204, new Headers())).toBeUndefined();
});

it('takes a refused connection and an unknown host for unsent', async () => {
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  expect((await post({ baseUrl: `http://127.0.0.1:${port}` })).outcome).toMatchObject({
    outcome: 'retry',
    code: 'ECONNREFUSED',
  });
  const both = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  const failing = (cause: unknown) => async (): Promise<never> => {
    throw new TypeError('fetch failed', { cause });
  };
  for (const cause of [
    Object.assign(new Error('dns'), { code: 'ENOTFOUND' }),
    Object.assign(new Error('dns'), { code: 'EAI_AGAIN' }),
    new AggregateError([both, both]),
    Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET', socket: { bytesWritten: 0 } }),
  ]) {
    expect((await post({ fetch: failing(cause) })).outcome?.outcome).toBe('retry');
  }
  for (const cause of [undefined, new AggregateError([both, new Error('reset')]), new Error('odd')]) {
    expect((await post({ fetch: failing(cause) })).outcome?.outcome).toBe('unknown');
  }
});

it('does not know what came of a request whose connection broke', async () => {
  answer = (request) => request.socket.destroy();
  expect((await post()).outcome?.outcome).toBe('unknown');
  answer = (request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"id":', () => request.socket.destroy());
  };
  expect(await post()).toMatchObject({ status: 200, outcome: { outcome: 'unknown' } });
  expect(requests).toHaveLength(2);
});

it('does not know what came of a request that was aborted or took too long', async () => {
  const aborter = new AbortController();
  answer = () => aborter.abort();
  const aborted = await createHttp({ baseUrl }).send({ path: '/', signal: aborter.signal });
  expect(aborted).toMatchObject({ status: 0, outcome: { outcome: 'unknown' } });
  answer = () => {};
  expect((await post({ timeoutMs: 20 })).outcome).toMatchObject({ outcome: 'unknown' });
  const before = requests.length;
  const never = await createHttp({ baseUrl }).send({ path: '/', signal: AbortSignal.abort() });
  expect(never.outcome).toMatchObject({ outcome: 'retry' });
  expect(requests).toHaveLength(before);
});

it('refuses what no header can hold, without repeating it', async () => {
  const got = await createHttp({ baseUrl }).send({ path: '/', headers: { 'x-to': 'canary\r\nbcc: x' }, signal });
  expect(got.outcome).toMatchObject({ outcome: 'rejected' });
  expect(JSON.stringify(got.outcome)).not.toContain('canary');
  expect(requests).toHaveLength(0);
});

it('reads no more than allowed, and takes no broken JSON for an answer', async () => {
  answerWith(200, {}, JSON.stringify({ text: 'x'.repeat(500_000) }));
  const got = await post({ maxBytes: 1_000 });
  expect(got.text).toHaveLength(1_000);
  expect(got.json).toBeUndefined();
  expect(got.outcome).toBeUndefined();
});

it('wants a base URL', () => {
  for (const wrong of ['', 'example.com', 'ftp://example.com']) {
    expect(() => createHttp({ baseUrl: wrong })).toThrow(/baseUrl/);
  }
});
