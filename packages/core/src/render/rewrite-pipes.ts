import { TemplateFault } from './template-fault.ts';

/**
 * Name of the internal helper a pipe becomes. It cannot be written as a plain name in a template, and its numbers index
 * {@link RewrittenSource.literals}, so that no literal has to be quoted again.
 */
export const pipeHelper = '\u0001pipe';

/** A block that was opened and not closed. */
export interface OpenBlock {
  readonly name: string;
  readonly line: number;
  levels: number;
}

/** A template after its pipes were rewritten: plain Handlebars with the same line numbers. */
export interface RewrittenSource {
  readonly source: string;
  readonly literals: readonly string[];
  /** Blocks still open at the end; Handlebars reports the error, these say where it began. */
  readonly openBlocks: readonly OpenBlock[];
}

interface Tag {
  readonly start: number;
  readonly bodyStart: number;
  readonly triple: boolean;
}

interface Segment {
  /** Handlebars source of the expression to try, if any. */
  readonly expression: string | undefined;
  /** Text to use when the expression has no value, if any. */
  readonly text: string | undefined;
}

const outsideNames = '!"#%&\'()*+,./;<=>@[\\]^`{|}~';
const keywords = new Set(['true', 'false', 'null', 'undefined', '']);

function isSpace(character: string): boolean {
  return /\s/.test(character);
}

function isNumber(word: string): boolean {
  return word.trim() !== '' && Number.isFinite(Number(word));
}

/** Whether an unquoted fallback could be a variable: names joined by dots, maybe after `@`, `this.` or `../`. */
function isPath(text: string): boolean {
  let rest = text.startsWith('@') ? text.slice(1) : text;
  while (rest.startsWith('../')) rest = rest.slice(3);
  if (rest.startsWith('./')) rest = rest.slice(2);
  if (isNumber(text)) return false;
  for (const name of rest.split('.')) {
    if (keywords.has(name)) return false;
    for (const character of name) if (isSpace(character) || outsideNames.includes(character)) return false;
  }
  return true;
}

class PipeRewriter {
  readonly literals: string[] = [];
  readonly openBlocks: OpenBlock[] = [];
  readonly #source: string;
  readonly #deepest: number;
  #output = '';
  #copied = 0;
  #levels = 0;
  #line = 1;
  #countedTo = 0;

  constructor(source: string, deepest: number) {
    this.#source = source;
    this.#deepest = deepest;
  }

  run(): string {
    const source = this.#source;
    let contentStart = 0;
    let open = source.indexOf('{{');
    while (open >= 0) {
      if (this.#isEscaped(open, contentStart)) contentStart = open + 2;
      else contentStart = this.#tag(open);
      open = source.indexOf('{{', contentStart);
    }
    return this.#output + source.slice(this.#copied);
  }

  /** One backslash makes the braces text; two make one backslash and a tag, as in Handlebars. */
  #isEscaped(open: number, contentStart: number): boolean {
    const source = this.#source;
    if (open <= contentStart || source[open - 1] !== '\\') return false;
    return open - 2 < contentStart || source[open - 2] !== '\\';
  }

  #tag(start: number): number {
    const source = this.#source;
    if (source.startsWith('{{{{', start)) return this.#rawBlock(start);
    let at = start + 2;
    if (source[at] === '~') at++;
    switch (source[at]) {
      case '!':
        return this.#comment(start, at);
      case '#':
      case '^':
      case '/':
      case '>':
      case '*':
        return this.#structure(start, at);
      case '{':
        return this.#value({ start, bodyStart: at + 1, triple: true });
      case '&':
        return this.#value({ start, bodyStart: at + 1, triple: false });
      default:
        return this.#isElse(at) ? this.#structure(start, at) : this.#value({ start, bodyStart: at, triple: false });
    }
  }

  #isElse(at: number): boolean {
    const word = this.#skipSpaces(at);
    return this.#source.startsWith('else', word) && !/\w/.test(this.#source[word + 4] ?? '');
  }

  #comment(start: number, at: number): number {
    const source = this.#source;
    if (!source.startsWith('!--', at)) {
      const end = source.indexOf('}}', at);
      return end < 0 ? this.#unclosed(start, 'comment') : end + 2;
    }
    let end = source.indexOf('--', at + 1);
    while (end >= 0) {
      if (source.startsWith('}}', end + 2) || source.startsWith('~}}', end + 2)) return this.#shortComment(at, end);
      end = source.indexOf('--', end + 1);
    }
    return this.#unclosed(start, 'comment');
  }

  /** Handlebars takes quadratic time for the long form of comments; the short form with the same lines means the same. */
  #shortComment(from: number, to: number): number {
    const source = this.#source;
    const close = to + 2;
    const lines = '\n'.repeat(source.slice(from, to).split('\n').length - 1);
    this.#output += `${source.slice(this.#copied, from)}!${lines}`;
    this.#copied = close;
    return close + (source[close] === '~' ? 3 : 2);
  }

  #rawBlock(start: number): number {
    const source = this.#source;
    let at = source.indexOf('}}}}', start);
    if (at < 0) return this.#unclosed(start, 'raw block');
    at += 4;
    for (let depth = 1; depth > 0; ) {
      at = source.indexOf('{{{{', at);
      if (at < 0) return this.#unclosed(start, 'raw block');
      depth += source[at + 4] === '/' ? -1 : 1;
      at += 4;
    }
    const end = source.indexOf('}}}}', at);
    return end < 0 ? this.#unclosed(start, 'raw block') : end + 4;
  }

  /** A tag that is not written out: a block's start or end, `else`, a partial. Pipes in it only name block parameters. */
  #structure(start: number, sigil: number): number {
    const source = this.#source;
    let sawPipe = -1;
    let pipes = 0;
    const end = this.#scan({ start, bodyStart: sigil + 1, triple: false }, sigil + 1, (at) => {
      if (pipes++ === 0) sawPipe = at;
      return at + 1;
    });
    const inside = source.slice(sigil, end);
    if (sawPipe >= 0 && !(pipes === 2 && /\sas\s+$/.test(source.slice(sigil, sawPipe)))) {
      throw new TemplateFault(
        this.#lineAt(sawPipe),
        'the fallback pipe only works where a value is written, as in {{name | "Guest"}}; here use (default name "Guest")',
      );
    }
    this.#track(source[sigil] as string, inside, start);
    return source[end] === '~' ? end + 3 : end + 2;
  }

  #track(sigil: string, inside: string, start: number): void {
    const name = /^[#^/]?[>*]?\s*([^\s~]*)/.exec(inside)?.[1] ?? '';
    if (sigil === '#' || (sigil === '^' && name !== '')) {
      this.openBlocks.push({ name, line: this.#lineAt(start), levels: 1 });
      this.#nest(1, start);
    } else if (sigil === '/') {
      const closed = this.openBlocks.pop();
      if (closed !== undefined) this.#levels -= closed.levels;
    } else if (sigil !== '>' && sigil !== '*' && /^\s*else\s+[^\s~]/.test(inside)) {
      const block = this.openBlocks.at(-1);
      if (block === undefined) return;
      block.levels++;
      this.#nest(1, start);
    }
  }

  #nest(levels: number, at: number): void {
    this.#levels += levels;
    if (this.#levels > this.#deepest) this.#tooDeep(at);
  }

  #tooDeep(at: number): never {
    throw new TemplateFault(
      this.#lineAt(at),
      `blocks or parentheses are nested more than ${this.#deepest} deep; split the template or raise limits.depth`,
      'TEMPLATE_LIMIT',
      { limit: 'depth', allowed: this.#deepest },
    );
  }

  /** A tag that writes a value: copies it, or rewrites `left | fallback | …` to a call of the internal helper. */
  #value(tag: Tag): number {
    const source = this.#source;
    const segments: Segment[] = [];
    let firstPipe = -1;
    const end = this.#scan(tag, tag.bodyStart, (at) => {
      if (firstPipe < 0) firstPipe = at;
      const read = this.#segment(tag, at);
      segments.push(read.segment);
      return read.end;
    });
    const close = tag.triple ? (source[end + 1] === '~' ? 4 : 3) : source[end] === '~' ? 3 : 2;
    if (firstPipe < 0) return end + close;
    const left = source.slice(tag.bodyStart, firstPipe).trim();
    if (left === '') throw new TemplateFault(this.#lineAt(firstPipe), 'nothing stands before the fallback pipe');
    const call = this.#call(this.#isOneTerm(left) ? left : `(${left})`, segments);
    const lines = source.slice(tag.bodyStart, end).split('\n').length - call.split('\n').length;
    this.#output += `${source.slice(this.#copied, tag.bodyStart)}${call}${'\n'.repeat(lines)}`;
    this.#copied = end;
    return end + close;
  }

  #call(left: string, segments: readonly Segment[]): string {
    let call = `[${pipeHelper}] ${left}`;
    segments.forEach((segment, index) => {
      if (segment.expression !== undefined) call += ` ${segment.expression}`;
      // The text of a name in the middle of a chain would hide everything after it.
      const last = index === segments.length - 1;
      if (segment.text === undefined || (segment.expression !== undefined && !last)) return;
      call += ` ${this.literals.length}`;
      this.literals.push(segment.text);
    });
    return call;
  }

  #isOneTerm(left: string): boolean {
    let depth = 0;
    for (let at = 0; at < left.length; at++) {
      const character = left[at] as string;
      if (character === '"' || character === "'" || character === '[') at = this.#closing(left, at);
      else if (character === '(') depth++;
      else if (character === ')') depth--;
      else if (depth === 0 && isSpace(character)) return false;
    }
    return true;
  }

  #segment(tag: Tag, pipe: number): { readonly segment: Segment; readonly end: number } {
    const source = this.#source;
    const from = this.#skipSpaces(pipe + 1);
    const first = source[from];
    if (first === '"' || first === "'") {
      const last = this.#closing(source, from);
      if (last >= source.length) this.#unclosed(tag.start, 'quote in a tag');
      const end = this.#skipSpaces(last + 1);
      if (source[end] !== '|' && !this.#closes(tag, end)) {
        throw new TemplateFault(
          this.#lineAt(end),
          'after a quoted fallback only another | or the end of the tag may follow',
        );
      }
      const text = source.slice(from + 1, last).replaceAll(`\\${first}`, first);
      return { segment: { expression: undefined, text }, end };
    }
    if (first === '(') {
      const end = this.#scan(tag, from, (at) => -at);
      const expression = source.slice(from, end).trim();
      if (!this.#isOneTerm(expression)) {
        throw new TemplateFault(
          this.#lineAt(from),
          'after a fallback in parentheses only another | or the end may follow',
        );
      }
      return { segment: { expression, text: undefined }, end };
    }
    let end = from;
    while (end < source.length && source[end] !== '|' && !this.#closes(tag, end)) end++;
    if (end >= source.length) this.#unclosed(tag.start, 'tag');
    const text = source.slice(from, end).trim();
    if (text === '') throw new TemplateFault(this.#lineAt(pipe), 'nothing stands after the fallback pipe');
    return { segment: { expression: isPath(text) ? text : undefined, text }, end };
  }

  /**
   * Walks over the tokens of a tag to its end and gives the index of its closing braces. `onPipe` gets each pipe outside
   * parentheses and says where to go on; a negative answer stops there.
   */
  #scan(tag: Tag, from: number, onPipe: (at: number) => number): number {
    const source = this.#source;
    let depth = 0;
    for (let at = from; at < source.length; ) {
      const character = source[at] as string;
      if (character === '"' || character === "'" || character === '[') {
        const last = this.#closing(source, at);
        if (last >= source.length) this.#unclosed(tag.start, character === '[' ? '[ in a tag' : 'quote in a tag');
        at = last + 1;
      } else if (character === '|') {
        if (depth > 0) {
          throw new TemplateFault(
            this.#lineAt(at),
            'a fallback pipe cannot stand in parentheses; use (default name "Guest")',
          );
        }
        const next = onPipe(at);
        if (next < 0) return -next;
        at = next;
      } else if (this.#closes(tag, at)) {
        return at;
      } else {
        if (character === '(' && ++depth > this.#deepest) this.#tooDeep(at);
        if (character === ')') depth--;
        at++;
      }
    }
    return this.#unclosed(tag.start, 'tag');
  }

  #closes(tag: Tag, at: number): boolean {
    const source = this.#source;
    if (tag.triple) return source.startsWith('}}}', at) || source.startsWith('}~}}', at);
    return source.startsWith('}}', at) || source.startsWith('~}}', at);
  }

  /** Index of the character that ends the string or `[…]` at `at`; the length of the text when none does. */
  #closing(text: string, at: number): number {
    const closer = text[at] === '[' ? ']' : text[at];
    for (let end = at + 1; end < text.length; end++) {
      if (text[end] === '\\' && text[end + 1] === closer) end++;
      else if (text[end] === closer) return end;
    }
    return text.length;
  }

  #skipSpaces(at: number): number {
    while (at < this.#source.length && isSpace(this.#source[at] as string)) at++;
    return at;
  }

  #unclosed(start: number, what: string): never {
    throw new TemplateFault(this.#lineAt(start), `the ${what} that starts here is never closed`);
  }

  // Called with rising positions, except by an error, which then counts from the start.
  #lineAt(position: number): number {
    if (position < this.#countedTo) {
      this.#line = 1;
      this.#countedTo = 0;
    }
    for (let at = this.#countedTo; at < position; at++) {
      const code = this.#source.charCodeAt(at);
      if (code === 10 || (code === 13 && this.#source.charCodeAt(at + 1) !== 10)) this.#line++;
    }
    this.#countedTo = position;
    return this.#line;
  }
}

/**
 * Rewrites the fallback pipe `{{x | Guest}}` to plain Handlebars, token by token. Everything else, including pipes in
 * strings, comments, raw blocks, escaped tags and block parameters, stays as it is, and so do the line numbers.
 *
 * @throws TemplateFault for a pipe in a wrong place, a tag that is not closed, or too deep a nesting.
 */
export function rewritePipes(source: string, deepest: number): RewrittenSource {
  const rewriter = new PipeRewriter(source, deepest);
  const rewritten = rewriter.run();
  return { source: rewritten, literals: rewriter.literals, openBlocks: rewriter.openBlocks };
}
