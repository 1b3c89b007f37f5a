import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What a proxy can do to the connections that go through it. */
export interface CuttingProxy {
  readonly port: number;
  /** Lets the next COMMIT reach the server and drops the connection before the answer; false when none came in time. */
  cutAfterCommit(withinMs: number): Promise<boolean>;
  /** Drops every connection, wherever it is. */
  cutAll(): void;
  /** Forwards nothing in either direction on the connections there are, for `ms`, and then drops them: half-open. */
  freeze(ms: number): Promise<void>;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  frozen: boolean;
}

/** A TCP proxy in front of a port of 127.0.0.1. */
export async function cuttingProxy(target: number): Promise<CuttingProxy> {
  const pairs = new Set<Pair>();
  let onCommit: (() => void) | undefined;

  function drop(pair: Pair): void {
    pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
  }

  const proxy = createServer({ noDelay: true }, (client) => {
    const server = connect({ port: target, host: '127.0.0.1', noDelay: true });
    const pair: Pair = { client, server, frozen: false };
    pairs.add(pair);
    client.on('data', (data: Buffer) => {
      if (pair.frozen) return;
      server.write(data);
      if (!onCommit || !/commit/i.test(data.toString('latin1'))) return;
      onCommit();
      onCommit = undefined;
      // the server does as it was told, and nobody hears of it
      pair.frozen = true;
      server.once('data', () => drop(pair));
    });
    server.on('data', (data: Buffer) => {
      if (!pair.frozen) client.write(data);
    });
    for (const socket of [client, server]) {
      socket.on('error', () => drop(pair));
      socket.on('close', () => drop(pair));
    }
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');

  return {
    port: (proxy.address() as AddressInfo).port,
    cutAfterCommit(withinMs) {
      return new Promise((resolve) => {
        const late = setTimeout(() => {
          onCommit = undefined;
          resolve(false);
        }, withinMs);
        onCommit = () => {
          clearTimeout(late);
          resolve(true);
        };
      });
    },
    cutAll() {
      for (const pair of [...pairs]) drop(pair);
    },
    async freeze(ms) {
      const frozen = [...pairs];
      for (const pair of frozen) pair.frozen = true;
      await new Promise((resolve) => setTimeout(resolve, ms));
      for (const pair of frozen) drop(pair);
    },
    async close() {
      for (const pair of [...pairs]) drop(pair);
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
