const longest = 2000;
const longestId = 512;

/** Text of a provider or a template as any database takes it: no NUL, no half characters, at most 2,000 characters. */
export function storableText(text: string): string {
  const whole = wellFormed(text.replaceAll('\0', ''));
  return whole.length <= longest ? whole : `${wellFormed(whole.slice(0, longest))}…`;
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** A provider's id, at most 512 bytes; a longer one cannot be looked up and is not kept. */
export function storableId(id: string | null): string | null {
  if (id === null || id === '') return null;
  const whole = storableText(id);
  return Buffer.byteLength(whole) <= longestId ? whole : null;
}

/** A timeline entry whose texts are {@link storableText}. */
export function storableEntry<Entry extends object>(entry: Entry): Entry {
  const texts = Object.entries(entry).map(([key, value]) => [
    key,
    typeof value === 'string' ? storableText(value) : value,
  ]);
  return Object.fromEntries(texts) as Entry;
}
