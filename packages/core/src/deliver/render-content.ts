import type { Context } from '../plan/context.ts';
import type { Job } from '../plan/job.ts';
import type { SendSettings } from '../plan/kept-options.ts';
import type { EventPlan, FieldPlan, SendStepPlan } from '../plan/plan.ts';
import { buildRoot } from '../render/build-root.ts';
import { contactFrom } from '../rules/contact-data.ts';
import { type Channel, type Contact, type Sender, TidingsError } from '../spec/index.ts';
import { wordsOf } from '../toolkit/words-of.ts';
import { completeContent } from './complete-content.ts';

/**
 * Renders a message for its channel, validates it and checks the channel's limits. Throws a `TidingsError` that says where.
 * Only functions of the host's make it wait: nobody is waited for where there are none.
 */
export function renderContent(
  job: Job,
  event: EventPlan,
  step: SendStepPlan,
  settings: SendSettings,
  sender: Sender | undefined,
  on: Pick<Context, 'plan' | 'renderer'>,
): Record<string, unknown> | Promise<Record<string, unknown>> {
  const name = job.message.channel;
  const templates = step.channels.get(name);
  const language = job.message.language ?? on.plan.language;
  const fields = templates?.languages.get(language);
  if (!templates || !fields) {
    throw new TidingsError(
      'TEMPLATE_MISSING',
      `Event "${event.name}" has no ${name} template in "${language}" any more.`,
    );
  }
  const contact = job.contact ? contactFrom(job.contact) : { id: '', meta: {} };
  const payload = JSON.parse(job.run.payload) as Record<string, unknown>;
  const brand = { ...on.plan.brand, ...settings.brand };
  const root = buildRoot({ payload, contact: contact as never, app: on.plan.app, sender, brand });
  // The language of this text, which need not be the contact's; a payload field of that name goes first.
  if (!Object.hasOwn(payload, 'language')) root.language = language;
  const written = Object.fromEntries(fields.map((field) => [field.name, field.kind === 'text' ? field.source : field]));
  const content: Record<string, unknown> = {};
  const render = (field: FieldPlan): unknown =>
    renderField(field, {
      channel: templates.channel,
      written,
      root,
      strict: event.strict,
      language,
      contact,
      payload,
      where: { event: event.name, channel: name, language, field: field.name },
      layout: field.name === 'html' ? templates.layout : undefined,
      renderer: on.renderer,
    });
  function finish(): Record<string, unknown> {
    completeContent(content, { channel: name, payload, otpDomain: on.plan.otpDomain, renderer: on.renderer });
    for (const [field, value] of Object.entries(settings.overrides)) {
      if (field in content && typeof value === 'string') content[field] = value;
    }
    return checkContent(content, templates?.channel as Channel, event.name, language);
  }
  if (fields.some(({ kind }) => kind === 'function')) return renderInTurn(fields, content, render).then(finish);
  for (const field of fields) content[field.name] = render(field);
  return finish();
}

async function renderInTurn(
  fields: readonly FieldPlan[],
  content: Record<string, unknown>,
  render: (field: FieldPlan) => unknown,
): Promise<void> {
  for (const field of fields) content[field.name] = await render(field);
}

interface FieldRendering {
  readonly channel: Channel;
  readonly written: Readonly<Record<string, unknown>>;
  readonly root: Record<string, unknown>;
  readonly strict: boolean;
  readonly language: string;
  readonly contact: Contact;
  readonly payload: unknown;
  readonly where: { event: string; channel: string; language: string; field: string };
  readonly layout: string | undefined;
  readonly renderer: Context['renderer'];
}

function renderField(field: FieldPlan, on: FieldRendering): unknown {
  if (field.kind === 'function') return callFunction(field, on);
  return renderTexts(field.kind === 'text' ? field.source : field.data, field.name, on);
}

async function callFunction(field: Extract<FieldPlan, { kind: 'function' }>, on: FieldRendering): Promise<unknown> {
  const { payload, contact, language } = on;
  try {
    return await field.render({ payload, contact, language });
  } catch (cause) {
    const { event, channel } = on.where;
    throw new TidingsError(
      'TEMPLATE_FAILED',
      `The function for ${event}/${channel}/${language}/${field.name} threw: ${wordsOf(cause)}`,
      { cause },
    );
  }
}

function renderTexts(value: unknown, name: string, on: FieldRendering): unknown {
  if (typeof value === 'string') {
    return on.renderer.render(value, {
      escape: on.channel.escape(name, on.written),
      root: on.root,
      strict: on.strict,
      language: on.language,
      where: on.where,
      ...(on.contact.timezone === undefined ? {} : { timeZone: on.contact.timezone }),
      ...(on.layout === undefined ? {} : { layout: on.layout }),
    });
  }
  if (Array.isArray(value)) return value.map((item) => renderTexts(item, name, on));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renderTexts(item, name, on)]));
  }
  return value;
}

function checkContent(
  content: Record<string, unknown>,
  channel: Channel,
  event: string,
  language: string,
): Record<string, unknown> {
  const where = `${event}/${channel.name}/${language}`;
  const checked = channel.template['~standard'].validate(content);
  if (checked instanceof Promise) {
    throw new TidingsError(
      'CONFIGURATION_INVALID',
      `The template schema of channel "${channel.name}" must be synchronous.`,
    );
  }
  if (checked.issues) {
    const issue = checked.issues[0];
    const field = issue?.path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.') ?? '';
    throw new TidingsError(
      'TEMPLATE_FAILED',
      `What ${where} rendered to does not fit the channel: ${field} ${issue?.message}`,
    );
  }
  const problem = channel.check(checked.value);
  if (problem) {
    throw new TidingsError(
      'CONTENT_TOO_LONG',
      `What ${where}/${problem.field} rendered to cannot be sent: ${problem.message}`,
      {
        path: problem.field,
      },
    );
  }
  return checked.value as Record<string, unknown>;
}
