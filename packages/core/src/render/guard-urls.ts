import { HtmlCursor } from './html-cursor.ts';
import type { BlockNode, ContentNode, LiteralNode, ProgramNode, StatementNode } from './syntax-tree.ts';
import { blockOf } from './syntax-tree.ts';

/** Name of the internal block helper around the value of a URL attribute. */
export const urlHelper = '\u0001url';

const settled = /[:/?#]/;

class Guard {
  readonly #output: StatementNode[] = [];
  #span: StatementNode[] | undefined;
  #continued = false;
  /** The value a body starts in is already in a block around it. */
  #covered: boolean;

  constructor(covered: boolean) {
    this.#covered = covered;
  }

  guard(program: ProgramNode, cursor: HtmlCursor): HtmlCursor {
    let at = cursor;
    for (const statement of program.body) {
      if (statement.type === 'ContentStatement') this.#content(statement, at);
      else if (statement.type === 'CommentStatement') this.#add(statement);
      else at = this.#dynamic(statement, at);
    }
    this.#end();
    program.body = this.#output;
    return at;
  }

  #content(statement: ContentNode, cursor: HtmlCursor): void {
    const { value } = statement;
    let from = 0;
    const flush = (to: number): void => {
      if (to > from) this.#add({ ...statement, value: value.slice(from, to) });
      from = to;
    };
    for (let at = 0; at < value.length; at++) {
      const was = cursor.inUrl;
      const character = value[at] as string;
      cursor.feed(character);
      if (!was && cursor.inUrl) {
        flush(character === '"' || character === "'" ? at + 1 : at);
        this.#begin(false);
      } else if (was && !cursor.inUrl) {
        flush(at);
        this.#end();
      }
    }
    flush(value.length);
  }

  #dynamic(statement: StatementNode, cursor: HtmlCursor): HtmlCursor {
    const was = cursor.inUrl;
    if (statement.type === 'BlockStatement' || statement.type === 'PartialBlockStatement') {
      const after = this.#branches(statement, cursor);
      this.#add(statement);
      if (!after.inUrl) this.#end();
      else if (!was) this.#begin(true);
      return after;
    }
    cursor.dynamic();
    if (!was && cursor.inUrl) this.#begin(false);
    this.#add(statement);
    return cursor;
  }

  #branches(block: BlockNode, cursor: HtmlCursor): HtmlCursor {
    const covered = this.#covered || this.#span !== undefined;
    const ends: HtmlCursor[] = [];
    for (const branch of [block.program, block.inverse]) {
      if (branch) ends.push(new Guard(covered).guard(branch, cursor.clone()));
      else if (block.type === 'BlockStatement') ends.push(cursor);
    }
    return ends.find((end) => end.inUrl) ?? ends[0] ?? cursor;
  }

  #add(statement: StatementNode): void {
    (this.#span ?? this.#output).push(statement);
  }

  #begin(continued: boolean): void {
    if (this.#covered) return;
    this.#span = [];
    this.#continued = continued;
  }

  #end(): void {
    this.#covered = false;
    const span = this.#span;
    if (span === undefined) return;
    this.#span = undefined;
    const firstDynamic = span.findIndex((one) => one.type !== 'ContentStatement' && one.type !== 'CommentStatement');
    const literal = span
      .slice(0, Math.max(firstDynamic, 0))
      .map((one) => (one.type === 'ContentStatement' ? one.value : ''));
    if (firstDynamic < 0 || settled.test(literal.join(''))) {
      this.#output.push(...span);
      return;
    }
    const { loc } = span[firstDynamic] as StatementNode;
    const continued: LiteralNode = { type: 'BooleanLiteral', value: this.#continued, original: this.#continued, loc };
    this.#output.push(blockOf(urlHelper, [continued], span));
  }
}

/**
 * Puts the value of every URL attribute that starts with something dynamic into the internal block helper, which looks at
 * what was written and replaces it by `#` when its scheme is unsafe. A value with a literal start that settles the scheme,
 * such as `https://`, is left alone.
 */
export function guardUrls(program: ProgramNode): void {
  new Guard(false).guard(program, new HtmlCursor());
}
