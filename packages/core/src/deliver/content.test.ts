import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { messageOf, trial } from '../../test/engine-trial.ts';
import { defineEvent, type EventMap } from '../index.ts';

const to = 'jane@example.com';
const payload = z.looseObject({});
const busy = { outcome: 'retry', reason: 'busy' } as const;

function email(fields: Record<string, unknown>, more: object = {}): EventMap {
  return {
    event: defineEvent({ payload, templates: { email: { en: { subject: 'Hi', ...fields } as never } }, ...more }),
  };
}

describe('rendering', () => {
  test('makes the text part from html, unless there is one', async () => {
    const on = trial({ events: email({ html: '<h1>Hi {{name}}</h1><p>a &amp; b</p>' }) });
    await on.done('event', { to, payload: { name: '<b>' } });
    const { html, text } = on.email.last()?.content ?? {};
    expect(html).toContain('Hi &lt;b&gt;');
    expect(text).toMatch(/hi <b>/i);
    expect(text).toContain('a & b');
    const own = trial({ events: email({ html: '<p>Hi</p>', text: 'Own' }) });
    await own.done('event', { to });
    expect(own.email.last()?.content).toMatchObject({ text: 'Own' });
  });

  test('puts html into the layout', async () => {
    const layouts = { default: '<main>{{{body}}}</main>', wide: '<div>{{{body}}}</div>' };
    for (const [more, start] of [
      [{}, '<main><p>'],
      [{ layout: 'wide' }, '<div><p>'],
      [{ layout: false }, '<p>'],
    ] as const) {
      const on = trial({ events: email({ html: '<p>Hi</p>' }, more), layouts });
      await on.done('event', { to });
      expect(String(on.email.last()?.content.html).startsWith(start)).toBe(true);
    }
  });

  test('sees payload, contact, app, sender and brand', async () => {
    const text = '{{payload.a}} {{a}} {{contact.name}} {{name}} {{app.name}} {{sender.address}} {{brand.color}}';
    const on = trial({ events: email({ text }), app: { name: 'App' }, brand: { color: 'red' } });
    await on.done('event', { to: { email: to, name: 'Jane' }, payload: { a: 1 } });
    expect(on.email.last()?.content).toMatchObject({ text: '1 1 Jane Jane App hello@example.com red' });
  });

  test('ends a text message with the line phones fill a code in from', async () => {
    const events = { code: defineEvent({ payload, templates: { sms: { en: { text: 'Your code: {{otp}}' } } } }) };
    const on = trial({ events, otpDomain: 'example.com' });
    await on.done('code', { to: '+46701234567', payload: { otp: '123456' } });
    expect(on.sms.last()?.content).toEqual({ text: 'Your code: 123456\n\n@example.com #123456' });
  });

  test('fills texts inside plain data', async () => {
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'Hi {{name}}' } }];
    const events = { event: defineEvent({ payload, templates: { slack: { en: { text: 'Hi', blocks } } } }) };
    const on = trial({ events });
    await on.done('event', { to: '#general', payload: { name: '<!channel>' } });
    expect(on.slack.last()?.content.blocks).toEqual([
      { type: 'section', text: { type: 'mrkdwn', text: 'Hi &lt;!channel&gt;' } },
    ]);
  });

  test('is of what the contact is at the first attempt', async () => {
    const on = trial({ events: email({ text: '{{contact.name}}' }), autoStart: false });
    await on.one('event', { to: { email: to, name: 'Before' } });
    await on.engine.contacts.update(to, { name: 'After' });
    await on.engine.start();
    await on.engine.idle();
    expect(on.email.last()?.content).toMatchObject({ text: 'After' });
  });
});

describe('what cannot be rendered', () => {
  test.each<[string, Record<string, unknown>, object, string, RegExp]>([
    [
      'a function that throws',
      {
        text: () => {
          throw new Error('no data');
        },
      },
      {},
      'TEMPLATE_FAILED',
      /^The function for event\/email\/en\/text threw: no data$/,
    ],
    [
      'a function that rejects',
      { text: async () => Promise.reject(new Error('no data')) },
      {},
      'TEMPLATE_FAILED',
      /threw: no data$/,
    ],
    [
      'a function that returns no text',
      { text: () => 5 },
      {},
      'TEMPLATE_FAILED',
      /^What event\/email\/en rendered to does not fit the channel: text /,
    ],
    [
      'a helper that throws',
      { text: '{{boom}}' },
      {
        helpers: {
          boom: () => {
            throw new Error('no data');
          },
        },
      },
      'TEMPLATE_FAILED',
      /the helper "boom" of the host threw an error/,
    ],
    ['a missing variable, strictly', { text: '{{name}}' }, { strict: true }, 'TEMPLATE_VARIABLE_MISSING', /name/],
    ['nothing to read', { text: '{{name}}' }, {}, 'TEMPLATE_FAILED', /has neither `html` nor `text`/],
    [
      'a subject that is too long',
      { subject: '{{long}}', text: 'x' },
      {},
      'CONTENT_TOO_LONG',
      /^What event\/email\/en\/subject rendered to cannot be sent: /,
    ],
  ])('%s fails its message, before any call', async (_, fields, options, code, message) => {
    const on = trial({ events: email(fields), ...options });
    const sent = await on.done('event', { to, payload: { long: 'x'.repeat(999) } });
    const trace = await messageOf(on, sent);
    expect(trace).toMatchObject({ status: 'failed', attempts: 0, error: { code } });
    expect(trace.error?.message).toMatch(message);
    expect(on.email.messages).toEqual([]);
    expect(on.reported.map(({ name }) => name)).toEqual(['message.failed', 'notification.failed']);
  });

  test('says nothing of the address', async () => {
    const text = ({ contact }: { contact: { email?: string } }): never => {
      throw new Error(`no data of ${contact.email}`);
    };
    const on = trial({ events: email({ text }) });
    const { error, timeline } = await messageOf(on, await on.done('event', { to }));
    expect(error?.message).toContain('no data of <address>');
    expect(JSON.stringify(timeline)).not.toContain(to);
  });

  test('fails its own message alone', async () => {
    const on = trial({
      events: email({ text: '{{#if bad}}{{boom}}{{else}}fine{{/if}}' }),
      helpers: {
        boom: () => {
          throw new Error('x');
        },
      },
    });
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) => on.one('event', { to, payload: { bad: n === 7 } })),
    );
    await on.engine.idle();
    const statuses = await Promise.all(results.map(async (sent) => (await messageOf(on, sent)).status));
    expect(statuses.flatMap((status, n) => (status === 'failed' ? [n] : []))).toEqual([7]);
    expect(on.email.messages).toHaveLength(19);
  });

  test('in time fails, and holds no slot', async () => {
    const on = trial({ events: email({ text: () => new Promise(() => {}) }) });
    const sent = await on.one('event', { to });
    await on.clock.advance(15_000);
    expect(await messageOf(on, sent)).toMatchObject({
      status: 'failed',
      error: { code: 'TEMPLATE_LIMIT', message: 'The message was not rendered within 15000 ms.' },
    });
  });

  test('a text message beyond its limit fails at the boundary', async () => {
    const events = { text: defineEvent({ payload, templates: { sms: { en: { text: '{{{long}}}' } } } }) };
    const on = trial({ events });
    const fits = await on.done('text', { to: '+46701234567', payload: { long: 'x'.repeat(1600) } });
    const over = await on.done('text', { to: '+46701234567', payload: { long: 'x'.repeat(1601) } });
    expect([(await messageOf(on, fits)).status, (await messageOf(on, over)).error?.code]).toEqual([
      'sent',
      'CONTENT_TOO_LONG',
    ]);
    expect(on.sms.messages).toHaveLength(1);
  });
});

describe('what was rendered', () => {
  test('is kept, and sent again by the next attempt as it was', async () => {
    const text = vi.fn(() => `made ${text.mock.calls.length}`);
    const on = trial({ events: email({ text }), answer: busy });
    const sent = await on.done('event', { to });
    on.email.fail();
    await on.clock.advance(5000);
    expect(text).toHaveBeenCalledTimes(1);
    expect(on.email.messages.map(({ content }) => content.text)).toEqual(['made 1', 'made 1']);
    expect((await messageOf(on, sent)).content).toMatchObject({ text: 'made 1' });
  });

  test.each(['event', 'engine'])('is not kept where the %s says so, and is rendered again', async (who) => {
    const text = vi.fn(() => 'made');
    const off = { snapshot: 'off' } as const;
    const on = trial({
      events: email({ text }, who === 'event' ? off : {}),
      ...(who === 'engine' ? { snapshots: 'off' } : {}),
      answer: busy,
    });
    const sent = await on.done('event', { to });
    on.email.fail();
    await on.clock.advance(5000);
    expect(text).toHaveBeenCalledTimes(2);
    expect((await messageOf(on, sent)).content).toBeNull();
  });

  test('redacted is for readers, and never sent', async () => {
    const snapshot = { redact: (content: object) => ({ ...content, text: '[hidden]' }) };
    const on = trial({ events: email({ text: 'code {{code}}' }, { snapshot }), answer: busy });
    const sent = await on.done('event', { to, payload: { code: 7 } });
    on.email.fail();
    await on.clock.advance(5000);
    expect(on.email.messages.map(({ content }) => content.text)).toEqual(['code 7', 'code 7']);
    expect((await messageOf(on, sent)).content).toMatchObject({ text: '[hidden]' });
  });

  test('that cannot be redacted is not sent either', async () => {
    const snapshot = {
      redact: () => {
        throw new Error('x');
      },
    };
    const on = trial({ events: email({ text: 'x' }, { snapshot }) });
    const sent = await on.done('event', { to });
    expect(await messageOf(on, sent)).toMatchObject({
      status: 'failed',
      error: { code: 'TEMPLATE_FAILED', message: '`snapshot.redact` threw, so nothing was sent.' },
    });
    expect(on.email.messages).toEqual([]);
  });
});
