import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Serves `POST /orders`, whose body is the customer's address: 202 when the order is taken, 503 when not. */
export async function serve(take: (address: string) => Promise<void>): Promise<{ port: number; server: Server }> {
  const server = createServer(async (request, response) => {
    const status = await text(request)
      .then(take)
      .then(
        () => 202,
        () => 503,
      );
    // a connection that is kept would hold up the end
    response.shouldKeepAlive = server.listening;
    response.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, server };
}

/** Takes no more requests; resolves when those under way are answered. */
export async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  await closed;
}
