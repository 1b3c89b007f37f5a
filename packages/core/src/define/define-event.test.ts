import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { TidingsError } from '../spec/errors.ts';
import type { StandardSchema } from '../spec/standard-schema.ts';
import { defineChannel } from './define-channel.ts';
import { defineEvent } from './define-event.ts';
import { withChannels } from './with-channels.ts';

const matrix = defineChannel({
  name: 'matrix',
  address: 'matrixId',
  template: z.object({ body: z.string().max(3), format: z.enum(['plain', 'html']).optional() }),
});
const fax = defineChannel({ name: 'fax', address: 'faxNumber', template: z.strictObject({ text: z.string() }) });
const ours = withChannels(matrix, fax);

const email = { email: { en: { subject: 'x', text: 'x' } } };
const both = { ...email, sms: { en: { text: 'x' } } };

/** The refusal of a definition the compiler would not let through. */
function refusal(
  event: unknown,
  define: (event: never) => unknown = ours.defineEvent as never,
): { message: string; path: string } {
  try {
    define(event as never);
  } catch (error) {
    if (TidingsError.is(error, 'CONFIGURATION_INVALID')) return { message: error.message, path: error.path ?? '' };
    throw error;
  }
  throw new Error('accepted');
}

describe('what a definition becomes', () => {
  test('the least: defaults filled in', () => {
    const event = defineEvent({ templates: both });
    expect(event).toMatchObject({
      category: 'transactional',
      route: ['email', 'sms'],
      templates: both,
      steps: [{ id: 'send', kind: 'send' }],
      listeners: [],
      priority: 1,
      from: {},
    });
    expect(Object.keys(event)).not.toContain('payload');
    expect(Object.keys(event.channels)).toEqual(['email', 'sms']);
    expect(event.channels.email?.address).toBe('email');
  });

  test('everything', () => {
    const payload = z.object({ n: z.number() });
    const redact = (content: Readonly<Record<string, unknown>>) => content;
    const event = defineEvent({
      name: 'Monthly invoice',
      payload,
      category: 'billing',
      route: ['sms'],
      templates: both,
      sequence: (s) => s.send('first', { channel: 'email' }),
      listeners: ['a@example.com', { phone: '+46701234567' }],
      priority: 'bulk',
      strict: true,
      snapshot: { redact },
      from: { email: { address: 'a@example.com', name: 'ACME' }, sms: 'ACME' },
      layout: false,
      expiresIn: '2 hours',
    });
    expect(event).toEqual({
      title: 'Monthly invoice',
      payload,
      category: 'billing',
      route: ['sms'],
      templates: both,
      channels: event.channels,
      steps: [{ id: 'first', kind: 'send', channel: 'email' }],
      listeners: ['a@example.com', { phone: '+46701234567' }],
      priority: 2,
      strict: true,
      snapshot: { redact },
      from: { email: { address: 'a@example.com', name: 'ACME' }, sms: { address: 'ACME' } },
      layout: false,
      expiresInMs: 7_200_000,
    });
  });

  test('frozen, and apart from what was given', () => {
    const route: ('email' | 'sms')[] = ['email'];
    const event = defineEvent({ templates: both, route });
    route.push('sms');
    expect(event.route).toEqual(['email']);
    for (const part of [
      event,
      event.route,
      event.templates,
      event.channels,
      event.steps,
      event.steps[0],
      event.from,
      event.listeners,
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  test('a field or channel that is undefined is left out', () => {
    const templates = { email: { en: { subject: 'x', text: 'x', html: undefined } }, sms: undefined };
    const event = defineEvent({ templates: templates as never });
    expect(event.templates).toStrictEqual({ email: { en: { subject: 'x', text: 'x' } } });
    expect(event.route).toEqual(['email']);
  });

  test('channels only a step has content for are carried, but not in the route', () => {
    const event = ours.defineEvent({
      templates: email,
      sequence: (s) => s.send('a', { templates: { matrix: { en: { body: 'x' } } } }).send('b'),
    });
    expect(Object.keys(event.channels)).toEqual(['email', 'matrix']);
    expect(event.route).toEqual(['email']);
  });
});

describe('refusals', () => {
  const cases: [unknown, string, string][] = [
    [undefined, 'options', 'must be an object'],
    [
      { templates: email, categroy: 'x' },
      'categroy',
      'is no option; there are name, payload, category, route, templates, sequence, listeners, priority, strict, snapshot, from, layout, expiresIn',
    ],
    [{ templates: email, name: '' }, 'name', 'must be a text of 1–255 bytes'],
    [{ templates: email, payload: {} }, 'payload', 'must be a Standard Schema, such as one of zod, valibot or arktype'],
    [{ templates: email, category: 'a\nb' }, 'category', 'must be a text of 1–255 bytes'],
    [{ templates: email, strict: 'yes' }, 'strict', 'must be true or false'],
    [{}, 'templates', 'must be an object: by channel, language and field'],
    [{ templates: {} }, 'templates', 'must have templates for one channel or more'],
    [
      { templates: { emial: {} } },
      'templates.emial',
      'is no channel; there are email, sms, push, slack, telegram, whatsapp, discord, matrix, fax; a channel of your own comes from withChannels(…)',
    ],
    [{ templates: { email: 'x' } }, 'templates.email', 'must be an object by language, or templateFiles(…)'],
    [{ templates: { email: {} } }, 'templates.email', 'must have a language'],
    [{ templates: { email: { subject: 'x' } } }, 'templates.email.subject', 'must be an object of fields'],
    [
      { templates: { email: { 'en GB': {} } } },
      'templates.email.en GB',
      "is no language; it must be like 'en' or 'sv-SE'",
    ],
    [
      { templates: { matrix: { en: { format: 'plain' } } } },
      'templates.matrix.en.body',
      'is missing: matrix needs it (Invalid input: expected string, received undefined)',
    ],
    [{ templates: { matrix: { en: { body: 'x', bdy: 'x' } } } }, 'templates.matrix.en.bdy', 'is no field of matrix'],
    [
      { templates: { fax: { en: { text: 'x', txt: 'x' } } } },
      'templates.fax.en',
      'does not fit fax: Unrecognized key: "txt"',
    ],
    [
      { templates: { email: { en: { text: 'x' } } } },
      'templates.email.en.subject',
      'is missing: email needs it (Invalid input: expected string, received undefined)',
    ],
    [
      { templates: { email: { en: { subject: 'x' } } } },
      'templates.email.en',
      'does not fit email: has neither `html` nor `text` with anything in it',
    ],
    [
      { templates: { email: { en: { subject: 'x', text: 'x', htm: 'x' } } } },
      'templates.email.en',
      'does not fit email: Unrecognized key: "htm"',
    ],
    [{ templates: email, route: 'email' }, 'route', 'must be a list of one channel or more'],
    [{ templates: email, route: [] }, 'route', 'must be a list of one channel or more'],
    [{ templates: email, route: ['email', 'sms'] }, 'route[1]', 'must be one with a template: email'],
    [{ templates: email, route: ['email', 'email'] }, 'route[1]', 'names email a second time'],
    [{ templates: email, listeners: [] }, 'listeners', 'must be a list of one recipient or more'],
    [
      { templates: email, listeners: ['a@example.com', 42] },
      'listeners[1]',
      'must be a text or an object, as `to` of a send',
    ],
    [{ templates: email, priority: 'high' }, 'priority', 'must be one of urgent, normal, bulk'],
    [{ templates: email, priority: 'toString' }, 'priority', 'must be one of urgent, normal, bulk'],
    [{ templates: email, snapshot: 'none' }, 'snapshot', "must be 'keep', 'off' or { redact: (content) => … }"],
    [
      { templates: email, snapshot: { redact: true } },
      'snapshot',
      "must be 'keep', 'off' or { redact: (content) => … }",
    ],
    [{ templates: email, from: 'a@example.com' }, 'from', 'must be an object by channel'],
    [{ templates: email, from: { sms: 'ACME' } }, 'from.sms', 'must be one with a template: email'],
    [{ templates: email, from: { email: 42 } }, 'from.email', 'must be an address or { address, name }'],
    [{ templates: email, from: { email: { address: '' } } }, 'from.email.address', 'must be an address'],
    [
      { templates: email, from: { email: { address: 'a', name: 'x\r\ny' } } },
      'from.email.name',
      'must be a text of 1–255 bytes',
    ],
    [
      { templates: email, from: { email: { address: 'a', nam: 'x' } } },
      'from.email.nam',
      'is no option; there are address, name',
    ],
    [{ templates: email, layout: true }, 'layout', 'must be the name of a layout, or false for none'],
  ];
  test.each(cases)('%j', (event, path, problem) => {
    const name =
      typeof (event as { name?: string } | undefined)?.name === 'string'
        ? `defineEvent "${(event as { name: string }).name}"`
        : 'defineEvent';
    expect(refusal(event)).toEqual({ path, message: `${name}: ${path} ${problem}.` });
  });

  test('a duration that is none', () => {
    const problem = "must be a duration such as '30 seconds', '1 hour' or '3 days', up to 100 years.";
    for (const expiresIn of ['3 dayz', '0 days', '-1 days', '6000 weeks', 'soon', 3, null]) {
      expect(refusal({ templates: email, expiresIn })).toEqual({
        path: 'expiresIn',
        message: `defineEvent: expiresIn ${problem}`,
      });
    }
  });

  test('names the event where it has a title', () => {
    expect(refusal({ name: 'Welcome', templates: {} }).message).toBe(
      'defineEvent "Welcome": templates must have templates for one channel or more.',
    );
  });

  test('content of its own channel only through withChannels', () => {
    expect(refusal({ templates: { matrix: { en: { body: 'x' } } } }, defineEvent as never).path).toBe(
      'templates.matrix',
    );
  });

  test('an asynchronous template schema, without an unhandled rejection', () => {
    const template: StandardSchema<unknown, { body: string }> = {
      '~standard': { version: 1, vendor: 'x', validate: () => Promise.reject(new Error('late')) },
    };
    const slow = withChannels(defineChannel({ name: 'slow', address: 'slowId', template }));
    expect(refusal({ templates: { slow: { en: { body: 'x' } } } }, slow.defineEvent as never).message).toBe(
      'defineEvent: templates.slow.en cannot be checked: the template schema of slow is asynchronous.',
    );
  });
});

test('what a text says does not count before it is rendered', () => {
  const short = z
    .object({ body: z.string(), title: z.string() })
    .refine(({ body, title }) => body.length + title.length < 5);
  const { defineEvent } = withChannels(defineChannel({ name: 'short', address: 'shortId', template: short }));
  expect(defineEvent({ templates: { short: { en: { body: '{{payload}}', title: '' } } } }).route).toEqual(['short']);
  const event = ours.defineEvent({
    templates: { matrix: { en: { body: 'longer than three', format: () => 'html' } } },
  });
  expect(event.route).toEqual(['matrix']);
});

describe('withChannels', () => {
  const cases: [unknown[], string, string][] = [
    [[{ name: 'matrix' }], 'channels[0]', 'must be a channel, as defineChannel(…) returns one'],
    [[matrix, matrix], 'channels[1].name', '"matrix" is given twice; every channel needs a name of its own'],
    [[{ ...matrix, name: 'email' }], 'channels[0].name', '"email" is built in; every channel needs a name of its own'],
  ];
  test.each(cases)('refuses %#', (channels, path, problem) => {
    expect(refusal(channels, ((list: never[]) => withChannels(...list)) as never)).toEqual({
      path,
      message: `withChannels: ${path} ${problem}.`,
    });
  });
});
