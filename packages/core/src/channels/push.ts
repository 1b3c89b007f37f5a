import { z } from 'zod';
import { normalizePushToken } from '../rules/identifier.ts';
import type { Channel } from '../spec/index.ts';
import { eitherCase, filledText, schemaOf } from './schema.ts';
import { tooLong } from './text-length.ts';

/** A push message. */
export interface PushTemplate {
  readonly title: string;
  readonly body: string;
  /** For the app, not shown. */
  readonly data?: Readonly<Record<string, string>>;
}

/** Settings of one send by push. */
export interface PushOverrides {
  /** Instead of the template's title. */
  readonly title?: string;
}

/**
 * Push messages, one for each token of a contact. Title, body and data together at most 4,096 bytes as JSON in UTF-8;
 * what a provider adds around them is its adapter's concern.
 */
export const push: Channel<{ name: 'push'; address: 'pushToken'; template: PushTemplate; overrides: PushOverrides }> = {
  name: 'push',
  address: 'pushToken',
  many: true,
  template: schemaOf(() =>
    z.strictObject({ title: z.string(), body: filledText(), data: z.record(z.string(), z.string()).optional() }),
  ),
  overrides: schemaOf(() => eitherCase({ title: filledText().optional() })),
  escape: () => 'none',
  normalize: (address) => normalizePushToken(address),
  check({ title, body, data }) {
    const problem = tooLong('payload', JSON.stringify({ title, body, data }), 4_096, 'bytes');
    return problem && { ...problem, field: 'body', message: problem.message.replace('`payload`', 'the payload') };
  },
};
