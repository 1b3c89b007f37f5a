import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** An SMTP server that keeps what it takes. */
export interface MailServer {
  readonly port: number;
  /** Reads every mail taken so far, in the order they came. */
  mails(): Promise<readonly ParsedMail[]>;
  close(): Promise<void>;
}

/** Starts one on loopback, on any free port. It takes mail for everyone except at closed.example. */
export async function startMailServer(): Promise<MailServer> {
  const taken: Buffer[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onRcptTo({ address }, _session, answer) {
      const closed = address.endsWith('@closed.example');
      answer(closed ? Object.assign(new Error('5.1.1 No such mailbox here'), { responseCode: 550 }) : null);
    },
    onData(stream, _session, answer) {
      buffer(stream).then((mail) => {
        taken.push(mail);
        answer(null, 'kept');
      }, answer);
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    mails: () => Promise.all(taken.map((mail) => simpleParser(mail))),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
