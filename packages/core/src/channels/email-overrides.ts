import { z } from 'zod';
import { normalizeEmail } from '../rules/email-address.ts';
import { singleLine } from '../rules/plain-field.ts';
import { type StandardSchema, TidingsError } from '../spec/index.ts';
import { eitherCase, schemaOf } from './schema.ts';

/** Settings of one send by e-mail. Addresses are bare, without a name; adapters always see lists of them. */
export interface EmailOverrides {
  /** Instead of the template's subject. */
  readonly subject?: string;
  /** Where answers go. */
  readonly replyTo?: string | readonly string[];
  readonly cc?: string | readonly string[];
  readonly bcc?: string | readonly string[];
  /** Further headers by name; those the message itself is made of are refused. */
  readonly headers?: Readonly<Record<string, string>>;
  /** At most 20, together at most 10 MiB. */
  readonly attachments?: readonly EmailAttachment[];
}

/** A file sent along, from memory: a path or URL is never read. */
export interface EmailAttachment {
  readonly filename: string;
  /** Text, or bytes; bytes are kept as base64, so adapters always see a string with its `encoding`. */
  readonly content: string | Uint8Array;
  /** How a string is to be read. Default: `utf8`. */
  readonly encoding?: 'utf8' | 'base64';
  /** Default: by the ending of the file name. */
  readonly contentType?: string;
  /** Content id, for an image that the html shows by `cid:`. */
  readonly cid?: string;
}

const maxCopies = 100;
const maxAttachments = 20;
const maxAttachmentBytes = 10 * 1_024 * 1_024;
const maxLine = 998;

// What a message is made of or signed by; a second one would contradict the first.
const reserved =
  /^(?:from|sender|to|cc|bcc|subject|reply-to|return-path|date|message-id|mime-version|received|authentication-results|x-google-dkim-signature|(?:content|resent|dkim|domainkey|arc)-.*)$/i;

const address = () =>
  z.string().superRefine((text, context) => {
    try {
      normalizeEmail(text, 'address');
    } catch (error) {
      context.addIssue({ code: 'custom', message: TidingsError.is(error) ? error.message : 'is no e-mail address' });
    }
  });
const addresses = () =>
  z
    .union([address(), z.array(address()).max(maxCopies)])
    .transform((given) => (typeof given === 'string' ? [given] : given));

const headers = () =>
  z
    .record(
      z.string().regex(/^[A-Za-z0-9-]{1,76}$/, 'is no header name: letters, digits and hyphens only'),
      z
        .string()
        .max(maxLine)
        .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'holds a line break or control character'),
    )
    .refine((all) => !Object.keys(all).some((name) => reserved.test(name)), {
      message: 'sets a header the message is made of; use its own field, such as `replyTo`',
    });

const attachment = () =>
  z
    .strictObject(
      {
        filename: z
          .string()
          .min(1)
          .max(255)
          .regex(/^[^\p{Cc}\p{Zl}\p{Zp}/\\]*$/u, 'holds a slash, a line break or a control character'),
        content: z.union([z.string(), z.instanceof(Uint8Array)]),
        encoding: z.enum(['utf8', 'base64']).optional(),
        contentType: z
          .string()
          .max(255)
          .regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:; ?charset=[\w-]+)?$/, 'is no media type such as application/pdf')
          .optional(),
        cid: z
          .string()
          .regex(/^[\w.@+-]{1,255}$/, 'is no content id: letters, digits and . _ @ + - only')
          .optional(),
      },
      {
        error: (issue) =>
          issue.code === 'unrecognized_keys'
            ? `takes only filename, content, encoding, contentType and cid: attachments come from memory, not from a path or URL`
            : undefined,
      },
    )
    .transform((file) =>
      typeof file.content === 'string'
        ? { ...file, content: file.content }
        : { ...file, content: base64Of(file.content), encoding: 'base64' as const },
    )
    .refine((file) => file.encoding !== 'base64' || isBase64(file.content), {
      path: ['content'],
      message: 'is not base64',
    });

const attachments = () =>
  z
    .array(attachment())
    .max(maxAttachments)
    .refine((files) => files.reduce((sum, file) => sum + sizeOf(file), 0) <= maxAttachmentBytes, {
      message: `are larger than ${maxAttachmentBytes} bytes together`,
    });

/** Checks {@link EmailOverrides}; also takes `reply_to`. */
export const emailOverrides: StandardSchema<unknown, EmailOverrides> = schemaOf(() =>
  eitherCase({
    subject: z.string().max(maxLine).transform(singleLine).optional(),
    replyTo: addresses().optional(),
    cc: addresses().optional(),
    bcc: addresses().optional(),
    headers: headers().optional(),
    attachments: attachments().optional(),
  }),
);

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function sizeOf(file: { readonly content: string; readonly encoding?: 'utf8' | 'base64' | undefined }): number {
  return Buffer.byteLength(file.content, file.encoding === 'base64' ? 'base64' : 'utf8');
}
