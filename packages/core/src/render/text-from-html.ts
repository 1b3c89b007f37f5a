import type { FormatCallback, HtmlToTextOptions } from 'html-to-text';

// The parser takes quadratic time for nesting, and the formatter recurses; no mail comes near this.
const deepestElement = 500;

const opensNothing = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '));

/** An image is its description; its address would be noise. */
const altOnly: FormatCallback = (element, _walk, builder) => {
  const alt = element.attribs?.alt;
  if (alt) builder.addInline(alt);
};

/** Cells of a row stay on one line, but apart. */
const cell: FormatCallback = (element, walk, builder) => {
  walk(element.children, builder);
  builder.addInline(' ');
};

const heading = { format: 'heading', options: { uppercase: false } };
const row = { format: 'block', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } };

const hidden = [
  '[hidden]',
  ...['display:none', 'display: none', 'display :none', 'display : none', 'mso-hide:all', 'mso-hide: all'].map(
    (style) => `[style*="${style}" i]`,
  ),
];

const options: HtmlToTextOptions = {
  wordwrap: false,
  limits: { maxInputLength: undefined, maxDepth: deepestElement + 2, ellipsis: '' },
  formatters: { altOnly, cell },
  selectors: [
    { selector: 'a', options: { linkBrackets: ['<', '>'], hideLinkHrefIfSameAsText: true, noAnchorUrl: true } },
    { selector: 'img', format: 'altOnly' },
    { selector: 'td', format: 'cell' },
    { selector: 'th', format: 'cell' },
    { selector: 'tr', ...row },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, ...heading })),
    // Such as the preview line of a mail, which readers of the text would see twice.
    ...hidden.map((selector) => ({ selector, format: 'skip' })),
  ],
};

let convert: ((html: string) => string) | undefined;

/** Loads what reads HTML; only mails without a text of their own need it. */
export async function loadTextFromHtml(): Promise<void> {
  if (convert) return;
  const { compile } = await import('html-to-text');
  convert = compile(options);
}

function converted(html: string): string {
  if (!convert) throw new Error('loadTextFromHtml was not awaited.');
  return convert(html);
}

function isTooDeep(html: string): boolean {
  let depth = 0;
  let previous = '';
  for (const match of html.matchAll(/<(\/?)([a-z][^\s/>]*)/gi)) {
    const name = (match[2] as string).toLowerCase();
    if (match[1] === '/') depth = Math.max(0, depth - 1);
    // An element like the one just opened mostly closes it, as `<li>` does.
    else if (!opensNothing.has(name) && !(name === previous && /^(?:p|li|t[drh]|d[td]|option)$/.test(name))) depth++;
    if (depth > deepestElement) return true;
    previous = name;
  }
  return false;
}

/** What is left without tags, for HTML that is too deep to be read as such. */
function withoutTags(html: string): string {
  let text = '';
  for (let at = 0; at < html.length; ) {
    const open = html.indexOf('<', at);
    if (open < 0) return text + html.slice(at);
    text += `${html.slice(at, open)} `;
    const close = html.indexOf('>', open);
    if (close < 0) return text;
    at = close + 1;
  }
  return text;
}

/**
 * The text of an HTML mail: links as `words <https://…>`, images as their `alt` text, headings as written, table rows as
 * lines, lines not wrapped, hidden elements such as a preheader left out. {@link loadTextFromHtml} comes first.
 */
export function textFromHtml(html: string): string {
  const text = isTooDeep(html) ? withoutTags(html).replace(/\s+/g, ' ') : converted(html);
  const lines = text.split('\n').map((line) => line.trimEnd());
  return lines.join('\n').trim();
}
