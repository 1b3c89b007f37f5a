import { describe, expect, test } from 'vitest';
import { type Trial, trial } from '../../test/engine-trial.ts';
import { settle } from '../../test/manual-clock.ts';
import { captureAdapter } from '../index.ts';

const jane = 'jane@example.com';

/** One message whose contact is erased between its acceptance and its claim, and two to somebody else, in two slots. */
async function waiting(): Promise<Trial> {
  const slots = { ...captureAdapter({ name: 'two', channel: 'email' }), lane: { slots: 2 } };
  const on = trial({ autoStart: false, adapters: [slots], delivery: { pollMs: 60_000 } });
  for (const to of [jane, 'joe@example.com', 'ann@example.com']) await on.one('mail', { to });
  const gone = (await on.engine.contacts.get(jane)).id;
  const { claim } = on.store;
  on.store.claim = async (wanted) => {
    const got = await claim(wanted);
    const messages = got.messages.map((one) => (one.message.contactId === gone ? { ...one, contact: null } : one));
    return { ...got, messages };
  };
  return on;
}

const statuses = async (on: Trial): Promise<readonly string[]> =>
  (await on.engine.messages.list()).items.map(({ status }) => status).toSorted();

describe('a claimed message whose contact is gone', () => {
  test('calls nobody, is ended, and hides nothing that is due behind it', async () => {
    const on = await waiting();
    expect(await on.engine.drain()).toEqual({ handled: 2, empty: true });
    expect(await statuses(on)).toEqual(['cancelled', 'sent', 'sent']);
  });

  test('holds up nobody while its erasure goes on, and is waited for by drain', async () => {
    const on = await waiting();
    const { erase } = on.store;
    let goOn: () => void = () => {};
    const told = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    on.store.erase = async (...given) => {
      await told;
      return erase(...given);
    };
    let drained = false;
    const drain = on.engine.drain().then(() => {
      drained = true;
    });
    await settle();
    expect(await statuses(on)).toEqual(['queued', 'sent', 'sent']);
    expect(drained).toBe(false);
    goOn();
    await drain;
    expect(await statuses(on)).toEqual(['cancelled', 'sent', 'sent']);
  });
});
