import { expect, it } from 'vitest';
import { z } from 'zod';
import { createEngine } from '../engine.ts';
import { captureAdapter, defineEvent, memoryStore, silentLogger } from '../index.ts';

it('the mode `test` delivers under a lease shorter than the default deadline', async () => {
  const note = defineEvent({
    payload: z.object({ text: z.string() }),
    templates: { sms: { en: { text: '{{text}}' } } },
  });
  const engine = createEngine({
    store: memoryStore(),
    adapters: [captureAdapter({ name: 'sms', channel: 'sms', deadlineMs: 1000 })],
    events: { note },
    delivery: { leaseMs: 4000 },
    log: silentLogger,
  });
  const test = engine.for({ mode: 'test' });
  const sent = await test.send('note', { to: '+46701234567', payload: { text: 'x' } });
  await test.idle();
  expect((await test.messages.get(sent.deliveries[0]?.id ?? '')).status).toBe('sent');
  await engine.stop();
});
