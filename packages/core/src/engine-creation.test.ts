import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { create, email } from '../test/create-with.ts';
import { refusal } from '../test/engine-trial.ts';
import { captureAdapter, defineAdapter, defineChannel, defineEvent, withChannels } from './index.ts';

describe('what could only go wrong at a send is found at creation', () => {
  test('a channel without an adapter', async () => {
    expect(await refusal(() => create({ adapters: [] }))).toEqual({
      code: 'INTEGRATION_MISSING',
      path: 'adapters',
      message:
        'createEngine: event "mail" has templates for email, but no adapter delivers on it. Add one to adapters, drop the template, or set missingAdapter: \'skip\'.',
    });
    expect(create({ adapters: [], missingAdapter: 'skip' })).toBeDefined();
  });

  test('a channel without the sender it needs', async () => {
    expect(await refusal(() => create({ senders: [] }))).toEqual({
      code: 'UNVERIFIED_SENDER',
      path: 'senders',
      message:
        'createEngine: event "mail" sends on email, which needs a sender. List one in senders, or give adapter "mailer" a default.',
    });
    const own = defineAdapter({
      name: 'own',
      channel: 'email',
      defaultSender: { address: 'a@b.se' },
      send: email.send,
    });
    expect(create({ senders: [], adapters: [own] })).toBeDefined();
  });

  test("an event's sender that nobody verified", async () => {
    const from = defineEvent({
      from: { email: 'stranger@example.org' },
      templates: { email: { en: { subject: 'Hi', text: 'Hi' } } },
    });
    expect(await refusal(() => create({ events: { from } }))).toEqual({
      code: 'UNVERIFIED_SENDER',
      path: 'events["from"].from.email',
      message: 'createEngine: the email sender of event "from" is not verified. List it in senders.',
    });
    expect(
      create({ events: { from }, senders: [{ channel: 'email', address: 'stranger@example.org' }] }),
    ).toBeDefined();
  });

  test('no template in the language of last resort', async () => {
    const swedish = defineEvent({ templates: { email: { sv: { subject: 'Hej', text: 'Hej' } } } });
    expect(await refusal(() => create({ events: { swedish } }))).toEqual({
      code: 'TEMPLATE_MISSING',
      path: 'events["swedish"].templates.email',
      message:
        'createEngine: event "swedish" has email templates in sv, but none in "en", the language of last resort. Add one, or set language.',
    });
    expect(create({ events: { swedish }, language: 'sv-SE' })).toBeDefined();
  });

  test('a broken template, with its place', async () => {
    const broken = defineEvent({
      templates: { email: { en: { subject: 'Hi', text: 'Hi\nthere\n{{#if x}}' } } },
    });
    const { code, message } = await refusal(() => create({ events: { 'a.broken': broken } }));
    expect(code).toBe('TEMPLATE_INVALID');
    for (const part of ['a.broken', 'email', 'en', 'text', 'line 3']) expect(message).toContain(part);
  });

  test('a broken text inside plain data', async () => {
    const broken = defineEvent({
      templates: { slack: { en: { text: 'Hi', blocks: [{ type: 'section', text: { text: '{{#each' } }] } } },
    });
    const slack = captureAdapter({ name: 'poster', channel: 'slack' });
    expect(await refusal(() => create({ events: { broken }, adapters: [slack] }))).toMatchObject({
      code: 'TEMPLATE_INVALID',
    });
  });

  test.each([
    ['partial', { partials: { foot: '{{#if' } }],
    ['layout', { layouts: { default: '{{#if}}{{{body}}}' } }],
  ])('a broken %s', async (_, given) => {
    const page = defineEvent({ templates: { email: { en: { subject: 'Hi', html: 'Hi {{> foot}}' } } } });
    const said = await refusal(() => create({ events: { page }, partials: { foot: 'Bye' }, ...given }));
    expect(said.code).toBe('TEMPLATE_INVALID');
  });

  test('a partial that is not there', async () => {
    const page = defineEvent({ templates: { email: { en: { subject: 'Hi', html: 'Hi {{> foot}}' } } } });
    const said = await refusal(() => create({ events: { page } }));
    expect(said).toMatchObject({ code: 'TEMPLATE_INVALID' });
    expect(said.message).toContain('foot');
  });

  test('a step that this version does not run', async () => {
    const later = defineEvent({
      sequence: (s) => s.send('hello').wait('3 days').send('again'),
      templates: { email: { en: { subject: 'Hi', text: 'Hi' } } },
    });
    expect(await refusal(() => create({ events: { later } }))).toEqual({
      code: 'NOT_SUPPORTED',
      path: 'events["later"].sequence',
      message: 'events["later"]: step "wait1" is a wait step, which this version does not run; it runs send steps.',
    });
  });

  test('two channels of one name', async () => {
    const template = z.object({ body: z.string() });
    const one = withChannels(defineChannel({ name: 'fax', address: 'faxNumber', template }));
    const two = withChannels(defineChannel({ name: 'fax', address: 'faxNumber', template }));
    const said = await refusal(() =>
      create({
        events: {
          one: one.defineEvent({ templates: { fax: { en: { body: 'x' } } } }),
          two: two.defineEvent({ templates: { fax: { en: { body: 'x' } } } }),
        },
        adapters: [],
        missingAdapter: 'skip',
      }),
    );
    expect(said).toEqual({
      code: 'CONFIGURATION_INVALID',
      path: 'events["two"]',
      message:
        'events["two"]: its channel "fax" is another one than that of an event before it; define a channel once and share it.',
    });
  });
});
