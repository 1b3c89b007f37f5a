import { expect, test } from 'vitest';
import { z } from 'zod';
import { checkedFor } from './checked-for.ts';
import { collectChannels } from './collect-channels.ts';
import { combineEvents } from './combine-events.ts';
import { defineChannel } from './define-channel.ts';
import { defineEvent } from './define-event.ts';
import { describeEvent } from './describe-event.ts';
import { durationMs } from './duration.ts';
import { withChannels } from './with-channels.ts';

const ping = defineEvent({ templates: { sms: { en: { text: 'x' } } } });
const own = () => defineChannel({ name: 'own', address: 'ownId', template: z.object({ body: z.string() }) });
const matrix = own();
const onOwn = withChannels(matrix).defineEvent({ templates: { own: { en: { body: 'x' } } } });

test('combineEvents joins, and refuses a name twice', () => {
  const hello = defineEvent({ templates: { sms: { en: { text: 'y' } } } });
  expect(combineEvents({ ping }, { hello }, { last: ping })).toEqual({ ping, hello, last: ping });
  expect(() => combineEvents({ ping }, { hello }, { ping: hello } as never)).toThrow(
    'combineEvents: event "ping" is defined twice.',
  );
});

test('collectChannels: built-in ones and those events carry; one value a name', () => {
  const channels = collectChannels({ ping, a: onOwn, b: onOwn });
  expect([...channels.keys()]).toEqual(['email', 'sms', 'push', 'slack', 'telegram', 'whatsapp', 'discord', 'own']);
  expect(channels.get('own')).toBe(matrix);
  const other = withChannels(own()).defineEvent({ templates: { own: { en: { body: 'x' } } } });
  expect(() => collectChannels({ a: onOwn, b: other })).toThrow(
    'events["b"]: its channel "own" is another one than that of an event before it; define a channel once and share it.',
  );
});

test('describeEvent shows names, languages and steps, no functions', () => {
  const event = defineEvent({
    name: 'Welcome',
    category: 'onboarding',
    route: ['sms'],
    templates: {
      email: { en: { subject: 'x', text: 'x' }, sv: { subject: 'x', text: 'x' } },
      sms: { en: { text: 'x' } },
    },
    listeners: ['a@example.com'],
    sequence: (s) =>
      s
        .send('a')
        .when(
          () => true,
          (then) => then.send('b'),
        )
        .parallel(
          (x) => x.send('c'),
          (y) => y.wait('1 day'),
        ),
  });
  expect(describeEvent('user.welcome', event, event.templates as never)).toEqual({
    event: 'user.welcome',
    name: 'Welcome',
    category: 'onboarding',
    channels: ['sms', 'email'],
    languages: { sms: ['en'], email: ['en', 'sv'] },
    listeners: 1,
    steps: [
      { id: 'a', kind: 'send' },
      { id: 'when1', kind: 'when', branches: [[{ id: 'b', kind: 'send' }], []] },
      {
        id: 'parallel1',
        kind: 'parallel',
        branches: [[{ id: 'c', kind: 'send' }], [{ id: 'parallel1.2/wait1', kind: 'wait' }]],
      },
    ],
  });
  expect(describeEvent('ping', ping, ping.templates as never)).toMatchObject({ name: 'ping', channels: ['sms'] });
});

test('checkedFor returns what it is given', () => {
  const t = checkedFor(z.object({ company: z.string() }));
  expect(t('Hi {{company}}')).toBe('Hi {{company}}');
  expect(() => checkedFor({} as never)).toThrow(
    'checkedFor: schema must be a Standard Schema, such as one of zod, valibot or arktype.',
  );
});

test('durations', () => {
  const ms = (words: string) => durationMs('x', 'y', words);
  expect([ms('1 second'), ms('30 seconds'), ms('1.5 minutes'), ms('2 hours'), ms('1 day'), ms('2 weeks')]).toEqual([
    1000, 30_000, 90_000, 7_200_000, 86_400_000, 1_209_600_000,
  ]);
  for (const words of ['1', '1 month', '1  day', ' 1 day', '1 dayss', '1e3 days', '.5 days', '0.0001 seconds']) {
    expect(() => ms(words)).toThrow(
      "x: y must be a duration such as '30 seconds', '1 hour' or '3 days', up to 100 years.",
    );
  }
});
