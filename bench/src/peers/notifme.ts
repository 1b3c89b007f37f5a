// Notifme SDK: hands an e-mail to a provider, in memory. It stores nothing, renders nothing and has no batches.
//
// One custom e-mail provider (README, "Email providers: Custom") and all loggers off (README, "In production: Logger").
import notifme from 'notifme-sdk';
import type { Sample } from '../rig/sample.ts';
import { addressOf, nullProvider } from '../work/work.ts';
import { measure, type PeerSetting } from './measure.ts';
import { newTally } from './tally.ts';

const from = 'orders@shop.example.com';
const subject = 'Your order is confirmed';
const text = 'Thank you! We have received your order and are packing it now.';
const html = `<p>${text}</p>`;

/** Measures `send`, which resolves once the provider has the message. */
export async function run({ senders, count }: Omit<PeerSetting, 'batched'>): Promise<Sample> {
  const tally = newTally();
  let calls = 0;
  const sdk = new notifme.default({
    channels: {
      email: {
        providers: [
          {
            type: 'custom',
            id: 'nowhere',
            async send() {
              await nullProvider();
              calls += 1;
              return `nowhere-${calls}`;
            },
          },
        ],
      },
    },
  });
  sdk.logger.mute();
  let total = 0;
  const sample = await measure(
    { senders, count },
    {
      async send([number = 0]) {
        const { status } = await sdk.send({ email: { from, to: addressOf(number), subject, html, text } });
        if (status === 'success') tally.add(number);
      },
      done(expected) {
        total = expected;
        return tally.reaches(expected);
      },
    },
  );
  if (calls !== total) throw new Error(`${total} expected, but the provider was called ${calls} times.`);
  return sample;
}
