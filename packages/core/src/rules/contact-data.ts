import { type Contact, type ContactFacts, type ContactRow, TidingsError } from '../spec/index.ts';
import { plainFields, singleKinds } from './contact-fields.ts';

/** What `ContactRow.data` holds: everything but push tokens, which are identifiers only. */
export type ContactData = Omit<Contact, 'id' | 'pushTokens'>;

const maxBytes = 65_536;
const maxNameBytes = 255;

// Parsed once per row: routing, templates and resolving all ask for the same one.
const parsed = new WeakMap<ContactRow, ContactData>();

/** The fields of a stored contact. */
export function readContactData(row: ContactRow): ContactData {
  let data = parsed.get(row);
  if (!data) {
    const json = JSON.parse(row.data) as Partial<ContactData>;
    data = { ...json, meta: json.meta ?? {} };
    parsed.set(row, data);
  }
  return data;
}

/**
 * The same text for the same fields, whatever the order they came in.
 *
 * @throws TidingsError `VALIDATION_ERROR` when a contact outgrows 65,536 bytes.
 */
export function writeContactData(data: ContactData, path: string): string {
  const ordered: Record<string, unknown> = {};
  for (const field of [...singleKinds, ...plainFields]) {
    if (data[field] !== undefined) ordered[field] = data[field];
  }
  if (data.addresses && Object.keys(data.addresses).length > 0) ordered.addresses = sorted(data.addresses);
  if (Object.keys(data.meta).length > 0) ordered.meta = data.meta;
  const json = JSON.stringify(ordered);
  if (json.length > maxBytes || Buffer.byteLength(json) > maxBytes) {
    throw new TidingsError(
      'VALIDATION_ERROR',
      `\`${path}\` makes the contact larger than ${maxBytes} bytes; keep less in its \`meta\`.`,
      { path },
    );
  }
  return json;
}

/** The search key of a contact: its name in lower case, at most 255 bytes; null when it has none. */
export function searchName(name: string | undefined): string | null {
  const text = name?.normalize('NFC').toLowerCase().replaceAll('\0', '') ?? '';
  if (text === '') return null;
  if (Buffer.byteLength(text) <= maxNameBytes) return text;
  let cut = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxNameBytes) break;
    cut += character;
  }
  return cut;
}

/** A contact as templates, conditions and readers see it. */
export function contactFrom(facts: ContactFacts): Contact {
  const tokens = facts.identifiers.filter((row) => row.kind === 'pushToken').map((row) => row.value);
  return {
    id: facts.row.id,
    ...readContactData(facts.row),
    ...(tokens.length === 0 ? {} : { pushTokens: tokens }),
  };
}

function sorted(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
