import type { EngineOptions } from '../define/engine-options.ts';
import type { EventDefinition, EventMap, Snapshot } from '../define/event-definition.ts';
import { loadTemplates } from '../define/load-templates.ts';
import type { Renderer } from '../render/renderer.ts';
import { chooseLanguage } from '../rules/language-chain.ts';
import { unsupportedSteps } from '../sequences/unsupported-steps.ts';
import { type Channel, TidingsError } from '../spec/index.ts';
import { parsePayload } from './parse-payload.ts';
import type { ChannelPlan, EventPlan, FieldPlan, SendStepPlan } from './plan.ts';

/** What compiling an event needs. */
export interface CompileInput {
  // biome-ignore lint/suspicious/noExplicitAny: any transaction
  readonly options: EngineOptions<EventMap, any>;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly language: string;
  readonly renderer: Renderer;
}

const eventName = /^[a-z0-9]+([-._][a-z0-9]+)*$/;

/** Reads, checks and compiles one event; every template in every language. */
export function compileEvent(name: string, definition: EventDefinition, on: CompileInput): EventPlan {
  const path = `events["${name}"]`;
  if (!eventName.test(name) || name.length > 255) {
    throw wrong(path, 'must be named by lower-case words joined by "-", "." or "_", 255 characters at most');
  }
  const unsupported = unsupportedSteps(name, definition.steps);
  if (unsupported) throw unsupported;
  const strict = definition.strict ?? on.options.strict ?? false;
  const layout = layoutOf(definition, on, path);
  const own = compileChannels(name, definition.templates, definition, { ...on, strict, layout });
  const steps = definition.steps.flatMap((step): SendStepPlan[] => {
    if (step.kind !== 'send') return [];
    const extra = step.templates
      ? compileChannels(name, step.templates, definition, { ...on, strict, layout })
      : new Map();
    const channels = new Map([...own, ...extra]);
    const route = step.channel === undefined ? (step.route ?? definition.route) : [step.channel];
    return [{ id: step.id, route, channels }];
  });
  return {
    name,
    category: definition.category,
    priority: definition.priority,
    expiresMs: definition.expiresInMs ?? null,
    strict,
    snapshot: snapshotOf(definition.snapshot ?? on.options.snapshots ?? 'keep'),
    senders: new Map(Object.entries(definition.from)),
    listeners: definition.listeners,
    steps,
    channels: new Set(steps.flatMap((step) => [...step.channels.keys()])),
    definition,
    parsePayload: (payload) => parsePayload(name, definition.payload, payload),
  };
}

function layoutOf(definition: EventDefinition, on: CompileInput, path: string): string | undefined {
  const layouts = on.options.layouts ?? {};
  if (definition.layout === false) return undefined;
  if (definition.layout === undefined) return Object.hasOwn(layouts, 'default') ? 'default' : undefined;
  if (Object.hasOwn(layouts, definition.layout)) return definition.layout;
  throw wrong(
    `${path}.layout`,
    `"${definition.layout}" is not among layouts; there are ${Object.keys(layouts).join(', ') || 'none'}`,
  );
}

function snapshotOf(snapshot: Snapshot): EventPlan['snapshot'] {
  return typeof snapshot === 'string' ? snapshot : (content) => ({ ...snapshot.redact(content) });
}

function compileChannels(
  event: string,
  templates: EventDefinition['templates'],
  definition: EventDefinition,
  on: CompileInput & { readonly strict: boolean; readonly layout: string | undefined },
): Map<string, ChannelPlan> {
  const loaded = loadTemplates(event, templates, definition.channels);
  const compiled = new Map<string, ChannelPlan>();
  for (const [name, byLanguage] of Object.entries(loaded)) {
    const channel = on.channels.get(name);
    if (!channel) throw wrong(`events["${event}"].templates.${name}`, 'is no channel of this engine');
    const languages = new Map<string, readonly FieldPlan[]>();
    for (const [language, fields] of Object.entries(byLanguage)) {
      languages.set(language, compileFields(event, channel, language, fields, on.renderer));
    }
    if (chooseLanguage(on.language, [...languages.keys()], on.language) === null) {
      throw new TidingsError(
        'TEMPLATE_MISSING',
        `createEngine: event "${event}" has ${name} templates in ${[...languages.keys()].join(', ')}, but none in "${on.language}", the language of last resort. Add one, or set language.`,
        { path: `events["${event}"].templates.${name}` },
      );
    }
    compiled.set(name, { channel, languages, layout: on.layout });
  }
  return compiled;
}

function compileFields(
  event: string,
  channel: Channel,
  language: string,
  fields: Readonly<Record<string, unknown>>,
  renderer: Renderer,
): readonly FieldPlan[] {
  return Object.entries(fields).map(([name, value]): FieldPlan => {
    if (typeof value === 'function')
      return { name, kind: 'function', render: value as Extract<FieldPlan, { kind: 'function' }>['render'] };
    for (const source of textsOf(value)) {
      renderer.check(source, {
        escape: channel.escape(name, fields),
        where: { event, channel: channel.name, language, field: name },
      });
    }
    return typeof value === 'string' ? { name, kind: 'text', source: value } : { name, kind: 'data', data: value };
  });
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}

function wrong(path: string, problem: string): TidingsError {
  return new TidingsError('CONFIGURATION_INVALID', `createEngine: ${path} ${problem}.`, { path });
}
