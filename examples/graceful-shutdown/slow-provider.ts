import { appendFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type ChannelAdapter, defineAdapter } from '@tidings/core/adapter';

/** Takes 20 to 100 ms for a message, then writes its address and id to a file. */
export function slowProvider(file: string): ChannelAdapter<'email'> {
  return defineAdapter({
    name: 'slow-provider',
    channel: 'email',
    deadlineMs: 1000,
    defaultSender: { address: 'orders@example.com' },
    async send({ to }, { signal, key }) {
      await wait(20 + Math.random() * 80, undefined, { signal });
      appendFileSync(file, `${to} ${key}\n`);
      return { outcome: 'accepted', providerId: key };
    },
  });
}
