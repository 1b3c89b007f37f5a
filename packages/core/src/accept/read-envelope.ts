import { z } from 'zod';
import { firstIssue } from '../plan/first-issue.ts';
import { issueWords, mustBe } from '../plan/issue-words.ts';
import type { EventPlan } from '../plan/plan.ts';
import { TidingsError } from '../spec/index.ts';

/** A key of the host's: 1 to 255 bytes. */
export const keyText: z.ZodType<string> = z
  .string()
  .min(1)
  .refine((value) => Buffer.byteLength(value) <= 255 && !value.includes('\0'), 'must be 1 to 255 bytes without NUL');
const sender: z.ZodType<
  string | { address: string; name?: string | undefined } | { email: string; name?: string | undefined }
> = z.union(
  [
    z.string().min(1),
    z.strictObject({ address: z.string().min(1), name: z.string().optional() }),
    z.strictObject({ email: z.string().min(1), name: z.string().optional() }),
  ],
  mustBe('an address that is not empty, or { address, name }'),
);
/** What a send and a broadcast both take. */
export const commonShape: {
  readonly payload: z.ZodOptional<z.ZodUnknown>;
  readonly channel: z.ZodOptional<z.ZodString>;
  readonly overrides: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodRecord<z.ZodString, z.ZodUnknown>>>;
  readonly language: z.ZodOptional<z.ZodString>;
  readonly from: z.ZodOptional<typeof sender>;
  readonly onUnroutable: z.ZodOptional<z.ZodEnum<{ throw: 'throw'; record: 'record' }>>;
  readonly priority: z.ZodOptional<z.ZodEnum<{ urgent: 'urgent'; normal: 'normal'; bulk: 'bulk' }>>;
  readonly requestId: z.ZodOptional<typeof keyText>;
} = {
  payload: z.unknown().optional(),
  channel: z.string().optional(),
  overrides: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  language: z.string().optional(),
  from: sender.optional(),
  onUnroutable: z.enum(['throw', 'record']).optional(),
  priority: z.enum(['urgent', 'normal', 'bulk']).optional(),
  requestId: keyText.optional(),
};
const envelope = z.strictObject({
  to: z.unknown().optional(),
  ...commonShape,
  idempotencyKey: keyText.optional(),
  transaction: z.unknown().optional(),
});

/** What `send` was given, in its right form but not yet understood. */
export interface Envelope {
  readonly to?: unknown;
  readonly payload?: unknown;
  readonly channel?: string | undefined;
  readonly overrides?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  readonly language?: string | undefined;
  readonly from?: GivenSender | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly onUnroutable?: 'throw' | 'record' | undefined;
  readonly priority?: 'urgent' | 'normal' | 'bulk' | undefined;
  readonly requestId?: string | undefined;
  readonly transaction?: unknown;
}
/** A sender, as a send may name it. */
export type GivenSender =
  | string
  | { readonly address: string; readonly name?: string | undefined }
  | { readonly email: string; readonly name?: string | undefined };

/** Checks the form of what `send` was given. */
export function readEnvelope(event: EventPlan, message: unknown): Envelope {
  const result = envelope.safeParse(message ?? {}, { error: issueWords });
  if (result.success) return result.data;
  const { path, unknown, message: problem } = firstIssue(result.error);
  if (unknown !== undefined) {
    const why = `is no option; there are ${Object.keys(envelope.shape).join(', ')}`;
    throw new TidingsError('VALIDATION_ERROR', `send("${event.name}"): ${path} ${why}.`, { path });
  }
  throw new TidingsError('VALIDATION_ERROR', `send("${event.name}"): ${path || 'the message'} ${problem}.`, { path });
}
