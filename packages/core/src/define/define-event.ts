import { type BuiltInChannels, builtInChannels } from '../channels/index.ts';
import { buildSequence } from '../sequences/build-sequence.ts';
import type { SendStep, Step } from '../sequences/step.ts';
import type { Channel } from '../spec/channel.ts';
import type { Sender } from '../spec/channel-adapter.ts';
import type { Priority } from '../spec/queue.ts';
import { checkKeys, checkSchema, isLabel, isPlainObject, listed, refuse } from './check-options.ts';
import { checkSender } from './check-sender.ts';
import { checkTemplates } from './check-templates.ts';
import { durationMs } from './duration.ts';
import type { DefineEvent, EventDefinition, PriorityName, Snapshot } from './event-definition.ts';
import type { AnyTemplates } from './templates.ts';

const options = [
  'name',
  'payload',
  'category',
  'route',
  'templates',
  'sequence',
  'listeners',
  'priority',
  'strict',
  'snapshot',
  'from',
  'layout',
  'expiresIn',
] as const;

const priorities: Readonly<Record<PriorityName, Priority>> = { urgent: 0, normal: 1, bulk: 2 };

type Given = Readonly<Record<(typeof options)[number], unknown>>;
type Channels = Readonly<Record<string, Channel>>;

/**
 * Defines an event on the built-in channels: what its payload is, what is sent on which channel and in what order.
 *
 * @throws TidingsError `CONFIGURATION_INVALID` naming the option, for an unknown or malformed one.
 *
 * @example
 * export const welcome = defineEvent({
 *   payload: z.object({ company: z.string() }),
 *   templates: {
 *     email: { en: { subject: 'Welcome to {{company}}', html: '<p>Hi {{contact.name | "there"}}</p>' } },
 *     sms: { en: { text: 'Welcome to {{company}}' } },
 *   },
 * });
 */
export const defineEvent: DefineEvent<BuiltInChannels> = eventDefiner<BuiltInChannels>(builtInChannels as never);

/** A `defineEvent` that knows these channels. */
export function eventDefiner<Known extends object>(known: Channels): DefineEvent<Known> {
  return ((event: unknown) => define(event, known)) as DefineEvent<Known>;
}

function define(event: unknown, known: Channels): EventDefinition {
  const name = isPlainObject(event) && typeof event.name === 'string' ? event.name : undefined;
  const owner = name === undefined ? 'defineEvent' : `defineEvent "${name}"`;
  checkKeys(owner, 'options', event, options);
  const given = event as Given;
  if (given.name !== undefined && !isLabel(given.name)) refuse(owner, 'name', 'must be a text of 1–255 bytes');
  if (given.payload !== undefined) checkSchema(owner, 'payload', given.payload);
  if (given.category !== undefined && !isLabel(given.category))
    refuse(owner, 'category', 'must be a text of 1–255 bytes');
  if (given.strict !== undefined && typeof given.strict !== 'boolean') refuse(owner, 'strict', 'must be true or false');
  const templates = checkTemplates(owner, 'templates', given.templates, known);
  const own = Object.keys(templates);
  const steps = given.sequence === undefined ? oneSend : buildSteps(owner, given.sequence, templates, known);
  const used = new Set([...own, ...templatesOfSteps(steps).flatMap((each) => Object.keys(each))]);
  return Object.freeze({
    ...(name === undefined ? {} : { title: name }),
    ...(given.payload === undefined ? {} : { payload: given.payload as NonNullable<EventDefinition['payload']> }),
    category: (given.category as string | undefined) ?? 'transactional',
    route: given.route === undefined ? Object.freeze(own) : checkRoute(owner, 'route', given.route, own),
    templates,
    channels: Object.freeze(Object.fromEntries([...used].map((channel) => [channel, known[channel] as Channel]))),
    steps,
    listeners: checkListeners(owner, given.listeners),
    priority: checkPriority(owner, given.priority),
    ...(given.strict === undefined ? {} : { strict: given.strict as boolean }),
    ...(given.snapshot === undefined ? {} : { snapshot: checkSnapshot(owner, given.snapshot) }),
    from: checkFrom(owner, given.from, own),
    ...(given.layout === undefined ? {} : { layout: checkLayout(owner, given.layout) }),
    ...(given.expiresIn === undefined ? {} : { expiresInMs: durationMs(owner, 'expiresIn', given.expiresIn) }),
  });
}

const oneSend: readonly Step[] = Object.freeze([Object.freeze({ id: 'send', kind: 'send' } as const)]);

function buildSteps(owner: string, write: unknown, templates: AnyTemplates, known: Channels): readonly Step[] {
  return buildSequence(owner, write, (path, step): Omit<SendStep, 'id' | 'kind'> => {
    checkKeys(owner, path, step, ['channel', 'route', 'templates']);
    const own = step.templates === undefined ? {} : checkTemplates(owner, `${path}.templates`, step.templates, known);
    const channels = [...new Set([...Object.keys(templates), ...Object.keys(own)])];
    if (step.channel !== undefined && step.route !== undefined) {
      refuse(owner, path, 'takes channel or route, not both');
    }
    if (step.channel !== undefined && !channels.includes(step.channel as string)) {
      refuse(owner, `${path}.channel`, `must be one with a template: ${listed(channels)}`);
    }
    return {
      ...(step.channel === undefined ? {} : { channel: step.channel as string }),
      ...(step.route === undefined ? {} : { route: checkRoute(owner, `${path}.route`, step.route, channels) }),
      ...(step.templates === undefined ? {} : { templates: own }),
    };
  });
}

/** Content that steps bring themselves, branches included. */
function templatesOfSteps(steps: readonly Step[]): AnyTemplates[] {
  return steps.flatMap((step) => {
    if (step.kind === 'send') return step.templates ? [step.templates] : [];
    if (step.kind === 'when') return templatesOfSteps([...step.yes, ...step.no]);
    return step.kind === 'parallel' ? templatesOfSteps(step.branches.flat()) : [];
  });
}

function checkRoute(owner: string, path: string, route: unknown, channels: readonly string[]): readonly string[] {
  if (!Array.isArray(route) || route.length === 0) refuse(owner, path, 'must be a list of one channel or more');
  for (const [index, name] of route.entries()) {
    if (!channels.includes(name))
      refuse(owner, `${path}[${index}]`, `must be one with a template: ${listed(channels)}`);
    if (route.indexOf(name) !== index) refuse(owner, `${path}[${index}]`, `names ${name} a second time`);
  }
  return Object.freeze([...route]);
}

function checkListeners(owner: string, listeners: unknown): readonly unknown[] {
  if (listeners === undefined) return none;
  if (!Array.isArray(listeners) || listeners.length === 0) {
    refuse(owner, 'listeners', 'must be a list of one recipient or more');
  }
  for (const [index, recipient] of listeners.entries()) {
    const fits = typeof recipient === 'string' ? recipient !== '' : typeof recipient === 'object' && recipient !== null;
    if (!fits || Array.isArray(recipient))
      refuse(owner, `listeners[${index}]`, 'must be a text or an object, as `to` of a send');
  }
  return Object.freeze([...listeners]);
}

const none: readonly unknown[] = Object.freeze([]);

function checkPriority(owner: string, priority: unknown): Priority {
  if (priority === undefined) return priorities.normal;
  if (typeof priority === 'string' && Object.hasOwn(priorities, priority)) return priorities[priority as PriorityName];
  refuse(owner, 'priority', `must be one of ${listed(Object.keys(priorities))}`);
}

function checkSnapshot(owner: string, snapshot: unknown): Snapshot {
  if (snapshot === 'keep' || snapshot === 'off') return snapshot;
  const fits = isPlainObject(snapshot) && typeof snapshot.redact === 'function' && Object.keys(snapshot).length === 1;
  if (!fits) refuse(owner, 'snapshot', "must be 'keep', 'off' or { redact: (content) => … }");
  return Object.freeze({ ...snapshot }) as Snapshot;
}

function checkLayout(owner: string, layout: unknown): string | false {
  if (layout !== false && !isLabel(layout)) refuse(owner, 'layout', 'must be the name of a layout, or false for none');
  return layout;
}

function checkFrom(owner: string, from: unknown, channels: readonly string[]): Readonly<Record<string, Sender>> {
  if (from === undefined) return Object.freeze({});
  if (!isPlainObject(from)) refuse(owner, 'from', 'must be an object by channel');
  const senders: Record<string, Sender> = {};
  for (const [channel, sender] of Object.entries(from)) {
    if (sender === undefined) continue;
    if (!channels.includes(channel))
      refuse(owner, `from.${channel}`, `must be one with a template: ${listed(channels)}`);
    senders[channel] = checkSender(owner, `from.${channel}`, sender);
  }
  return Object.freeze(senders);
}
