import type { EngineOptions } from '../define/engine-options.ts';
import type { EventMap } from '../define/event-definition.ts';
import type { Logger } from '../spec/index.ts';
import type { Plan } from './plan.ts';

/**
 * Says which options by channel do nothing in this process. Only a warning: another process of the same application may
 * have the adapter.
 */
export function warnUnused(
  { delivery }: Pick<EngineOptions<EventMap>, 'delivery'>,
  { adapters }: Plan,
  log: Logger,
): void {
  for (const option of ['unknown', 'failover'] as const) {
    for (const channel of Object.keys(delivery?.[option] ?? {})) {
      if (adapters.live.has(channel)) continue;
      const path = `delivery.${option}.${channel}`;
      log.warn({ path, channel }, `${path} does nothing in this process: no adapter delivers on ${channel}.`);
    }
  }
}
