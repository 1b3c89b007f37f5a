import { z } from 'zod';
import { normalizeEmail } from '../rules/email-address.ts';
import { singleLine } from '../rules/plain-field.ts';
import type { Channel } from '../spec/index.ts';
import { type EmailOverrides, emailOverrides } from './email-overrides.ts';
import { schemaOf } from './schema.ts';
import { tooLong } from './text-length.ts';

/** An e-mail. At least one of `html` and `text`. */
export interface EmailTemplate {
  /** Control characters and line breaks in it become spaces; at most 998 characters. */
  readonly subject: string;
  readonly html?: string;
  /** Default: made from `html`. */
  readonly text?: string;
  /** What mail programs show after the subject; at most 998 characters. */
  readonly preheader?: string;
}

const maxLine = 998;
const lineBreak = /[\p{Cc}\p{Zl}\p{Zp}]/u;
const headerText = () => z.string().transform(singleLine);

/** E-mail. Values are escaped in `html` and nowhere else. */
export const email: Channel<{ name: 'email'; address: 'email'; template: EmailTemplate; overrides: EmailOverrides }> = {
  name: 'email',
  address: 'email',
  sender: 'required',
  template: schemaOf(() =>
    z
      .strictObject({
        subject: headerText(),
        html: z.string().optional(),
        text: z.string().optional(),
        preheader: headerText().optional(),
      })
      .refine(({ html, text }) => /\S/.test(html ?? '') || /\S/.test(text ?? ''), {
        message: 'has neither `html` nor `text` with anything in it',
      }),
  ),
  overrides: emailOverrides,
  escape: (field) => (field === 'html' ? 'html' : 'none'),
  normalize: (address) => normalizeEmail(address),
  check(content) {
    for (const field of ['subject', 'preheader'] as const) {
      const text = content[field] ?? '';
      if (lineBreak.test(text)) return { field, message: `\`${field}\` holds a line break or control character` };
      const problem = tooLong(field, text, maxLine, 'characters');
      if (problem) return problem;
    }
    return undefined;
  },
};
