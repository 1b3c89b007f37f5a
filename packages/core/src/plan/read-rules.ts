import type { EngineOptions } from '../define/engine-options.ts';
import type { EventMap } from '../define/event-definition.ts';
import type { RecipientRules } from '../rules/recipient.ts';
import type { Plan } from './plan.ts';

/** How this engine reads recipients. */
// biome-ignore lint/suspicious/noExplicitAny: any transaction
export function readRules(options: EngineOptions<EventMap, any>, plan: Plan): RecipientRules {
  const builtIn = new Set(['email', 'phone', 'slack', 'telegram', 'discord', 'pushToken']);
  const custom = [...plan.channels.values()].filter((channel) => !builtIn.has(channel.address));
  return {
    phones: options.phones ?? 'form',
    ...(options.defaultCountry === undefined ? {} : { defaultCountry: options.defaultCountry }),
    customAddresses: new Map(
      custom.map((channel) => [
        channel.address,
        { normalize: (address: string) => channel.normalize(address), many: channel.many ?? false },
      ]),
    ),
  };
}
