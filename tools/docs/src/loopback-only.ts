// Preloaded into snippets that are run: a connection that leaves this machine fails them.
import { Socket } from 'node:net';

const connect = Socket.prototype.connect;
const local = new Set(['localhost', '127.0.0.1', '::1', '']);

Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
  const [first] = (Array.isArray(args[0]) ? args[0] : args) as [unknown];
  const { host = 'localhost', path } = (
    typeof first === 'object' && first !== null ? first : { host: typeof args[1] === 'string' ? args[1] : undefined }
  ) as { host?: string; path?: string };
  if (path === undefined && !local.has(host))
    throw new Error(`A snippet connects to ${host}; only loopback is allowed.`);
  return Reflect.apply(connect, this, args) as Socket;
} as typeof connect;
