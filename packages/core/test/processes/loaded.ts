import { registerHooks } from 'node:module';

// Which packages a process has loaded: see engine-loads.test.ts. The hook comes before the core, so that it sees all of it.

const packages = new Set<string>();
registerHooks({
  load(url, context, nextLoad) {
    const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
    if (name !== undefined) packages.add(name);
    return nextLoad(url, context);
  },
});

const [mode = ''] = process.argv.slice(2);
const { captureAdapter, createEngine, defineEvent, memoryStore, silentLogger } = await import('../../src/index.ts');

const adapter = captureAdapter({ name: 'memory', channel: 'email' });
if (mode !== 'import') {
  const mail = { subject: 'Hi', html: '<p>Hi <b>you</b></p>' };
  const text = { html: {}, function: { text: () => undefined as unknown as string } }[mode] ?? { text: 'Hi' };
  const engine = createEngine({
    store: memoryStore(),
    log: silentLogger,
    ...(mode === 'possible' ? { phones: mode } : {}),
    ...(mode === 'country' ? { defaultCountry: 'SE' } : {}),
    senders: [{ channel: 'email', address: 'hello@example.com' }],
    events: { mail: defineEvent({ templates: { email: { en: { ...mail, ...text } } } }) },
    adapters: [adapter],
  });
  const phone = mode === 'country' ? '070-123 45 67' : '+46701234567';
  await engine.send('mail', { to: { email: 'jane@example.com', phone } });
  await engine.idle();
  await engine.stop();
}
process.stdout.write(JSON.stringify({ packages: [...packages].sort(), sent: adapter.messages.map((m) => m.content) }));
