import { expect, test } from 'vitest';
import { refusal, trial } from '../../test/engine-trial.ts';
import { settle } from '../../test/manual-clock.ts';

const to = 'jane@example.com';

test('a listener hears of what is committed until it is taken off', async () => {
  const on = trial();
  const heard: string[] = [];
  const off = on.engine.on('message.sent', ({ id }) => heard.push(id));
  const first = await on.done('mail', { to });
  off();
  off();
  await on.done('mail', { to });
  expect(heard).toEqual([first.deliveries[0]?.id]);
});

test.each([
  [
    'throws',
    () => {
      throw new Error('mine');
    },
  ],
  ['rejects', async () => Promise.reject(new Error('mine'))],
])('one that %s harms nobody, and is reported', async (_, listener) => {
  const on = trial();
  const heard: unknown[] = [];
  on.engine.on('message.sent', listener as () => void);
  on.engine.on('message.sent', () => heard.push('second'));
  await on.done('mail', { to });
  await settle();
  expect(heard).toEqual(['second']);
  const errors = on.reported.filter(({ name }) => name === 'error');
  expect(errors).toMatchObject([
    { during: 'listener of message.sent', error: { code: 'INTERNAL', message: 'A listener of "message.sent" threw.' } },
  ]);
  expect(errors).toMatchObject([{ error: { cause: { message: 'mine' } } }]);
  expect(on.logged).toEqual(['error A listener of "message.sent" threw.']);
});

test('one of `error` that throws is logged and not reported to itself', async () => {
  const on = trial();
  let calls = 0;
  on.engine.on('error', () => {
    calls += 1;
    throw new Error('again');
  });
  on.engine.on('message.sent', () => {
    throw new Error('mine');
  });
  await on.done('mail', { to });
  await settle();
  expect(calls).toBe(1);
  expect(on.logged).toHaveLength(2);
});

test('a name that is none is refused', async () => {
  const on = trial();
  const said = await refusal(() => on.engine.untyped.on('message.send' as never, () => {}));
  expect(said).toMatchObject({ code: 'VALIDATION_ERROR', path: 'name' });
  expect(said.message).toContain('engine.on: there is no report "message.send"; there are message.sent, ');
});
