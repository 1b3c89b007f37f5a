import { z } from 'zod';
import { normalizeTelegram } from '../rules/chat-address.ts';
import type { Channel } from '../spec/index.ts';
import { filledText, schemaOf } from './schema.ts';
import { tooLong } from './text-length.ts';
import { type NoOverrides, noOverrides } from './text-template.ts';

/** A Telegram message. */
export interface TelegramTemplate {
  readonly text: string;
  /** `html`: Telegram's own few tags count, and values are escaped. Default: `plain`, nothing in the text is markup. */
  readonly format?: 'plain' | 'html';
}

/** Telegram messages. At most 4,096 UTF-16 units, not counting tags. */
export const telegram: Channel<{
  name: 'telegram';
  address: 'telegram';
  template: TelegramTemplate;
  overrides: NoOverrides;
}> = {
  name: 'telegram',
  address: 'telegram',
  template: schemaOf(() => z.strictObject({ text: filledText(), format: z.enum(['plain', 'html']).optional() })),
  overrides: noOverrides,
  // A format only known once rendered may turn out to be html, so only what is surely plain goes unescaped.
  escape: (_field, { format }) => (format === undefined || format === 'plain' ? 'none' : 'html'),
  normalize: (address) => normalizeTelegram(address),
  check: ({ text, format }) => tooLong('text', format === 'html' ? shown(text) : text, 4_096, 'units'),
};

/** About what is left of a text once Telegram has read its tags and entities. */
function shown(html: string): string {
  return html
    .replace(/<[^<>]*>/g, '')
    .replace(/&(?:lt|gt|amp|quot);/g, '_')
    .replace(/&#(?:(\d{1,7})|x([\da-f]{1,6}));/gi, (_entity, decimal?: string, hex?: string) =>
      (decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)) > 0xffff ? '__' : '_',
    );
}
