import { TidingsError } from '../spec/index.ts';
import type { EventPlan, Plan } from './plan.ts';

/** The event of that name; throws EVENT_NOT_FOUND, which lists what there is. */
export function findEvent(plan: Plan, name: unknown): EventPlan {
  const event = typeof name === 'string' ? plan.events.get(name) : undefined;
  if (event) return event;
  const known = [...plan.events.keys()].slice(0, 20).join(', ');
  const shown = typeof name === 'string' ? JSON.stringify(name.slice(0, 100)) : typeof name;
  throw new TidingsError('EVENT_NOT_FOUND', `Event ${shown} is not defined; there are ${known || 'none'}.`, {
    path: 'event',
  });
}
