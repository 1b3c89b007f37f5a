import { TidingsError } from '../spec/errors.ts';
import type { EventMap } from './event-definition.ts';

type Intersection<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void ? I : never;

/** The maps again, with a sentence in place of every event that a map before it has. */
type Unrepeated<Maps extends readonly EventMap[], Seen = never> = Maps extends readonly [
  infer First extends EventMap,
  ...infer Rest extends readonly EventMap[],
]
  ? readonly [
      { readonly [K in keyof First]: K extends Seen ? `event "${K & string}" is defined twice` : First[K] },
      ...Unrepeated<Rest, Seen | keyof First>,
    ]
  : readonly [];

/**
 * Joins the events of several modules. Unlike spreading, it refuses a name that two of them have: in the compiler, and at
 * run time with `CONFIGURATION_INVALID`.
 *
 * @example
 * createEngine({ events: combineEvents(billing, onboarding), … });
 */
export function combineEvents<const Maps extends readonly EventMap[]>(
  ...maps: Maps & Unrepeated<Maps>
): Intersection<Maps[number]> & EventMap {
  const combined: Record<string, EventMap[string]> = {};
  for (const map of maps as readonly EventMap[]) {
    for (const [name, event] of Object.entries(map)) {
      if (Object.hasOwn(combined, name)) {
        const path = `events["${name}"]`;
        throw new TidingsError('CONFIGURATION_INVALID', `combineEvents: event "${name}" is defined twice.`, { path });
      }
      combined[name] = event;
    }
  }
  return Object.freeze(combined) as Intersection<Maps[number]> & EventMap;
}
