/**
 * How `{{x}}` is made safe for its destination:
 *
 * - `html`: `& < > " ' \` =` become entities, so a value is inert in text and in quoted attributes;
 * - `slack`: `& < >` become entities, as Slack's mrkdwn asks;
 * - `none`: verbatim, for plain text;
 * - a function, for a custom channel: gets the text of the value, gives what is written.
 *
 * `{{{x}}}` and `{{&x}}` are written verbatim in every mode: the author of the template asked for it.
 */
export type Escape = 'html' | 'none' | 'slack' | ((value: string) => string);

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
  '`': '&#x60;',
  '=': '&#x3D;',
};

const inHtml = /[&<>"'`=]/;
const everyInHtml = /[&<>"'`=]/g;
const inSlack = /[&<>]/;
const everyInSlack = /[&<>]/g;

function entityOf(character: string): string {
  return entities[character] as string;
}

function escapeHtml(text: string): string {
  return inHtml.test(text) ? text.replace(everyInHtml, entityOf) : text;
}

function escapeSlack(text: string): string {
  return inSlack.test(text) ? text.replace(everyInSlack, entityOf) : text;
}

function verbatim(text: string): string {
  return text;
}

/** The function that applies an {@link Escape}. */
export function escapeValue(mode: Escape): (text: string) => string {
  if (typeof mode === 'function') return mode;
  if (mode === 'html') return escapeHtml;
  return mode === 'slack' ? escapeSlack : verbatim;
}
