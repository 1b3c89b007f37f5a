import { TidingsError } from '@tidings/core/spec';
import { isId } from './cells.ts';

/** A row that was looked at last: its time, scope and id, as they are ordered. */
export type Place = readonly [at: number, scope: number, id: string];

/** Where a run of `prune` goes on with each kind of row. Undefined: at the oldest; null: it is through. */
interface Places {
  /** Expired keys all go, so their time says enough. */
  readonly keys?: number | null;
  readonly contents?: Place | null;
  readonly ended?: Place | null;
}

/** As a cursor; null: through with everything. */
export function writePlaces({ keys, contents, ended }: Required<Places>): string | null {
  if (keys === null && contents === null && ended === null) return null;
  return Buffer.from(JSON.stringify([keys, contents, ended])).toString('base64url');
}

/** What a cursor says. */
export function readPlaces(cursor: string | null): Places {
  if (cursor === null) return {};
  const places: unknown = parse(Buffer.from(cursor, 'base64url').toString());
  if (!Array.isArray(places) || places.length !== 3) throw wrong();
  const [keys, contents, ended] = places;
  if (!(keys === null || Number.isSafeInteger(keys)) || !isPlace(contents) || !isPlace(ended)) throw wrong();
  return { keys, contents, ended };
}

function isPlace(value: unknown): value is Place | null {
  if (value === null) return true;
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [at, scope, id] = value;
  return Number.isSafeInteger(at) && Number.isSafeInteger(scope) && typeof id === 'string' && isId(id);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong();
  }
}

function wrong(): TidingsError {
  return new TidingsError('VALIDATION_ERROR', 'cursor must be what an earlier call of prune on this store gave.', {
    path: 'cursor',
  });
}
