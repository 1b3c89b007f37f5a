import { describe, expect, test } from 'vitest';
import { defineEvent } from '../define/define-event.ts';
import { TidingsError } from '../spec/errors.ts';
import type { Step } from './step.ts';

const templates = { email: { en: { subject: 'x', text: 'x' } }, sms: { en: { text: 'x' } } };

// biome-ignore lint/suspicious/noExplicitAny: also sequences the compiler refuses
type Write = (s: any) => unknown;

function stepsOf(sequence: Write): readonly Step[] {
  return defineEvent({ templates, sequence: sequence as never }).steps;
}

function refusal(sequence: unknown): string {
  try {
    stepsOf(sequence as Write);
  } catch (error) {
    if (TidingsError.is(error, 'CONFIGURATION_INVALID')) return error.message.replace('defineEvent: ', '');
    throw error;
  }
  throw new Error('accepted');
}

function idsOf(steps: readonly Step[]): unknown[] {
  return steps.map((step) => {
    if (step.kind === 'when') return [step.id, idsOf(step.yes), idsOf(step.no)];
    return step.kind === 'parallel' ? [step.id, ...step.branches.map(idsOf)] : step.id;
  });
}

test('becomes plain frozen steps', () => {
  const test = () => true;
  const key = () => 'k';
  const until = () => new Date(0);
  const steps = stepsOf((s) =>
    s
      .throttle({ limit: 2, per: '1 day', key, id: 'cap' })
      .digest('batch', { window: '1 hour', max: 3, key: undefined })
      .send('hello', { channel: 'sms', templates: { sms: { en: { text: 'y' } } } })
      .wait(until, 'pause')
      .when(test, (then: never) => (then as { end(reason: string): unknown }).end('seen'))
      .send('last', { route: ['sms', 'email'] }),
  );
  expect(steps).toEqual([
    { id: 'cap', kind: 'throttle', limit: 2, per: '1 day', key },
    { id: 'batch', kind: 'digest', window: '1 hour', max: 3 },
    { id: 'hello', kind: 'send', channel: 'sms', templates: { sms: { en: { text: 'y' } } } },
    { id: 'pause', kind: 'wait', duration: until },
    { id: 'when1', kind: 'when', test, yes: [{ id: 'when1.then/end1', kind: 'end', reason: 'seen' }], no: [] },
    { id: 'last', kind: 'send', route: ['sms', 'email'] },
  ]);
  expect(Object.isFrozen(steps) && steps.every((step) => Object.isFrozen(step))).toBe(true);
});

test('ids: as given, else kind and ordinal within the branch', () => {
  const steps = stepsOf((s) =>
    s
      .send()
      .send('named')
      .send()
      .when(
        () => true,
        (a: never) => (a as { send(): { wait(t: string): unknown } }).send().wait('1 day'),
        (b: never) => (b as { send(): unknown }).send(),
      )
      .parallel(
        (a: never) => (a as { send(id: string): unknown }).send('left'),
        (b: never) => (b as { send(id: string): unknown }).send('right'),
      ),
  );
  expect(idsOf(steps)).toEqual([
    'send1',
    'named',
    'send3',
    ['when1', ['when1.then/send1', 'when1.then/wait1'], ['when1.otherwise/send1']],
    ['parallel1', ['left'], ['right']],
  ]);
});

describe('after a wait', () => {
  const sentence = 'comes after a wait and needs an id of its own, so that waiting runs find it; such as';
  const send = `sequence: send1 ${sentence} .send('reminder').`;
  test.each<[string, Write, string]>([
    ['send', (s) => s.wait('1 day').send(), send],
    ['wait', (s) => s.wait('1 day').wait('1 day'), `sequence: wait2 ${sentence} .wait('3 days', 'pause').`],
    [
      'throttle',
      (s) => s.wait('1 day').throttle({ limit: 1, per: '1 day' }),
      `sequence: throttle1 ${sentence} .throttle({ id: 'cap', … }).`,
    ],
    [
      'later too',
      (s) =>
        s
          .wait('1 day')
          .send('a')
          .when(
            () => true,
            (a: Chain) => a,
          )
          .send(),
      send.replace('send1', 'send2'),
    ],
    ['after a digest too', (s) => s.digest('d', { window: '1 day' }).send(), send],
    [
      'after a branch that waits',
      (s) =>
        s
          .when(
            () => true,
            (a: Chain) => a.wait('1 day'),
          )
          .send(),
      send,
    ],
    [
      'after a parallel that waits',
      (s) =>
        s
          .parallel(
            (a: Chain) => a.wait('1 day'),
            (b: Chain) => b.send(),
          )
          .send(),
      send,
    ],
    [
      'inside a branch',
      (s) =>
        s.wait('1 day').when(
          () => true,
          (a: Chain) => a.send(),
        ),
      send.replace('send1', 'when1.then/send1'),
    ],
  ])('%s needs an id', (_name, sequence, message) => expect(refusal(sequence)).toBe(message));

  test('with an id it is fine; conditions and ends need none', () => {
    const sequence: Write = (s) =>
      s
        .wait('1 day')
        .send('a')
        .wait('1 day', 'b')
        .when(
          () => true,
          (a: Chain) => a.end(),
          (b: Chain) => b.send('c'),
        );
    expect(idsOf(stepsOf(sequence))).toEqual(['wait1', 'a', 'b', ['when1', ['when1.then/end1'], ['c']]]);
  });

  test('a wait in one branch does not concern the other', () => {
    const sequence: Write = (s) =>
      s.when(
        () => true,
        (a: Chain) => a.wait('1 day'),
        (b: Chain) => b.send(),
      );
    expect(idsOf(stepsOf(sequence))).toEqual([['when1', ['when1.then/wait1'], ['when1.otherwise/send1']]]);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: a builder without its types
type Chain = any;

describe('refusals', () => {
  const lost = 'must return the sequence it was given, continued by chaining.';
  const whole = 'must be a whole number from 1.';
  const id = 'has no usable id; an id is a letter, then up to 63 letters, digits, _ or -.';
  const duration = "must be a duration such as '30 seconds', '1 hour' or '3 days', up to 100 years.";
  test.each<[string, unknown, string]>([
    ['no function', [], 'sequence must be a function: (s) => s.send(…).'],
    ['no step', (s: Chain) => s, 'sequence has no step.'],
    ['nothing returned', (s: Chain) => void s.send(), `sequence ${lost}`],
    ['a promise', async (s: Chain) => s.send(), `sequence ${lost}`],
    ['something else', () => ({ steps: [] }), `sequence ${lost}`],
    [
      'branch returns nothing',
      (s: Chain) =>
        s.when(
          () => true,
          () => undefined,
        ),
      `sequence: when1.then ${lost}`,
    ],
    [
      'branch returns the outer sequence',
      (s: Chain) =>
        s.when(
          () => true,
          () => s,
        ),
      `sequence: when1.then ${lost}`,
    ],
    [
      'branch continues the outer sequence',
      (s: Chain) =>
        s.when(
          () => true,
          () => s.send(),
        ),
      'sequence: send1 continues a place that was continued before, which would lose a step; chain the calls.',
    ],
    [
      'continued twice',
      (s: Chain) => {
        s.send('a');
        return s.send('b');
      },
      'sequence: send1 continues a place that was continued before, which would lose a step; chain the calls.',
    ],
    [
      'not the end returned',
      (s: Chain) => {
        const a = s.send('a');
        a.send('b');
        return a;
      },
      'sequence returns a sequence that was continued elsewhere; return the end of the chain.',
    ],
    ['an id twice', (s: Chain) => s.send('a').send('a'), 'sequence: a is an id that is already used.'],
    [
      'an id twice over branches',
      (s: Chain) =>
        s.parallel(
          (a: Chain) => a.send('a'),
          (b: Chain) => b.send('a'),
        ),
      'sequence: a is an id that is already used.',
    ],
    ['an id like a made one', (s: Chain) => s.send().send('send1'), 'sequence: send1 is an id that is already used.'],
    ['an id with a dot', (s: Chain) => s.send('a.b'), `sequence: send1 ${id}`],
    ['options in place of an id', (s: Chain) => s.send({ channel: 'sms' }), `sequence: send1 ${id}`],
    [
      'unknown send option',
      (s: Chain) => s.send('a', { chanel: 'sms' }),
      'sequence: a.chanel is no option; there are channel, route, templates.',
    ],
    ['send options no object', (s: Chain) => s.send('a', null), 'sequence: a must be an object.'],
    [
      'channel without template',
      (s: Chain) => s.send('a', { channel: 'push' }),
      'sequence: a.channel must be one with a template: email, sms.',
    ],
    [
      'route without template',
      (s: Chain) => s.send('a', { route: ['push'] }),
      'sequence: a.route[0] must be one with a template: email, sms.',
    ],
    [
      'channel and route',
      (s: Chain) => s.send('a', { channel: 'sms', route: ['sms'] }),
      'sequence: a takes channel or route, not both.',
    ],
    [
      'empty templates',
      (s: Chain) => s.send('a', { templates: {} }),
      'sequence: a.templates must have templates for one channel or more.',
    ],
    ['wait', (s: Chain) => s.wait('3 dayz'), `sequence: wait1 ${duration}`],
    ['when without test', (s: Chain) => s.when(true, (a: Chain) => a), 'sequence: when1 needs a function as the test.'],
    ['when without then', (s: Chain) => s.when(() => true), 'sequence: when1 needs a function as then.'],
    [
      'when with odd otherwise',
      (s: Chain) =>
        s.when(
          () => true,
          (a: Chain) => a,
          1,
        ),
      'sequence: when1 needs a function as otherwise.',
    ],
    ['one branch', (s: Chain) => s.parallel((a: Chain) => a.send()), 'sequence: parallel1 needs two branches or more.'],
    [
      'odd branch',
      (s: Chain) => s.parallel((a: Chain) => a.send(), 1),
      'sequence: parallel1 needs a function as branch 2.',
    ],
    ['digest without id', (s: Chain) => s.digest(undefined, { window: '1 day' }), 'sequence: digest needs an id.'],
    ['digest without window', (s: Chain) => s.digest('d', {}), `sequence: d.window ${duration}`],
    ['digest max', (s: Chain) => s.digest('d', { window: '1 day', max: 0 }), `sequence: d.max ${whole}`],
    ['digest key', (s: Chain) => s.digest('d', { window: '1 day', key: 'x' }), 'sequence: d needs a function as key.'],
    [
      'digest option',
      (s: Chain) => s.digest('d', { windw: '1 day' }),
      'sequence: d.windw is no option; there are window, max, key.',
    ],
    ['throttle limit', (s: Chain) => s.throttle({ limit: 1.5, per: '1 day' }), `sequence: throttle1.limit ${whole}`],
    ['throttle per', (s: Chain) => s.throttle({ limit: 1, per: '' }), `sequence: throttle1.per ${duration}`],
    [
      'throttle key',
      (s: Chain) => s.throttle({ limit: 1, per: '1 day', key: 1 }),
      'sequence: throttle1 needs a function as key.',
    ],
    ['end reason', (s: Chain) => s.end(1), 'sequence: end1 takes a text as reason.'],
  ])('%s', (_name, sequence, message) => expect(refusal(sequence)).toBe(message));
});
