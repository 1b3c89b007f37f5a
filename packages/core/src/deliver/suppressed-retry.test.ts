import { expect, test } from 'vitest';
import { messageOf, trial } from '../../test/engine-trial.ts';

const to = 'jane@example.com';

test('no retry follows a suppression that came while the call was under way', async () => {
  let answer: () => void = () => {};
  const called = new Promise<void>((begun) => {
    answer = begun;
  });
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const on = trial({
    async answer() {
      answer();
      await finished;
      return { outcome: 'retry', reason: 'busy' };
    },
  });
  const sent = await on.one('mail', { to });
  await called;
  const stopped = await on.engine.suppressions.add({ address: to, reason: 'unsubscribed' });
  expect(stopped).toEqual({ cancelled: 0, alreadyHandedOver: 1 });
  finish();
  await on.engine.idle();
  await on.clock.advance(60_000);
  await on.engine.idle();
  const trace = await messageOf(on, sent);
  expect(trace).toMatchObject({ status: 'suppressed', reason: 'unsubscribed', attempts: 1 });
  expect(trace.timeline.map(({ event }) => event)).toEqual(['queued', 'attempt', 'retry', 'suppressed']);
  expect(on.email.messages).toHaveLength(1);
  expect(on.reported.map(({ name }) => name)).toContain('message.suppressed');
});

test('a suppression for another channel lets the retry through', async () => {
  let calls = 0;
  const on = trial({
    answer: () => {
      calls += 1;
      return calls === 1 ? { outcome: 'retry', reason: 'busy' } : { outcome: 'accepted' };
    },
  });
  const sent = await on.done('mail', { to });
  await on.engine.suppressions.add({ address: '+46701234567', reason: 'unsubscribed' });
  await on.clock.advance(60_000);
  await on.engine.idle();
  expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 2 });
});
