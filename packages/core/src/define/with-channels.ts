import { type BuiltInChannels, builtInChannels } from '../channels/index.ts';
import type { Channel, TypesOf } from '../spec/channel.ts';
import { refuse } from './check-options.ts';
import { isChannel } from './define-channel.ts';
import { eventDefiner } from './define-event.ts';
import type { DefineEvent } from './event-definition.ts';

/** Channels by name, from a list. */
export type ChannelsByName<List extends readonly Channel[]> = { [C in List[number] as TypesOf<C>['name']]: C };

/**
 * A `defineEvent` that knows these channels besides the built-in ones. The events carry them; the engine needs no
 * registration.
 *
 * @throws TidingsError `CONFIGURATION_INVALID` for what is no channel, and for a name that is used twice or built in.
 *
 * @example
 * const { defineEvent } = withChannels(matrix);
 */
export function withChannels<const List extends readonly Channel[]>(
  ...channels: List
): { readonly defineEvent: DefineEvent<BuiltInChannels & ChannelsByName<List>> } {
  const known: Record<string, Channel> = { ...builtInChannels };
  for (const [index, channel] of channels.entries()) {
    const path = `channels[${index}]`;
    if (!isChannel(channel)) refuse('withChannels', path, 'must be a channel, as defineChannel(…) returns one');
    if (Object.hasOwn(known, channel.name)) {
      const how = Object.hasOwn(builtInChannels, channel.name) ? 'built in' : 'given twice';
      refuse('withChannels', `${path}.name`, `"${channel.name}" is ${how}; every channel needs a name of its own`);
    }
    known[channel.name] = channel;
  }
  return Object.freeze({ defineEvent: eventDefiner<BuiltInChannels & ChannelsByName<List>>(known) });
}
