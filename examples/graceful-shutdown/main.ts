import { createEngine, defineEvent } from '@tidings/core';
import { sqliteStore } from '@tidings/store-kysely';
import { close, serve } from './serve.ts';
import { slowProvider } from './slow-provider.ts';
import { stopOnSignals } from './stop-on-signals.ts';

const [database = 'orders.db', deliveries = 'deliveries.txt'] = process.argv.slice(2);

const thanks = defineEvent({ templates: { email: { en: { subject: 'Thank you', text: 'We have your order.' } } } });

const engine = createEngine({
  store: sqliteStore(database),
  adapters: [slowProvider(deliveries)],
  events: { thanks },
  // less than what the supervisor allows between SIGTERM and SIGKILL
  delivery: { graceMs: 5000, leaseMs: 3000 },
});

// before the first request, so that what an earlier process left is taken up
await engine.start();
const { port, server } = await serve(async (to) => {
  await engine.send('thanks', { to });
});

stopOnSignals(async () => {
  await close(server);
  await engine.stop();
});

console.log(`listening on ${port}`);
