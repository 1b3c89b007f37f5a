import { expect, test } from 'vitest';
import { trial } from '../test/engine-trial.ts';

test("an engine with the role 'worker' refuses to send and delivers what others sent", async () => {
  const producer = trial({ role: 'producer' });
  await producer.one('mail', { to: 'jane@example.com' });
  const worker = trial({ role: 'worker', store: producer.store, clock: producer.clock });
  const message = "An engine with the role 'worker' only delivers. Send with one whose role is 'producer' or 'both'.";
  await expect(worker.one('mail', { to: 'joe@example.com' })).rejects.toMatchObject({ code: 'NOT_SUPPORTED', message });
  await expect(worker.engine.broadcast('mail', [], { id: 'b' })).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
  await worker.engine.start();
  await worker.engine.idle();
  expect(worker.email.messages.map(({ to }) => to)).toEqual(['jane@example.com']);
});
