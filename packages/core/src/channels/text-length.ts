import type { ContentProblem } from '../spec/index.ts';

/** What a limit counts: characters (code points), UTF-16 units (an emoji is two), or bytes of UTF-8. */
export type LengthUnit = 'characters' | 'units' | 'bytes';

const says: Readonly<Record<LengthUnit, string>> = {
  characters: 'characters',
  units: 'UTF-16 units',
  bytes: 'bytes',
};

/** The length of a text in a unit. */
export function textLength(text: string, unit: LengthUnit): number {
  if (unit === 'units') return text.length;
  if (unit === 'bytes') return Buffer.byteLength(text);
  let pairs = 0;
  for (let at = 0; at < text.length; at += 1) {
    if ((text.codePointAt(at) ?? 0) > 0xffff) {
      pairs += 1;
      at += 1;
    }
  }
  return text.length - pairs;
}

/** The problem with a text that is too long; undefined when it fits. */
export function tooLong(field: string, text: string, limit: number, unit: LengthUnit): ContentProblem | undefined {
  // No unit makes a text longer than three bytes for each of its UTF-16 units.
  if (text.length * 3 <= limit) return undefined;
  const length = textLength(text, unit);
  if (length <= limit) return undefined;
  return { field, message: `\`${field}\` has ${length} ${says[unit]}, ${limit} are allowed` };
}
