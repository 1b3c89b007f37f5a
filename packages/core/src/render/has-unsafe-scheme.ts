const unsafe = new Set(['javascript', 'vbscript', 'data']);
const harmless = new Set(['http', 'https', 'mailto', 'tel', 'sms', 'ftp']);

// Browsers drop some of these from a URL; the others are dropped here to be safe against all of them.
const ignored = /[\u0000-\u0020\u007f-\u00a0\u00ad\u200b-\u200f\u2028\u2029\u2060\ufeff]+/g;

const named: Readonly<Record<string, string>> = {
  colon: ':',
  tab: '\t',
  newline: '\n',
  sol: '/',
  num: '#',
  quest: '?',
};

function decodeEntity(entity: string, decimal?: string, hexadecimal?: string, name?: string): string {
  if (name !== undefined) return named[name.toLowerCase()] ?? entity;
  const code = decimal === undefined ? Number.parseInt(hexadecimal as string, 16) : Number.parseInt(decimal, 10);
  return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
}

function schemeOf(url: string): string | undefined {
  const end = url.search(/[:/?#&]/);
  if (end < 0) return undefined;
  if (url[end] === '&') {
    const decoded = url.replace(/&(?:#([0-9]+)|#x([0-9a-f]+)|([a-z]+));?/gi, decodeEntity);
    const plainEnd = decoded.search(/[:/?#]/);
    return plainEnd >= 0 && decoded[plainEnd] === ':' ? decoded.slice(0, plainEnd) : undefined;
  }
  return url[end] === ':' ? url.slice(0, end) : undefined;
}

/**
 * Whether the text of a URL attribute starts with a scheme that runs code or embeds a document. Where part of the URL was
 * written before (`continued`), any scheme but a well-known one counts, since only its end may be seen here.
 */
export function hasUnsafeScheme(url: string, continued: boolean): boolean {
  const scheme = schemeOf(url)?.replace(ignored, '').toLowerCase();
  if (scheme === undefined) return false;
  return continued ? !harmless.has(scheme) : unsafe.has(scheme);
}
