import { loadTextFromHtml } from '../render/text-from-html.ts';
import { loadPhoneNumbers, needPhoneNumbers } from '../rules/phone-number.ts';
import type { RecipientRules } from '../rules/recipient.ts';
import type { FieldPlan, Plan } from './plan.ts';

/** Loads the large libraries that this engine needs and another may not. */
export async function loadLibraries({ events }: Plan, rules: RecipientRules): Promise<void> {
  const mails = [...events.values()].flatMap(({ steps }) =>
    steps.flatMap(({ channels }) => [...(channels.get('email')?.languages.values() ?? [])]),
  );
  await Promise.all([
    needPhoneNumbers(rules) ? loadPhoneNumbers() : undefined,
    mails.some(mayLackText) ? loadTextFromHtml() : undefined,
  ]);
}

/** Whether a text may have to be made from the html. What a function gives is only known later. */
function mayLackText(fields: readonly FieldPlan[]): boolean {
  return (
    fields.some(({ name }) => name === 'html') && !fields.some(({ name, kind }) => name === 'text' && kind === 'text')
  );
}
