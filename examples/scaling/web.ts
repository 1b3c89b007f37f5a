// The web process only accepts: a request is answered when its mail is safe in the database.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { TidingsError } from '@tidings/core';
import { openEngine } from './engine.ts';
import { untilStopped } from './until-stopped.ts';

const { engine, close } = openEngine('producer');
await engine.start();

async function signup(request: IncomingMessage): Promise<readonly [status: number, answer: object]> {
  if (request.method !== 'POST' || request.url !== '/signup') return [404, { error: 'POST /signup' }];
  try {
    const { email, plan } = JSON.parse(await text(request)) as { email: string; plan: string };
    const { id } = await engine.send('welcome', {
      to: { email },
      payload: { plan },
      // a browser that posts twice gets one mail
      idempotencyKey: `signup-${email}`,
    });
    return [202, { id }];
  } catch (error) {
    if (TidingsError.is(error)) return [error.retryable ? 503 : 422, { error: error.code }];
    return [400, { error: 'a JSON object with email and plan' }];
  }
}

const server = createServer((request, response) => {
  void signup(request).then(([status, answer]) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
});
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
await once(server, 'listening');
console.log(`listening on ${(server.address() as AddressInfo).port}`);

await untilStopped();
// First the requests, then the engine they use.
const closed = once(server, 'close');
server.close();
await closed;
await close();
console.log('stopped');
