import { builtInChannels } from '../channels/index.ts';
import type { Channel } from '../spec/channel.ts';
import { TidingsError } from '../spec/errors.ts';
import type { EventMap } from './event-definition.ts';

/**
 * Every channel an engine of these events knows, by name: the built-in ones and those the events carry.
 *
 * @throws TidingsError `CONFIGURATION_INVALID` when two events carry different channels of one name.
 */
export function collectChannels(events: EventMap): ReadonlyMap<string, Channel> {
  const channels = new Map<string, Channel>(Object.entries(builtInChannels));
  for (const [event, definition] of Object.entries(events)) {
    for (const [name, channel] of Object.entries(definition.channels)) {
      const known = channels.get(name);
      if (known !== undefined && known !== channel) {
        const message = `events["${event}"]: its channel "${name}" is another one than that of an event before it; define a channel once and share it.`;
        throw new TidingsError('CONFIGURATION_INVALID', message, { path: `events["${event}"]` });
      }
      channels.set(name, channel);
    }
  }
  return channels;
}
