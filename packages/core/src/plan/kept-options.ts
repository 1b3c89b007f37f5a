import type { Sender } from '../spec/index.ts';
import type { Job } from './job.ts';

/** What a send asked for beyond its payload, for the channel its message goes by. */
export interface SendSettings {
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly brand: Readonly<Record<string, unknown>>;
  readonly from: Sender | undefined;
}

/** How a send's options are kept with its notification. */
export interface KeptOptions {
  readonly channel?: string;
  readonly overrides?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly from?: Sender;
}

/** Reads the kept options for the message's channel. */
export function sendSettings(job: Job): SendSettings {
  const kept = job.run.options === null ? {} : (JSON.parse(job.run.options) as KeptOptions);
  return {
    overrides: kept.overrides?.[job.message.channel] ?? {},
    brand: kept.overrides?.brand ?? {},
    from: kept.from,
  };
}
