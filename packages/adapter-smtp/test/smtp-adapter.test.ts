import { smtp } from '@tidings/adapter-smtp';
import { createTransport } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import { startSmtpServer } from './fake-smtp-server.ts';
import { callFor, mailMessage } from './mail-message.ts';
import { connectTo, start, startTcpServer } from './start.ts';

describe('an answer', () => {
  it.each([
    [{ rcpt: { 'jane@example.com': '550 5.1.1 jane@example.com is unknown' } }, 'badAddress', '550 5.1.1'],
    [{ rcpt: { 'jane@example.com': '551 5.1.6 moved' } }, 'badAddress', '551 5.1.6'],
    [{ rcpt: { 'jane@example.com': '450 4.7.1 greylisted' } }, 'retry', '450 4.7.1'],
    [{ rcpt: { 'jane@example.com': '421 4.3.2 closing' } }, 'retry', '421 4.3.2'],
    [{ mail: '550 5.1.8 unknown sender domain' }, 'misconfigured', '550 5.1.8'],
    [{ data: '451 4.3.0 try later' }, 'retry', '451 4.3.0'],
    [{ data: '421 4.3.0 closing' }, 'retry', '421 4.3.0'],
    [{ data: '552 5.3.4 too big' }, 'rejected', '552 5.3.4'],
  ])('%j is %s', async (replies, outcome, code) => {
    const { server, send, sent } = await start();
    server.reply(replies);
    const given = await send();
    expect(given).toMatchObject({ outcome, code });
    expect(JSON.stringify(given)).not.toContain('jane@');
    server.reply({});
    await sent();
  });

  it('tells of copies that were refused', async () => {
    const { server, send } = await start();
    server.reply({ rcpt: { 'c@example.com': '550 5.1.1 <c@example.com> unknown', 'b@example.com': '450 4.2.0 busy' } });
    expect(await send({ overrides: { cc: ['c@example.com', 'd@example.com'], bcc: ['b@example.com'] } })).toEqual({
      outcome: 'accepted',
      providerId: server.requests[0]?.id,
      refusedCopies: { count: 2, reason: '550 5.1.1 <[address]> unknown; 450 4.2.0 busy' },
    });
    expect(server.requests[0]?.recipients).toEqual(['jane@example.com', 'd@example.com']);
  });

  it('goes by the recipient when only copies were taken', async () => {
    const { server, send } = await start();
    server.reply({ rcpt: { 'jane@example.com': '550 5.1.1 unknown' } });
    expect(await send({ overrides: { cc: ['c@example.com'] } })).toMatchObject({
      outcome: 'badAddress',
      code: '550 5.1.1',
    });
  });

  it('says that a login failed without saying with what', async () => {
    const { server, send } = await start({ auth: { user: 'mail-user', pass: 'mail-pass' } });
    await server.next('auth');
    expect(await send()).toEqual({
      outcome: 'misconfigured',
      code: '535 5.7.8',
      reason: '535 5.7.8 [secret] with [secret] is not welcome',
    });
  });
});

describe('a connection', () => {
  it('is used again, and replaced after maxMessages', async () => {
    const { server, sent } = await start({ pool: { maxConnections: 1, maxMessages: 2 } });
    for (let i = 0; i < 3; i++) await sent();
    expect(server.connections).toBe(2);
  });

  it('that the server closed between two mails costs no attempt', async () => {
    const server = await startSmtpServer();
    const { sent } = await start({}, server);
    await sent();
    await server.next('accept');
    const before = server.connections;
    server.dropConnections();
    await sent();
    expect(server.connections).toBe(before + 1);
  });

  it('that is refused is retry', async () => {
    const { port, server } = await startTcpServer(() => {});
    server.close();
    const message = mailMessage();
    expect(await connectTo(port).send(message, callFor(message))).toMatchObject({ outcome: 'retry', code: 'ESOCKET' });
  });

  it('that ends before the greeting is retry', async () => {
    const { port, sockets } = await startTcpServer((socket) => socket.destroy());
    const message = mailMessage();
    expect(await connectTo(port).send(message, callFor(message))).toMatchObject({
      outcome: 'retry',
      code: 'ECONNECTION',
    });
    expect(sockets.length).toBeLessThanOrEqual(2);
  });

  it('that never greets ends with the signal, and nothing was sent', async () => {
    const abort = new AbortController();
    const { port, sockets } = await startTcpServer(() => abort.abort());
    const message = mailMessage();
    expect(await connectTo(port).send(message, callFor(message, { signal: abort.signal }))).toMatchObject({
      outcome: 'retry',
      code: 'EABORT',
    });
    expect(sockets).toHaveLength(1);
  });

  it('that never greets ends at the deadline by itself', async () => {
    const { port } = await startTcpServer(() => {});
    const message = mailMessage();
    expect(await connectTo(port, { deadlineMs: 50 }).send(message, callFor(message))).toMatchObject({
      outcome: 'retry',
      code: 'ETIMEDOUT',
    });
  });

  it('greeted with a refusal is misconfigured', async () => {
    const { port } = await startTcpServer((socket) => socket.end('554 5.7.1 not for you\r\n'));
    const message = mailMessage();
    expect(await connectTo(port).send(message, callFor(message))).toMatchObject({ outcome: 'misconfigured' });
  });

  it('lost before the mail was handed over is retry', async () => {
    const replies = ['220 hi', '250 hi', '250 ok', '250 ok'];
    const { port } = await startTcpServer((socket) => {
      socket.write(`${replies.shift()}\r\n`);
      socket.on('data', () => {
        const reply = replies.shift();
        if (reply === undefined) socket.destroy();
        else socket.write(`${reply}\r\n`);
      });
    });
    const message = mailMessage();
    expect(await connectTo(port).send(message, callFor(message))).toMatchObject({ outcome: 'retry' });
  });

  it('is encrypted where that is required, or nothing goes out', async () => {
    const plain = await start({ requireTls: true });
    expect(await plain.send()).toMatchObject({ outcome: 'misconfigured' });
    expect(plain.server.requests).toHaveLength(0);
    const server = await startSmtpServer({ disabledCommands: [] });
    const encrypted = await start({ requireTls: true, tls: { rejectUnauthorized: false } }, server);
    await encrypted.sent();
    const strict = await start({ requireTls: true }, await startSmtpServer({ disabledCommands: [] }));
    expect(await strict.send()).toMatchObject({ outcome: 'retry', code: 'ESOCKET' });
  });

  it('ends with close; later mails are for another attempt', async () => {
    const { adapter, server, send, sent } = await start();
    await sent();
    await adapter.close?.();
    await adapter.close?.();
    expect(await send()).toMatchObject({ outcome: 'retry' });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a transporter of the host', () => {
  it('is used as it is, and stays open', async () => {
    const server = await startSmtpServer();
    const transport = createTransport({ host: '127.0.0.1', port: server.port });
    const { sent, adapter, send } = await start({ host: undefined, port: undefined, transport } as never, server);
    await sent();
    await server.next('reset');
    expect(await send()).toMatchObject({ outcome: 'unknown' });
    await adapter.close?.();
    await transport.sendMail({ from: 'a@example.org', to: 'b@example.org', text: 'still open' });
    expect(server.requests).toHaveLength(3);
    transport.close();
  });

  it('without plugins leaves every lost connection unknown', async () => {
    const lost = Object.assign(new Error('Connection closed unexpectedly'), { code: 'ECONNECTION' });
    const adapter = smtp({ transport: { sendMail: () => Promise.reject(lost) } });
    const message = mailMessage();
    expect(await adapter.send(message, callFor(message))).toMatchObject({ outcome: 'unknown' });
  });
});
