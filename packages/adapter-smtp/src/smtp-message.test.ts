import { describe, expect, it } from 'vitest';
import { callFor, type MailMessage, mailMessage } from '../test/mail-message.ts';
import { buildMail, isSendable } from './smtp-message.ts';

function build(changes: Partial<MailMessage> | Record<string, unknown> = {}) {
  const message = mailMessage(changes as Partial<MailMessage>);
  return buildMail(message as never, callFor(message), undefined);
}

function mailOf(changes: Parameters<typeof build>[0] = {}) {
  const built = build(changes);
  if (!('mail' in built)) throw new Error(built.reason);
  return built.mail;
}

describe('isSendable', () => {
  it.each([
    'jane@example.com',
    "o'hara+tag=x/y@sub.example.com",
    'jane@xn--exmple-cua.com',
    'jane@exämple.com',
    'jäne@exämple.com',
    '"a@evil.example x"@example.com',
    '"a\\"b"@example.com',
    'jane@[127.0.0.1]',
    'jane@localhost',
  ])('takes %s', (address) => {
    expect(isSendable(address)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'jane',
    '@example.com',
    'jane@',
    'a@evil.example@example.com',
    'a b@example.com',
    'a,b@example.com',
    'jane@example.com,b@evil.example',
    'jane@example.com b@evil.example',
    'jane@example.com\r\nRCPT TO:<b@evil.example>',
    'jane@example.com>',
    'Jane <jane@example.com>',
    '<jane@example.com>',
    'jane\0@example.com',
    'jane\u2028@example.com',
    'jane@example\u2028.com',
    'jane@exam\ud800ple.com',
    'jane..doe@example.com',
    'group:jane@example.com;',
    '"a\r\nb"@example.com',
    '"a" x@example.com',
    `${'x'.repeat(320)}@example.com`,
  ])('refuses %j', (address) => {
    expect(isSendable(address)).toBe(false);
  });
});

describe('buildMail', () => {
  it('has one id for all attempts, made of the message and the sender', () => {
    const message = mailMessage({ from: { address: 'hello@mail.example.org' } });
    const ids = [1, 2]
      .map((attempt) => buildMail(message as never, callFor(message, { attempt }), undefined))
      .map((built) => 'mail' in built && built.mail.messageId);
    expect(ids).toEqual([`<${message.id}@mail.example.org>`, `<${message.id}@mail.example.org>`]);
  });

  it('uses the default sender when the message has none', () => {
    const { from: _, ...message } = mailMessage();
    const built = buildMail(message as never, callFor(message), { address: 'default@example.org', name: 'D' });
    expect('mail' in built && built.mail.envelope.from.address).toBe('default@example.org');
    expect(buildMail(message as never, callFor(message), undefined)).toMatchObject({ outcome: 'misconfigured' });
  });

  it('says whose address is wrong', () => {
    expect(build({ to: 'nobody' })).toMatchObject({ outcome: 'badAddress' });
    expect(build({ from: { address: 'nobody' } })).toMatchObject({ outcome: 'misconfigured' });
    expect(build({ overrides: { cc: ['a@example.com', 'nobody'] } })).toMatchObject({
      outcome: 'rejected',
      reason: expect.stringContaining('overrides.cc[1]'),
    });
  });

  it('lets the subject of a send replace that of the template', () => {
    expect(mailOf({ overrides: { subject: 'Instead\r\nof it' } }).subject).toBe('Instead of it');
  });

  it.each([
    ['From', 'x'],
    ['bcc', 'x'],
    ['Content-Type', 'text/plain'],
    ['DKIM-Signature', 'x'],
    ['x-tidings-tag', 'x'],
    ['X-A: b\r\nBcc', 'x'],
    ['X A', 'x'],
    ['X:A', 'x'],
    ['', 'x'],
    ['__proto__', 'x'],
    ['X-A', 'a\r\nBcc: b@evil.example'],
    ['X-A', 'a\n b'],
    ['X-A', 'a\rb'],
    ['X-A', 'a\0b'],
    ['X-A', 'a\u0085b'],
    ['X-A', 'a\u2028b'],
    ['X-A', 'a\u2029b'],
    ['X-A', 'half \ud800'],
    ['X-A', 'x'.repeat(999)],
    ['X-A', ['a', 'b']],
    ['List-Unsubscribe', '<https://example.org/ä>'],
  ])('refuses the header %j: %j', (name, value) => {
    const headers = Object.fromEntries([[name, value]]);
    expect(build({ overrides: { headers } })).toMatchObject({
      outcome: 'rejected',
      reason: expect.stringContaining('overrides.headers['),
    });
  });

  it.each([
    [{ filename: 'a.txt', path: '/etc/hostname' }, 'path'],
    [{ filename: 'a.txt', href: 'http://127.0.0.1/' }, 'href'],
    [{ raw: 'Content-Type: text/plain' }, 'raw'],
    [{ filename: 'a.txt', content: { path: '/etc/hostname' } }, 'content'],
    [{ filename: 'a.txt', content: 'x', headers: { a: 'b' } }, 'headers'],
    [{ filename: 'a/b.txt', content: 'x' }, 'filename'],
    [{ filename: 'a\r\nb.txt', content: 'x' }, 'filename'],
    [{ content: 'x' }, 'filename'],
    [{ filename: 'a.txt', content: 'x', encoding: 'hex' }, 'encoding'],
    [{ filename: 'a.txt', content: 'x', contentType: 'text/plain\r\nX: y' }, 'contentType'],
    [{ filename: 'a.txt', content: 'x', cid: '<a>' }, 'cid'],
  ])('refuses the attachment %j', (file, field) => {
    const built = build({ overrides: { attachments: [file] } });
    expect(built).toMatchObject({ outcome: 'rejected', reason: expect.stringContaining(`attachments[0].${field}`) });
  });

  it.each([
    { html: { path: '/etc/hostname' } },
    { html: '<p>x</p>', text: { href: 'http://127.0.0.1/' } },
    { text: 'x', subject: { path: '/etc/hostname' } },
    {},
  ])('refuses the content %j', (content) => {
    expect(build({ content })).toMatchObject({ outcome: 'rejected' });
  });

  describe('the preheader', () => {
    const html = (changes: Partial<MailMessage['content']>) =>
      mailOf({ content: { subject: 's', ...changes } }).html as string;

    it.each([
      ['<p>x</p>', ''],
      ['<!doctype html><html><body class="a>b"><p>x</p>', '<!doctype html><html><body class="a>b">'],
      ['<BODY\n><p>x</p>', '<BODY\n>'],
      ['<!-- <body> --><body><p>x</p>', '<!-- <body> --><body>'],
      ['<style>a > b { content: "<body>" }</style><body><p>x</p>', '<style>a > b { content: "<body>" }</style><body>'],
      ['<!DOCTYPE html><p>x</p>', '<!DOCTYPE html>'],
      ['<!-- never ends <body>', ''],
      ['a < b', ''],
    ])('stands first in the body of %j', (given, before) => {
      const sent = html({ html: given, preheader: 'Look' });
      const at = sent.indexOf('<div style="display:none');
      expect(sent.slice(0, at)).toBe(before);
      expect(sent.slice(sent.indexOf('</div>', at) + 6)).toBe(given.slice(before.length));
    });

    it('is text there, never markup', () => {
      expect(html({ html: '<p>x</p>', preheader: '</div><script>"&\'' })).toContain(
        '&lt;/div&gt;&lt;script&gt;&quot;&amp;&#39;',
      );
    });

    it('is left out of a mail without html', () => {
      const mail = mailOf({ content: { subject: 's', text: 'x', preheader: 'Look' } });
      expect(mail).not.toHaveProperty('html');
      expect(mail.text).toBe('x');
    });

    it('copes with html of any form and length', () => {
      // were any of these read again from every start, this would take hours
      for (const piece of ['<a "', '<a ="', '<!--', '<style ', '<style>', '<body "']) {
        expect(html({ html: piece.repeat(500_000), preheader: 'Look' })).toContain('Look');
      }
    });
  });
});
