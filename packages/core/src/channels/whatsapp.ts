import { normalizePhone } from '../rules/phone-number.ts';
import type { Channel } from '../spec/index.ts';
import { tooLong } from './text-length.ts';
import { type NoOverrides, noOverrides, type TextTemplate, textTemplate } from './text-template.ts';

/** WhatsApp texts. At most 4,096 UTF-16 units. */
export const whatsapp: Channel<{
  name: 'whatsapp';
  address: 'phone';
  template: TextTemplate;
  overrides: NoOverrides;
}> = {
  name: 'whatsapp',
  address: 'phone',
  template: textTemplate,
  overrides: noOverrides,
  escape: () => 'none',
  normalize: (address) => normalizePhone(address),
  check: ({ text }) => tooLong('text', text, 4_096, 'units'),
};
