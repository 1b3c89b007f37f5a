import { createEngine, defineEvent, memoryStore, silentLogger } from '../../src/index.ts';

// What a process is left with once its script has run to its end: see engine-process.test.ts.

const [mode = ''] = process.argv.slice(2);
let sent = 0;
const engine = createEngine({
  store: memoryStore(),
  log: silentLogger,
  events: { mail: defineEvent({ templates: { email: { en: { subject: 'Hi', text: 'Hi' } } } }) },
  adapters: [
    {
      specVersion: 1,
      name: 'slow',
      channel: 'email',
      lane: mode === 'wait' ? { rate: { limit: 10, perMs: 500 } } : { slots: 5 },
      defaultSender: { address: 'hello@example.com' },
      async send() {
        // Holds nothing: only the engine may keep the process for it.
        await new Promise<void>((resolve) => setTimeout(resolve, 20).unref());
        sent += 1;
        return { outcome: 'accepted' };
      },
    },
  ],
});
process.on('exit', () => process.stdout.write(`${sent}\n`));

const to = Array.from({ length: 30 }, (_, n) => `p${n}@example.com`);
if (mode === 'idle') await engine.start();
else await engine.send('mail', { to });
if (mode === 'stop') await engine.stop();
if (mode === 'drain') await engine.drain();
if (mode === 'wait') await engine.idle();
