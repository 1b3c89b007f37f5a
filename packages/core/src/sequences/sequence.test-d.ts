import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { BuiltInChannels } from '../channels/index.ts';
import { defineEvent } from '../define/define-event.ts';
import type { Sequence, SequenceEnd } from './sequence.ts';

const templates = { email: { en: { subject: 'x', text: 'x' } }, sms: { en: { text: 'x' } } };
const payload = z.object({ n: z.number() });

test('conditions see the payload and earlier messages by id', () => {
  defineEvent({
    sequence: (s) =>
      s
        .send('hello', { channel: 'email' })
        .wait('3 days')
        .when(
          ({ messages, payload }) => {
            expectTypeOf(payload).toEqualTypeOf<{ n: number }>();
            expectTypeOf(messages.hello.channel).toEqualTypeOf<'email'>();
            return messages.hello.openedAt === undefined;
          },
          (then) => then.send('nudge', { channel: 'sms' }).wait('1 day', 'pause'),
          (otherwise) => otherwise.send('other'),
        )
        .wait(({ payload }) => (payload.n > 10 ? '1 hour' : new Date(0)), 'later')
        .when(
          ({ messages }) => {
            expectTypeOf(messages.nudge?.channel).toEqualTypeOf<'sms' | undefined>();
            expectTypeOf(messages.other?.channel).toEqualTypeOf<'email' | 'sms' | undefined>();
            return true;
          },
          (then) => then.end('gave up'),
        ),
    templates,
    payload,
  });
});

test('digests and parallel branches', () => {
  defineEvent({
    payload,
    templates,
    sequence: (s) =>
      s
        .throttle({ limit: 5, per: '1 day', key: ({ payload }) => String(payload.n) })
        .digest('batch', { window: '1 hour', max: 10, key: ({ payload }) => String(payload.n) })
        .when(
          ({ digests }) => digests.batch.items.every((item) => item.n === 0),
          (then) => then.end('nothing to say'),
        )
        .parallel(
          (a) => a.send('one', { channel: 'sms' }),
          (b) => b.wait('10 minutes', 'pause').send('two', { templates: { sms: { en: { text: 'x' } } } }),
        )
        .when(
          ({ messages }) => messages.one.channel === 'sms' && messages.two.status === 'failed',
          (then) => then.send('again'),
        ),
  });
});

test('a sequence shared by events', () => {
  const remind = (
    s: Sequence<{ payload: { n: number }; channel: 'email'; channels: BuiltInChannels }>,
    // biome-ignore lint/suspicious/noExplicitAny: any ids
  ): SequenceEnd<any, any> => s.send().wait('1 day').send('reminder');
  defineEvent({ payload, templates: { email: templates.email }, sequence: remind });
});

test('mistakes', () => {
  defineEvent({
    templates: { email: templates.email },
    sequence: (s) =>
      s
        // @ts-expect-error no sms template
        .send('a', { channel: 'sms' })
        // @ts-expect-error step id "a" is already used
        .send('a')
        // @ts-expect-error unknown unit
        .wait('3 dayz')
        .when(
          // @ts-expect-error unknown step
          ({ messages }) => messages.b.openedAt !== undefined,
          (then) => then,
        ),
  });
  defineEvent({
    payload,
    templates,
    sequence: (s) =>
      s.when(
        // @ts-expect-error unknown payload field
        ({ payload }) => payload.b === 1,
        (then) => then.send(),
      ),
  });
  defineEvent({
    templates,
    sequence: (s) =>
      s.when(
        () => true,
        (then) => then.send('p'),
        // @ts-expect-error the same id in both branches
        (otherwise) => otherwise.send('p'),
      ),
  });
  defineEvent({
    templates,
    sequence: (s) =>
      s.parallel(
        (a) => a.send('q'),
        // @ts-expect-error the same id in two branches
        (b) => b.send('q'),
      ),
  });
  defineEvent({
    templates,
    sequence: (s) =>
      s
        .parallel(
          (a) => a.send('one'),
          (b) =>
            b.when(
              () => true,
              (then) => then.send('perhaps'),
            ),
        )
        .when(
          // @ts-expect-error may not have run
          ({ messages }) => messages.perhaps.status === 'sent',
          (then) => then,
        ),
  });
  defineEvent({
    templates,
    // @ts-expect-error nothing follows an end
    sequence: (s) => s.send().end().send(),
  });
});
