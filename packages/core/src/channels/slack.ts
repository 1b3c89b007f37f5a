import { z } from 'zod';
import { normalizeSlack } from '../rules/chat-address.ts';
import type { Channel, ContentProblem } from '../spec/index.ts';
import { filledText, schemaOf } from './schema.ts';
import { tooLong } from './text-length.ts';
import { type NoOverrides, noOverrides } from './text-template.ts';

/** A Slack message. */
export interface SlackTemplate {
  /** In Slack's mrkdwn; with `blocks` it is what notifications show. */
  readonly text: string;
  /** Block Kit blocks, at most 50; the text of a section at most 3,000 UTF-16 units. */
  readonly blocks?: readonly SlackBlock[];
}

/** A Block Kit block: see Slack's reference for what each type takes. */
export interface SlackBlock {
  readonly type: string;
  readonly [field: string]: unknown;
}

const maxText = 40_000;
const maxSection = 3_000;
const maxBlocks = 50;

/** Slack messages. Values are escaped (`& < >`), so none of them can mention or link. */
export const slack: Channel<{ name: 'slack'; address: 'slack'; template: SlackTemplate; overrides: NoOverrides }> = {
  name: 'slack',
  address: 'slack',
  template: schemaOf(() =>
    z.strictObject({ text: filledText(), blocks: z.array(z.looseObject({ type: z.string().min(1) })).optional() }),
  ),
  overrides: noOverrides,
  escape: () => 'slack',
  normalize: (address) => normalizeSlack(address),
  check(content) {
    const blocks = content.blocks ?? [];
    if (blocks.length > maxBlocks) {
      return { field: 'blocks', message: `\`blocks\` has ${blocks.length} blocks, ${maxBlocks} are allowed` };
    }
    return tooLong('text', content.text, maxText, 'units') ?? firstLongSection(blocks);
  },
};

function firstLongSection(blocks: readonly SlackBlock[]): ContentProblem | undefined {
  for (const [index, block] of blocks.entries()) {
    if (block.type !== 'section') continue;
    const text = (block.text as { text?: unknown } | undefined)?.text;
    const problem = typeof text === 'string' && tooLong(`blocks[${index}].text.text`, text, maxSection, 'units');
    if (problem) return problem;
  }
  return undefined;
}
