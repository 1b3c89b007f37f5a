import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

/** A row of the file; an empty cell is undefined. */
export interface ContactRow {
  readonly id: string;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  readonly language?: string | undefined;
}

export function readContacts(file: URL): readonly ContactRow[] {
  return parse<ContactRow>(readFileSync(file), { columns: true, cast: (cell) => (cell === '' ? undefined : cell) });
}
