import { z } from 'zod';
import { normalizePhone } from '../rules/phone-number.ts';
import type { Channel } from '../spec/index.ts';
import { eitherCase, schemaOf } from './schema.ts';
import { tooLong } from './text-length.ts';
import { type TextTemplate, textTemplate } from './text-template.ts';

/** Settings of one send by SMS. */
export interface SmsOverrides {
  /** Shown as sender: 1–11 letters, digits, spaces or `& + - _` with at least one letter, or a number of 3–15 digits. */
  readonly senderId?: string;
}

const maxUnits = 1_600;
const senderId = (): z.ZodString =>
  z
    .string()
    .regex(
      /^(?=[^A-Za-z]{0,10}[A-Za-z])[A-Za-z0-9 &+_-]{1,11}$|^\+?\d{3,15}$/,
      'is neither 1 to 11 letters and digits with at least one letter nor a number of 3 to 15 digits',
    );

/** Text messages. At most 1,600 UTF-16 units in all, whatever the number of segments; `smsSegments` counts those. */
export const sms: Channel<{ name: 'sms'; address: 'phone'; template: TextTemplate; overrides: SmsOverrides }> = {
  name: 'sms',
  address: 'phone',
  sender: 'optional',
  template: textTemplate,
  overrides: schemaOf(() => eitherCase({ senderId: senderId().optional() })),
  escape: () => 'none',
  normalize: (address) => normalizePhone(address),
  check: ({ text }) => tooLong('text', text, maxUnits, 'units'),
};
