import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can be cut, as when the server is away. */
export interface BreakableProxy {
  readonly port: number;
  /** Cuts every connection and refuses new ones. */
  away(): Promise<void>;
  back(): Promise<void>;
  close(): Promise<void>;
}

/** Opens one on loopback to the server of that URL. */
export async function breakableProxy(url: URL, defaultPort: number): Promise<BreakableProxy> {
  const open = new Set<Socket>();
  const join = (from: Socket, to: Socket): void => {
    open.add(from);
    from.on('error', () => {});
    from.on('close', () => {
      open.delete(from);
      to.destroy();
    });
    from.pipe(to);
  };
  let server: Server | undefined;
  let port = 0;

  async function listen(): Promise<void> {
    const listening = createServer((client) => {
      const upstream = connect({ host: url.hostname, port: Number(url.port || defaultPort) });
      client.setNoDelay(true);
      upstream.setNoDelay(true);
      join(client, upstream);
      join(upstream, client);
    });
    listening.listen(port, '127.0.0.1');
    await once(listening, 'listening');
    port = (listening.address() as AddressInfo).port;
    server = listening;
  }

  async function close(): Promise<void> {
    const closing = server;
    server = undefined;
    const closed = closing && once(closing, 'close');
    closing?.close();
    for (const socket of open) socket.destroy();
    await closed;
  }

  await listen();
  return { port, away: close, back: listen, close };
}
