import { createConnection, createServer, type Server, type Socket } from 'node:net';

/** A proxy in front of a database server that breaks connections at chosen moments. */
export interface TcpProxy {
  readonly port: number;
  /**
   * The next time a client sends bytes with this text: `before` cuts the connection instead of passing them on, `after`
   * passes them on and cuts it when the server answers, `silent` passes them on and swallows every answer from then on.
   */
  breakAt(text: RegExp, how: Break): Promise<void>;
  /** Cuts every connection and takes no more. */
  down(): Promise<void>;
  /** Takes connections again. */
  up(): Promise<void>;
  /** Connections asked for since it was made. */
  readonly attempts: number;
  /** Connections open now. */
  readonly open: number;
  close(): Promise<void>;
}

/** When a connection breaks. */
export type Break = 'before' | 'after' | 'silent';

interface Order {
  readonly text: RegExp;
  readonly how: Break;
  done(): void;
}

/** Starts a proxy on a free port of this machine. */
export async function startTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const orders: Order[] = [];
  let attempts = 0;
  let isDown = false;

  const server: Server = createServer((client) => {
    attempts += 1;
    // refused as early as a listener can: the port stays ours
    if (isDown) {
      client.resetAndDestroy();
      return;
    }
    const upstream = createConnection(target);
    const pair = [client, upstream] as const;
    let mode: Break | undefined;
    pairs.add(pair);
    const cut = (): void => {
      pairs.delete(pair);
      client.resetAndDestroy();
      upstream.destroy();
    };
    client.on('data', (bytes) => {
      const index = mode ? -1 : orders.findIndex(({ text }) => text.test(bytes.toString('latin1')));
      const [order] = index < 0 ? [] : orders.splice(index, 1);
      mode ??= order?.how;
      order?.done();
      if (order?.how === 'before') cut();
      else upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (mode === 'after') cut();
      else if (mode !== 'silent') client.write(bytes);
    });
    for (const socket of pair) {
      socket.on('error', cut);
      socket.on('close', cut);
    }
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
  await listen(0);
  const { port } = server.address() as { port: number };
  const cutAll = (): void => {
    for (const [client, upstream] of pairs) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  };

  return {
    port,
    breakAt: (text, how) => new Promise((done) => orders.push({ text, how, done })),
    async down() {
      isDown = true;
      cutAll();
    },
    async up() {
      isDown = false;
    },
    get attempts() {
      return attempts;
    },
    get open() {
      return pairs.size;
    },
    async close() {
      cutAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
