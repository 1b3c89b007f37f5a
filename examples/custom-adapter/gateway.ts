import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message the gateway got. */
export interface GatewayMessage {
  readonly id: string;
  readonly key: string;
  readonly room: string;
  readonly title: string;
  readonly text: string;
  /** Names of all fields that arrived. */
  readonly fields: readonly string[];
}

/** Answers a message in its own way; returns true when it did. */
export type Answer = (message: GatewayMessage, request: IncomingMessage, response: ServerResponse) => boolean;

/** A gateway that posts messages to the rooms of a company, on this machine. */
export interface Gateway {
  readonly url: string;
  readonly messages: readonly GatewayMessage[];
  close(): Promise<void>;
}

/** Starts one. It asks for the token, and takes every message that `answer` does not see to. */
export async function startGateway(token: string, answer: Answer = () => false): Promise<Gateway> {
  const messages: GatewayMessage[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as { room: string; title: string; text: string };
    const { room, title, text } = body;
    const key = String(request.headers['idempotency-key']);
    const message = { id: `post-${messages.length + 1}`, key, room, title, text, fields: Object.keys(body) };
    messages.push(message);
    response.setHeader('connection', 'close');
    if (answer(message, request, response)) return;
    if (request.headers.authorization !== `Bearer ${token}`) response.writeHead(401).end();
    else response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ id: message.id }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    messages,
    async close() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
