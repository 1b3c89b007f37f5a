import { captureAdapter, createEngine, defineEvent, silentLogger } from '@tidings/core';
import { transactionPlaces } from './transaction-places.ts';

// Prints how fast 50 senders are while one transaction of a host's that sent to a contact of theirs stays open, beside how fast
// they are without it. Rounds take turns, so that both meet the same load of the machine.

const ping = defineEvent({ templates: { sms: { en: { text: 'ping' } } } });
const numbers = Array.from({ length: 100 }, (_, n) => `+467100${String(n).padStart(5, '0')}`);
const rounds = 6;

async function figure(name: string): Promise<void> {
  const place = await transactionPlaces[name]?.open();
  if (!place) throw new Error(`There is no place ${name}.`);
  const texter = captureAdapter({ name: 'texter', channel: 'sms', keep: 1 });
  const engine = createEngine({ store: place.store, adapters: [texter], events: { ping }, log: silentLogger });
  const round = async (): Promise<number> => {
    const started = performance.now();
    const senders = Array.from({ length: 50 }, async (_, sender) => {
      for (let n = 0; n < 20; n += 1) {
        await engine.send('ping', { to: numbers[(sender * 20 + n) % numbers.length] as string });
      }
    });
    await Promise.all(senders);
    return performance.now() - started;
  };
  await round();
  await engine.idle();
  const took = { without: 0, beside: 0 };
  for (let n = 0; n < rounds; n += 1) {
    took.without += await round();
    await engine.idle();
    const host = await place.begin();
    await engine.send('ping', { to: numbers[0] as string, transaction: host.transaction });
    took.beside += await round();
    await engine.idle();
    await host.commit();
  }
  const rate = (ms: number): string => Math.round((rounds * 1000 * 1000) / ms).toString();
  const ratio = (took.without / took.beside).toFixed(2);
  console.info(
    `${name}: ${rate(took.without)} sends/s without, ${rate(took.beside)} sends/s beside it, ratio ${ratio}`,
  );
  await engine.stop();
  await place.drop();
}

for (const name of ['pg', 'mysql2 with promises']) await figure(name);
