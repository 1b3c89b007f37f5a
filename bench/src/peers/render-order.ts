import Handlebars from 'handlebars';
import { type Order, templatesOf } from '../work/work.ts';

const sources = templatesOf('firstName');
const subject = Handlebars.compile(sources.subject, { noEscape: true });
const html = Handlebars.compile(sources.html);
const text = Handlebars.compile(sources.text, { noEscape: true });

/** Renders the confirmation of an order, as the JSON that is kept of it. The templates are compiled once. */
export function renderOrder(order: Order, firstName: string): string {
  const context = { ...order, firstName };
  return JSON.stringify({ subject: subject(context), html: html(context), text: text(context) });
}
