import { randomUUID } from 'node:crypto';
import { smtp } from '@tidings/adapter-smtp';
import { testAdapter } from '@tidings/testing';
import { startSmtpServer } from './fake-smtp-server.ts';
import { mailMessage } from './mail-message.ts';

testAdapter(
  async () => {
    const server = await startSmtpServer();
    const auth = { user: `user-${randomUUID()}`, pass: `pass-${randomUUID()}` };
    return {
      adapter: smtp({ host: '127.0.0.1', port: server.port, auth }),
      message: (text = 'Hello') =>
        mailMessage({
          toName: text,
          from: { address: 'hello@example.org', name: text },
          content: { subject: text, html: text, text },
        }),
      provider: server,
      secrets: [auth.user, auth.pass],
      close: () => server.close(),
    };
  },
  {
    cannot: { retryAfter: 'SMTP has no field for it; words such as "in 300 seconds" have a test of their own' },
    // keeps readers from decoding what only looks like an encoded word
    normalize: (text) => text.replaceAll('=\u200b?', '=?'),
  },
);
