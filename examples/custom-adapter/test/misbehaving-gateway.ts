import type { Behaviour, FakeProvider } from '@tidings/testing';
import { type Gateway, startGateway } from '../gateway.ts';

const statuses: { readonly [B in Behaviour]?: number } = {
  reject: 422,
  badAddress: 404,
  retry: 503,
  rateLimit: 429,
  auth: 401,
};

/** The gateway, and a provider for the contract that makes it misbehave once. */
export async function startMisbehavingGateway(token: string): Promise<{ gateway: Gateway; provider: FakeProvider }> {
  let behaviour: Behaviour = 'accept';
  let retryAfter: string | undefined;
  const gateway = await startGateway(token, (_message, request, response) => {
    const now = behaviour;
    behaviour = 'accept';
    const status = statuses[now];
    if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
    if (status !== undefined) response.writeHead(status).end(`not with ${request.headers.authorization}`);
    else if (now === 'reset') request.socket.resetAndDestroy();
    else if (now === 'malformed') response.writeHead(200).end('<html>');
    return now !== 'accept';
  });
  const provider: FakeProvider = {
    async next(next, hint) {
      behaviour = next;
      retryAfter = hint?.retryAfter;
      if (next === 'refuse') await gateway.close();
    },
    get requests() {
      return gateway.messages.map(({ id, key, room, title, text, fields }) => {
        return { id, key, recipients: [room], parts: fields, texts: [title, text] };
      });
    },
  };
  return { gateway, provider };
}
