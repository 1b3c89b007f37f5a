import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import type { Behaviour, FakeProvider, ProviderRequest } from '@tidings/testing';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail as it arrived. */
export interface Arrived extends ProviderRequest {
  readonly raw: string;
  readonly mail: ParsedMail;
  readonly from: string;
}

/** What the server says to a command instead of yes. */
export interface Replies {
  readonly mail?: string;
  /** By recipient. */
  readonly rcpt?: Readonly<Record<string, string>>;
  readonly data?: string;
}

/** An SMTP server on this machine. */
export interface FakeSmtpServer extends FakeProvider {
  readonly port: number;
  readonly requests: readonly Arrived[];
  /** Replies of the next mail; written as `550 5.1.1 no such user`. */
  reply(replies: Replies): void;
  /** Connections opened so far. */
  readonly connections: number;
  /** Ends every connection, and goes on listening. */
  dropConnections(): void;
  close(): Promise<void>;
}

/** Starts one. It takes any name and password until told otherwise, and repeats what it was sent when it refuses. */
export async function startSmtpServer(options: SMTPServerOptions = {}): Promise<FakeSmtpServer> {
  const requests: Arrived[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let behaviour: Behaviour = 'accept';
  let replies: Replies = {};

  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    ...options,
    onAuth({ username, password }, _session, done) {
      if (behaviour !== 'auth') return done(null, { user: username });
      behaviour = 'accept';
      done(refusal(`535 5.7.8 ${username} with ${password} is not welcome`));
    },
    onMailFrom(_address, _session, done) {
      done(replies.mail === undefined ? null : refusal(replies.mail));
    },
    onRcptTo({ address }, _session, done) {
      if (behaviour === 'badAddress') {
        behaviour = 'accept';
        return done(refusal(`550 5.1.1 <${address}>: user unknown`));
      }
      const reply = replies.rcpt?.[address];
      done(reply === undefined ? null : refusal(reply));
    },
    async onData(stream, session, done) {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      const raw = Buffer.concat(chunks).toString('latin1');
      const mail = await simpleParser(Buffer.concat(chunks), { skipImageLinks: true });
      const now = behaviour;
      behaviour = 'accept';
      const reply = replies.data;
      replies = {};
      const { mailFrom, rcptTo } = session.envelope;
      requests.push({
        id: idOf(mail),
        key: idOf(mail).replace(/@.*/, ''),
        from: mailFrom === false ? '' : mailFrom.address,
        recipients: rcptTo.map(({ address }) => address),
        parts: mail.headerLines.map(({ key }) => key),
        texts: [mail.subject ?? '', mail.text ?? '', mail.html || '', nameIn(mail.to), nameIn(mail.from)],
        raw,
        mail,
      });
      const socket = socketOf(server, session.id);
      if (now === 'hang') return;
      if (now === 'reset') return socket?.resetAndDestroy();
      if (now === 'malformed') return socket?.write('who knows\r\n');
      const words: Partial<Record<Behaviour, string>> = {
        reject: `554 5.7.1 ${rcptTo[0]?.address} may not get this`,
        retry: `451 4.3.0 try later, ${rcptTo[0]?.address}`,
        rateLimit: '454 4.7.0 Throttling failure: maximum sending rate exceeded',
      };
      const said = reply ?? words[now];
      done(said === undefined ? null : refusal(said), `queued as ${randomUUID()}`);
    },
  });
  server.on('error', () => {});
  server.server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');

  async function stop(): Promise<void> {
    const closed = server.server.listening ? once(server.server, 'close') : undefined;
    server.server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  return {
    port: (server.server.address() as AddressInfo).port,
    requests,
    get connections() {
      return connections;
    },
    async next(next) {
      behaviour = next;
      if (next === 'refuse') await stop();
    },
    reply(next) {
      replies = next;
    },
    dropConnections() {
      for (const socket of sockets) socket.destroy();
    },
    close: stop,
  };
}

function refusal(reply: string): Error {
  return Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) });
}

function idOf(mail: ParsedMail): string {
  return (mail.messageId ?? '').replace(/^<|>$/g, '');
}

function nameIn(addresses: ParsedMail['to']): string {
  const [list] = [addresses].flat();
  return list?.value.map(({ name }) => name).join('; ') ?? '';
}

function socketOf(server: SMTPServer, session: string): Socket | undefined {
  const open = server.connections as unknown as Set<{ id: string; _socket: Socket }>;
  return [...open].find(({ id }) => id === session)?._socket;
}
