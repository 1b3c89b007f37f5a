import * as v from 'valibot';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { TypesOf } from '../spec/channel.ts';
import { checkedFor } from './checked-for.ts';
import { combineEvents } from './combine-events.ts';
import { defineAdapter } from './define-adapter.ts';
import { defineChannel } from './define-channel.ts';
import { defineEvent } from './define-event.ts';
import { templateFiles } from './template-files.ts';
import { withChannels } from './with-channels.ts';

const email = { email: { en: { subject: 'x', text: 'x' } } };
const sms = { sms: { en: { text: 'x' } } };

const matrix = defineChannel({
  name: 'matrix',
  address: 'matrixId',
  template: z.object({ body: z.string(), format: z.enum(['plain', 'html']).default('plain') }),
  overrides: z.object({ room: z.string().optional() }),
  limits: { body: 60_000 },
  escape: { body: 'html' },
});
const ours = withChannels(matrix);

test('zod: input, output, channels and category are inferred', () => {
  const event = defineEvent({
    payload: z.object({ company: z.string(), seats: z.number().default(1) }),
    category: 'onboarding',
    route: ['sms', 'email'],
    templates: {
      email: {
        en: { subject: 'Welcome to {{company}}', html: ({ payload }) => `<p>${payload.seats.toFixed()}</p>` },
        sv: { subject: async ({ contact }) => `Hej ${contact.name}`, text: 'Hej' },
      },
      sms: { en: { text: 'Welcome to {{company}}' } },
    },
  });
  type Types = TypesOf<typeof event>;
  expectTypeOf<Types['input']>().toEqualTypeOf<{ company: string; seats?: number | undefined }>();
  expectTypeOf<Types['output']>().toEqualTypeOf<{ company: string; seats: number }>();
  expectTypeOf<Types['channel']>().toEqualTypeOf<'email' | 'sms'>();
  expectTypeOf<Types['category']>().toEqualTypeOf<'onboarding'>();
  expectTypeOf<Types['listeners']>().toEqualTypeOf<false>();
});

test('valibot, and the order of options does not matter', () => {
  const valibot = defineEvent({
    sequence: (s) => s.send('a', { channel: 'sms' }),
    templates: { sms: { en: { text: ({ payload }) => payload.text.toUpperCase() } } },
    payload: v.object({ postId: v.string(), text: v.optional(v.string(), '') }),
  });
  expectTypeOf<TypesOf<typeof valibot>['input']>().toEqualTypeOf<{ postId: string; text?: string | undefined }>();
  expectTypeOf<TypesOf<typeof valibot>['output']>().toEqualTypeOf<{ postId: string; text: string }>();
});

test('without a payload; transactional by default; listeners set their flag', () => {
  const ping = defineEvent({ templates: sms });
  expectTypeOf<TypesOf<typeof ping>['input']>().toEqualTypeOf<Record<string, never>>();
  expectTypeOf<TypesOf<typeof ping>['category']>().toEqualTypeOf<'transactional'>();
  const alarm = defineEvent({ templates: sms, listeners: ['+46701234567', { phone: '+46701234568', name: 'Ops' }] });
  expectTypeOf<TypesOf<typeof alarm>['listeners']>().toEqualTypeOf<true>();
});

test('mistakes in a definition', () => {
  defineEvent({
    // @ts-expect-error unknown channel
    templates: { emial: { en: { subject: 'x' } } },
  });
  defineEvent({
    // @ts-expect-error missing subject
    templates: { email: { en: { html: 'x' } } },
  });
  defineEvent({
    // @ts-expect-error unknown field
    templates: { sms: { en: { txt: 'x' } } },
  });
  defineEvent({
    // @ts-expect-error route without template
    route: ['sms'],
    templates: email,
  });
  defineEvent({
    templates: email,
    // @ts-expect-error unknown priority
    priority: 'high',
  });
  defineEvent({
    templates: email,
    // @ts-expect-error sender of a channel without template
    from: { sms: 'ACME' },
  });
  defineEvent({
    templates: email,
    // @ts-expect-error unknown unit
    expiresIn: '3 dayz',
  });
  defineEvent({
    templates: email,
    // @ts-expect-error a listener is a recipient
    listeners: [42],
  });
  defineEvent({
    templates: email,
    // @ts-expect-error unknown option
    categroy: 'x',
  });
  defineEvent({
    payload: z.object({ a: z.string() }),
    // @ts-expect-error unknown payload field
    templates: { sms: { en: { text: ({ payload }) => payload.b } } },
  });
  // @ts-expect-error matrix is not built in
  defineEvent({ templates: { matrix: { en: { body: 'x' } } } });
});

test('a channel of one’s own: what is written and what the adapter gets', () => {
  const event = ours.defineEvent({
    templates: { matrix: { en: { body: '{{contact.name}}' } }, email: templateFiles('./templates') },
  });
  expectTypeOf<TypesOf<typeof event>['channel']>().toEqualTypeOf<'matrix' | 'email'>();
  ours.defineEvent({
    // @ts-expect-error not one of the formats
    templates: { matrix: { en: { body: 'x', format: 'xml' } } },
  });
  const adapter = defineAdapter({
    name: 'matrix.org',
    channel: matrix,
    async send({ content, overrides }, { signal }) {
      expectTypeOf(content).toEqualTypeOf<{ body: string; format: 'plain' | 'html' }>();
      expectTypeOf(overrides.room).toEqualTypeOf<string | undefined>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      return { outcome: 'accepted' };
    },
  });
  expectTypeOf(adapter.channel).toEqualTypeOf<'matrix'>();
  const byName = defineAdapter({
    name: 'own-email',
    channel: 'email',
    async send({ content }) {
      expectTypeOf(content.subject).toEqualTypeOf<string>();
      return { outcome: 'rejected', reason: 'closed' };
    },
  });
  expectTypeOf(byName.channel).toEqualTypeOf<'email'>();
  defineAdapter({
    name: 'x',
    channel: matrix,
    // @ts-expect-error a retry has a reason
    send: async () => ({ outcome: 'retry' }),
  });
  defineChannel({
    name: 'fax',
    address: 'fax',
    template: z.object({ text: z.string() }),
    // @ts-expect-error no such field
    limits: { body: 1 },
  });
});

test('combineEvents refuses a name twice', () => {
  const ping = defineEvent({ templates: sms });
  const hello = defineEvent({ templates: email });
  const all = combineEvents({ ping }, { hello }, { 'post.comments': hello });
  expectTypeOf(all.ping).toEqualTypeOf(ping);
  expectTypeOf<keyof typeof all & ('ping' | 'hello' | 'post.comments')>().toEqualTypeOf<
    'ping' | 'hello' | 'post.comments'
  >();
  // @ts-expect-error event "ping" is defined twice
  combineEvents({ ping }, { ping: hello });
  // @ts-expect-error event "ping" is defined twice
  combineEvents({ ping }, { hello }, { ping });
});

test('checkedFor finds placeholders the payload lacks', () => {
  const t = checkedFor(
    z.object({ company: z.string(), plan: z.object({ name: z.string() }), items: z.array(z.string()) }),
  );
  expectTypeOf(
    t(
      'Hi {{contact.name | "there"}}, {{company}} {{payload.plan.name}}{{#if plan}}x{{/if}}{{#each items}}{{any}}{{/each}}',
    ),
  ).toEqualTypeOf<string>();
  // @ts-expect-error {{compny}}: not in the payload
  t('Hi {{compny}}');
  // @ts-expect-error {{plan.nam}}: not in the payload
  t('Hi {{plan.nam}}');
});
