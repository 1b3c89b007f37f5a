import { normalizeDiscord } from '../rules/chat-address.ts';
import type { Channel } from '../spec/index.ts';
import { tooLong } from './text-length.ts';
import { type NoOverrides, noOverrides, type TextTemplate, textTemplate } from './text-template.ts';

/**
 * Discord messages, in its Markdown. At most 2,000 characters, counted in code points as Discord does. Mentions are text:
 * adapters send with all of them switched off.
 */
export const discord: Channel<{
  name: 'discord';
  address: 'discord';
  template: TextTemplate;
  overrides: NoOverrides;
}> = {
  name: 'discord',
  address: 'discord',
  template: textTemplate,
  overrides: noOverrides,
  escape: () => 'none',
  normalize: (address) => normalizeDiscord(address),
  check: ({ text }) => tooLong('text', text, 2_000, 'characters'),
};
