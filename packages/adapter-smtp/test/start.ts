import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type SmtpOptions, smtp } from '@tidings/adapter-smtp';
import type { ChannelAdapter, Outcome } from '@tidings/core/adapter';
import { expect, onTestFinished } from 'vitest';
import { type Arrived, type FakeSmtpServer, startSmtpServer } from './fake-smtp-server.ts';
import { callFor, type MailMessage, mailMessage } from './mail-message.ts';

/** An adapter and a server for the length of a test. */
export async function start(options: Partial<SmtpOptions> = {}, server?: FakeSmtpServer) {
  const fake = server ?? (await startSmtpServer());
  const adapter = smtp({ host: '127.0.0.1', port: fake.port, ...options });
  onTestFinished(async () => {
    await adapter.close?.();
    await fake.close();
  });
  const send = (changes: Partial<MailMessage> = {}): Promise<Outcome> => {
    const message = mailMessage(changes);
    return adapter.send(message, callFor(message));
  };
  const sent = async (changes: Partial<MailMessage> = {}): Promise<Arrived> => {
    expect(await send(changes)).toMatchObject({ outcome: 'accepted' });
    return fake.requests.at(-1) as Arrived;
  };
  return { server: fake, adapter, send, sent };
}

/** A server that takes connections and does what it is told with them. */
export async function startTcpServer(onSocket: (socket: Socket) => void) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
    onSocket(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, server, sockets };
}

/** A server that agrees to everything and keeps the lines it got; it knows nothing of addresses, so it alters none. */
export async function startPlainServer() {
  const commands: string[] = [];
  let inData = false;
  const { port } = await startTcpServer((socket) => {
    socket.write('220 hi\r\n');
    createInterface(socket).on('line', (line) => {
      commands.push(line);
      if (inData && line !== '.') return;
      inData = line === 'DATA';
      socket.write(inData ? '354 go on\r\n' : '250 ok\r\n');
    });
  });
  return { port, commands };
}

/** An adapter alone. */
export function connectTo(port: number, options: Partial<SmtpOptions> = {}): ChannelAdapter {
  const adapter = smtp({ host: '127.0.0.1', port, ...options });
  onTestFinished(() => adapter.close?.());
  return adapter;
}
