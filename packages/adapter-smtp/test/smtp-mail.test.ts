import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Arrived } from './fake-smtp-server.ts';
import { callFor, mailMessage } from './mail-message.ts';
import { connectTo, start, startPlainServer } from './start.ts';

function headersOf({ mail }: Arrived): Record<string, string> {
  return Object.fromEntries(mail.headerLines.map(({ key, line }) => [key, line.slice(line.indexOf(':') + 1).trim()]));
}

describe('a mail', () => {
  it('arrives with all its parts', async () => {
    const { sent } = await start();
    const message = mailMessage({
      content: {
        subject: 'Grüße, 世界 👋',
        html: '<body><p>Hej å</p></body>',
        text: 'Hej å\n.\n.. dots',
        preheader: 'Kort & gott',
      },
      toName: 'Zoë "Z" Ødegård',
      language: 'sv-SE',
    });
    const arrived = await sent(message);
    const { mail } = arrived;
    expect(mail.subject).toBe('Grüße, 世界 👋');
    expect(mail.text?.trimEnd()).toBe('Hej å\n.\n.. dots');
    expect(mail.html).toContain('<p>Hej å</p>');
    expect(mail.html).toMatch(/^<body><div style="display:none[^>]*>Kort &amp; gott/);
    expect(mail.to).toMatchObject({ value: [{ address: 'jane@example.com', name: 'Zoë "Z" Ødegård' }] });
    expect(mail.from).toMatchObject({ value: [{ address: 'hello@example.org', name: 'Example' }] });
    expect(mail.messageId).toBe(`<${message.id}@example.org>`);
    expect(headersOf(arrived)).toMatchObject({ 'content-language': 'sv-SE', 'x-tidings-tag': `${message.id}.1` });
    expect([...arrived.parts].sort()).toEqual(
      [
        'content-language',
        'content-type',
        'date',
        'from',
        'message-id',
        'mime-version',
        'subject',
        'to',
        'x-tidings-tag',
      ].sort(),
    );
  });

  it('goes to copies, and shows none of the hidden ones', async () => {
    const { sent } = await start();
    const arrived = await sent({
      overrides: { cc: ['c1@example.com', 'c2@example.com'], bcc: ['b1@example.com'], replyTo: 'r@example.com' },
    });
    expect(arrived.recipients).toEqual(['jane@example.com', 'c1@example.com', 'c2@example.com', 'b1@example.com']);
    expect(headersOf(arrived)).toMatchObject({ cc: 'c1@example.com, c2@example.com', 'reply-to': 'r@example.com' });
    expect(arrived.raw).not.toContain('b1@example.com');
  });

  it('carries headers of the send', async () => {
    const { sent } = await start();
    const unsubscribe = `<https://example.org/u/${'x'.repeat(200)}>`;
    const headers = {
      'List-Unsubscribe': unsubscribe,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'List-Id': 'News <news.example.org>',
      'X-Order': 'Nº 7',
    };
    const { mail } = await sent({ overrides: { headers } });
    const line = (key: string) => mail.headerLines.find((header) => header.key === key)?.line.replace(/\r?\n\s+/g, ' ');
    expect(line('list-unsubscribe')).toBe(`List-Unsubscribe: ${unsubscribe}`);
    expect(line('list-unsubscribe-post')).toBe('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
    expect(line('list-id')).toMatch(/^List-Id: News <news.example.org>$/i);
    expect(line('x-order')).toBe(`X-Order: =?UTF-8?B?${Buffer.from('Nº 7').toString('base64')}?=`);
  });

  it('carries attachments from memory', async () => {
    const { sent } = await start();
    const bytes = Buffer.from([0, 13, 10, 46, 255]);
    const { mail } = await sent({
      content: { subject: 's', html: '<img src="cid:logo">' },
      overrides: {
        attachments: [
          { filename: 'räkning.txt', content: 'å\n' },
          {
            filename: 'data.bin',
            content: bytes.toString('base64'),
            encoding: 'base64',
            contentType: 'application/x-data',
          },
          { filename: 'bytes.bin', content: bytes },
          { filename: 'logo.png', content: bytes, cid: 'logo' },
        ],
      },
    });
    expect(
      mail.attachments.map(({ filename, content, cid }) => [filename, content.toString('hex'), cid]).sort(),
    ).toEqual(
      [
        ['räkning.txt', Buffer.from('å\n').toString('hex'), undefined],
        ['data.bin', bytes.toString('hex'), undefined],
        ['bytes.bin', bytes.toString('hex'), undefined],
        ['logo.png', bytes.toString('hex'), 'logo'],
      ].sort(),
    );
  });

  it.each([
    ['"a@evil.example x"@example.com', '"a@evil.example x"@example.com'],
    ['"b@evil.example,c"@example.com', '"b@evil.example,c"@example.com'],
    ["o'hara+x@example.com", "o'hara+x@example.com"],
    ['jane@exämple.com', 'jane@xn--exmple-cua.com'],
  ])('goes to %s and nowhere else', async (to, recipient) => {
    const { port, commands } = await startPlainServer();
    const message = mailMessage({ to, toName: 'x" <d@evil.example>, "y\r\nBcc: e@evil.example' });
    expect(await connectTo(port).send(message, callFor(message))).toMatchObject({ outcome: 'accepted' });
    expect(commands.filter((command) => /^RCPT/i.test(command))).toEqual([`RCPT TO:<${recipient}>`]);
    const headers =
      commands
        .join('\n')
        .split('\n\n')[0]
        ?.split(/\n(?! )/) ?? [];
    expect(headers.filter((line) => /^(to|cc|bcc):/i.test(line)).map((line) => line.replace(/\n /g, ' '))).toEqual([
      `To: "x\\" <d@evil.example>, \\"y Bcc: e@evil.example" <${recipient}>`,
    ]);
  });

  it('is signed with DKIM over the header and body that arrive', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2_048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const { sent } = await start({ dkim: { domainName: 'example.org', keySelector: 'k1', privateKey } });
    const { raw } = await sent({
      overrides: {
        headers: {
          'List-Unsubscribe': '<https://example.org/u>',
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        },
      },
    });
    const signature = signatureOf(raw);
    expect(signature.fields).toMatchObject({ d: 'example.org', s: 'k1', a: 'rsa-sha256', c: 'relaxed/relaxed' });
    expect(signature.signed).toEqual(
      expect.arrayContaining(['from', 'to', 'subject', 'list-unsubscribe', 'list-unsubscribe-post']),
    );
    const valid = (text: string) =>
      verify('sha256', Buffer.from(text, 'latin1'), createPublicKey(publicKey), signature.bytes);
    expect(valid(signature.input)).toBe(true);
    expect(valid(signature.input.replace('hello@', 'hallo@'))).toBe(false);
  });
});

/** What a verifier makes of the signature on top: RFC 6376, relaxed header form. */
function signatureOf(raw: string) {
  const [head = ''] = raw.split('\r\n\r\n', 1);
  const lines = head.split(/\r\n(?![ \t])/);
  const relaxed = (line: string) => {
    const at = line.indexOf(':');
    return `${line.slice(0, at).trim().toLowerCase()}:${line
      .slice(at + 1)
      .replace(/\r\n/g, '')
      .replace(/[ \t]+/g, ' ')
      .trim()}`;
  };
  const own = lines.find((line) => /^dkim-signature:/i.test(line)) ?? '';
  const text = relaxed(own).slice('dkim-signature:'.length);
  const fields = Object.fromEntries(
    text
      .split(';')
      .map((part) => [part.slice(0, part.indexOf('=')).trim(), part.slice(part.indexOf('=') + 1).replace(/\s/g, '')]),
  );
  const signed = (fields.h ?? '').toLowerCase().split(':');
  const covered = signed.flatMap((name) => lines.filter((line) => relaxed(line).startsWith(`${name}:`)).map(relaxed));
  const unsigned = relaxed(own.replace(/([;\s]b=)[^;]*$/, '$1'));
  return {
    fields,
    signed,
    bytes: Buffer.from(fields.b ?? '', 'base64'),
    input: [...covered, unsigned].join('\r\n'),
  };
}
