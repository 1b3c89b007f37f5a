import { collectChannels } from '../define/collect-channels.ts';
import type { EngineOptions } from '../define/engine-options.ts';
import type { EventMap } from '../define/event-definition.ts';
import type { Renderer } from '../render/renderer.ts';
import type { ListedSender } from '../rules/sender.ts';
import { chooseSender } from '../rules/sender.ts';
import { type Channel, type ChannelAdapter, type Sender, TidingsError } from '../spec/index.ts';
import { captureAdapter } from '../toolkit/capture-adapter.ts';
import { compileEvent } from './compile-event.ts';
import type { EventPlan, Plan } from './plan.ts';

// biome-ignore lint/suspicious/noExplicitAny: any transaction
type Options = EngineOptions<EventMap, any>;

/** Looks everything up once and compiles every template; throws for whatever could only go wrong at a send. */
export function compilePlan(options: Options, renderer: Renderer): Plan {
  const channels = collectChannels(options.events);
  const live = adaptersByChannel(options.adapters, channels);
  const language = options.language ?? 'en';
  const events = new Map<string, EventPlan>();
  for (const [name, definition] of Object.entries(options.events)) {
    const event = compileEvent(name, definition, { options, channels, language, renderer });
    checkAdapters(event, live, options);
    events.set(name, event);
  }
  const senders: readonly ListedSender[] = options.senders ?? [];
  checkSenders(events, channels, live, senders);
  for (const option of ['unknown', 'failover'] as const) {
    for (const name of Object.keys(options.delivery?.[option] ?? {})) {
      if (!channels.has(name)) throw wrong(`delivery.${option}.${name}`, 'is no channel of this engine');
    }
  }
  const test = new Map<string, readonly ChannelAdapter[]>();
  // What is captured is read from the store, as it is for every other adapter.
  const deadlineMs = captureDeadlineMs(options);
  for (const name of channels.keys())
    test.set(name, [captureAdapter({ name: `capture.${name}`, channel: name, keep: 1, deadlineMs })]);
  return {
    events,
    channels,
    adapters: { live, test },
    senders,
    language,
    app: options.app ?? {},
    brand: options.brand ?? {},
    otpDomain: options.otpDomain,
  };
}

/** A call must end before its lease does, and a short lease is checked against the host's own adapters only. */
function captureDeadlineMs({ delivery }: Options): number {
  return delivery?.leaseMs === undefined ? 15_000 : Math.max(1, Math.min(15_000, delivery.leaseMs - 2000));
}

function adaptersByChannel(
  adapters: readonly ChannelAdapter[],
  channels: ReadonlyMap<string, Channel>,
): Map<string, readonly ChannelAdapter[]> {
  const names = new Set<string>();
  const byChannel = new Map<string, ChannelAdapter[]>();
  for (const [index, adapter] of adapters.entries()) {
    const path = `adapters[${index}]`;
    if (names.has(adapter.name))
      throw wrong(`${path}.name`, `"${adapter.name}" is taken by another adapter; give one a name of its own`);
    if (adapter.name.startsWith('capture.'))
      throw wrong(`${path}.name`, 'must not begin with "capture.", which is for the mode `test`');
    if (!channels.has(adapter.channel)) {
      throw wrong(
        `${path}.channel`,
        `"${adapter.channel}" is no channel of this engine; there are ${[...channels.keys()].join(', ')}`,
      );
    }
    names.add(adapter.name);
    byChannel.set(adapter.channel, [...(byChannel.get(adapter.channel) ?? []), adapter]);
  }
  return byChannel;
}

function checkAdapters(event: EventPlan, live: ReadonlyMap<string, unknown>, options: Options): void {
  if (options.missingAdapter === 'skip') return;
  for (const channel of event.channels) {
    if (live.has(channel)) continue;
    throw new TidingsError(
      'INTEGRATION_MISSING',
      `createEngine: event "${event.name}" has templates for ${channel}, but no adapter delivers on it. Add one to adapters, drop the template, or set missingAdapter: 'skip'.`,
      { path: 'adapters', details: { event: event.name, channel } },
    );
  }
}

/** A channel that needs a sender must have one, and the senders events name must be verified. */
function checkSenders(
  events: ReadonlyMap<string, EventPlan>,
  channels: ReadonlyMap<string, Channel>,
  live: ReadonlyMap<string, readonly ChannelAdapter[]>,
  senders: readonly ListedSender[],
): void {
  for (const [index, sender] of senders.entries()) {
    if (channels.has(sender.channel)) continue;
    throw wrong(`senders[${index}].channel`, `"${sender.channel}" is no channel of this engine`);
  }
  for (const [name, adapters] of live) {
    const channel = channels.get(name);
    const choice = { channel: name, need: channel?.sender ?? 'none', listed: senders, confirmed: [] } as const;
    // One adapter with a sender is enough: the others are passed over.
    const suits = (wanted: Sender | undefined): boolean =>
      adapters.some(
        ({ defaultSender, senders: confirmed }) =>
          (wanted && confirmed) || !('problem' in chooseSender({ ...choice, wanted, adapterDefault: defaultSender })),
      );
    const usual = suits(undefined);
    for (const event of events.values()) {
      if (!event.channels.has(name)) continue;
      const wanted = event.senders.get(name);
      if (wanted ? suits(wanted) : usual) continue;
      throw new TidingsError(
        'UNVERIFIED_SENDER',
        wanted
          ? `createEngine: the ${name} sender of event "${event.name}" is not verified. List it in senders.`
          : `createEngine: event "${event.name}" sends on ${name}, which needs a sender. List one in senders, or give adapter "${adapters[0]?.name}" a default.`,
        { path: wanted ? `events["${event.name}"].from.${name}` : 'senders' },
      );
    }
  }
}

function wrong(path: string, problem: string): TidingsError {
  return new TidingsError('CONFIGURATION_INVALID', `createEngine: ${path} ${problem}.`, { path });
}
