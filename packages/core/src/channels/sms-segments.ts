/** How a text travels as SMS. */
export interface SmsSegments {
  /** GSM 7-bit where every character allows it, otherwise 16-bit. */
  readonly encoding: 'GSM-7' | 'UCS-2';
  /** Septets (GSM-7; those of the extension table count two) or 16-bit units (UCS-2). */
  readonly units: number;
  /** Messages the text is cut into and billed as; an empty text is one. */
  readonly segments: number;
}

// 3GPP TS 23.038: the default alphabet, and what its extension table adds at the price of two septets.
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const extension = new Set('\f^{}\\[~]|€');

/**
 * Counts the segments of a text. A single message holds 160 septets or 70 units; a part of a longer one holds 153 or 67,
 * and neither an extended character nor a surrogate pair is torn apart.
 */
export function smsSegments(text: string): SmsSegments {
  const widths: number[] = [];
  for (const character of text) {
    const width = basic.has(character) ? 1 : extension.has(character) ? 2 : 0;
    if (width === 0) return count('UCS-2', unitsOf(text), 70, 67);
    widths.push(width);
  }
  return count('GSM-7', widths, 160, 153);
}

function unitsOf(text: string): number[] {
  return Array.from(text, (character) => character.length);
}

function count(encoding: SmsSegments['encoding'], widths: readonly number[], alone: number, part: number): SmsSegments {
  const units = widths.reduce((sum, width) => sum + width, 0);
  if (units <= alone) return { encoding, units, segments: 1 };
  let segments = 1;
  let filled = 0;
  for (const width of widths) {
    if (filled + width > part) {
      segments += 1;
      filled = 0;
    }
    filled += width;
  }
  return { encoding, units, segments };
}
