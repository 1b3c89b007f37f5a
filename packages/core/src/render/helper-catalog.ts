import { dateDefinitions } from './date-definitions.ts';
import type { HelperDefinition, HelperForm } from './helper-definition.ts';
import { logicDefinitions } from './logic-definitions.ts';
import { numberDefinitions } from './number-definitions.ts';
import { textDefinitions } from './text-definitions.ts';

/** The blocks the runtime itself provides. */
export const blockForms: Readonly<Record<'if' | 'unless' | 'each' | 'with', HelperForm>> = {
  if: {
    usage: '{{#if a}}…{{else if b}}…{{else}}…{{/if}}',
    gives: 'The body when the value is true; an empty list is not. `includeZero=true` counts 0 as true.',
    arguments: [1, 1],
    block: 'only',
    tolerant: true,
  },
  unless: {
    usage: '{{#unless a}}…{{/unless}}',
    gives: 'The body when the value is not true.',
    arguments: [1, 1],
    block: 'only',
    tolerant: true,
  },
  each: {
    usage: '{{#each items as |item index|}}…{{else}}…{{/each}}',
    gives:
      'The body for every item of a list, Set or Map, or field of an object; `@index @key @first @last` are known.',
    arguments: [1, 1],
    block: 'only',
    tolerant: 'with-else',
  },
  with: {
    usage: '{{#with order as |o|}}…{{else}}…{{/with}}',
    gives: 'The body with the value as its context.',
    arguments: [1, 1],
    block: 'only',
    tolerant: 'with-else',
  },
};

/** Every built-in helper that is not a block of the runtime, by name. */
export const helperDefinitions: Readonly<Record<string, HelperDefinition>> = {
  ...logicDefinitions,
  ...textDefinitions,
  ...dateDefinitions,
  ...numberDefinitions,
};

/** Every built-in helper, as the documentation shows it. */
export const helperCatalog: Readonly<Record<string, HelperForm>> = { ...blockForms, ...helperDefinitions };

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** The table of the built-in helpers in Markdown, for the documentation. */
export function helperTable(): string {
  const rows = Object.entries(helperCatalog).map(
    ([name, { usage, gives }]) => `| \`${name}\` | \`${cell(usage)}\` | ${cell(gives)} |`,
  );
  return ['| Helper | Written | Gives |', '| --- | --- | --- |', ...rows].join('\n');
}
