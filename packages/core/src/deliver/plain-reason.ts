import { wordsOf } from '../toolkit/words-of.ts';

const longest = 1000;

/**
 * Words of a provider or of the host's code, fit to be kept and shown: well-formed, without control characters, cut to
 * 1,000 characters, and without the recipient's address, which must not outlive an erasure.
 */
export function plainReason(words: unknown, address: string | null): string {
  const text = (typeof words === 'string' ? words : wordsOf(words ?? '')).slice(0, 10 * longest);
  const wellFormed = (text as string & { toWellFormed(): string }).toWellFormed();
  const plain = wellFormed.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, ' ');
  const hidden = address === null || address.length < 3 ? plain : hide(plain, address);
  const shown = hidden.length > longest ? `${[...hidden.slice(0, longest)].slice(0, -1).join('')}…` : hidden;
  return shown.trim() === '' ? 'no reason was given' : shown;
}

function hide(text: string, address: string): string {
  // What has no case must be there as it is; looking for that costs little, and most texts do not have it.
  const caseless = /[\d@.+_-]/.exec(address)?.[0];
  if (caseless !== undefined && !text.includes(caseless)) return text;
  const escaped = address.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return text.replace(new RegExp(escaped, 'giu'), '<address>');
}
