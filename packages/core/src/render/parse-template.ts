import Handlebars from 'handlebars';
import { guardUrls } from './guard-urls.ts';
import type { OpenBlock } from './rewrite-pipes.ts';
import { rewritePipes } from './rewrite-pipes.ts';
import type { TemplateUse } from './rewrite-tree.ts';
import { rewriteTree } from './rewrite-tree.ts';
import type { ProgramNode } from './syntax-tree.ts';
import type { TemplateDialect } from './template-dialect.ts';
import type { Blame } from './template-error.ts';
import { templateError } from './template-error.ts';
import { TemplateFault } from './template-fault.ts';

/** A template that was parsed, checked and rewritten. */
export interface ParsedTemplate {
  readonly program: ProgramNode;
  readonly uses: TemplateUse;
}

const environment = Handlebars.create();

/** Says in words what Handlebars says in the names of its tokens. */
function explain(error: unknown, openBlocks: readonly OpenBlock[]): TemplateFault {
  if (error instanceof RangeError) return new TemplateFault(undefined, 'it is nested too deep to be compiled');
  const { message, lineNumber } = error as { message: string; lineNumber?: number };
  const atEnd = message.includes("got 'EOF'");
  const open = openBlocks.at(-1);
  if (atEnd && open !== undefined) {
    return new TemplateFault(
      open.line,
      `the block {{#${open.name}}} that starts here is never closed; add {{/${open.name}}}`,
    );
  }
  const mismatch = /^(\S+) doesn't match (\S+)/.exec(message);
  if (mismatch !== null) {
    const [, opened, closed] = mismatch;
    return new TemplateFault(lineNumber, `the block {{#${opened}}} is closed by {{/${closed}}}; blocks must nest`);
  }
  const line = lineNumber ?? Number(/on line (\d+)/.exec(message)?.[1] ?? Number.NaN);
  // The message has the place as a line of source, a line that points at it, and a list of token names.
  const [, excerpt = '', , expectation = ''] = message.split('\n');
  const got = /got '(\w+)'/.exec(expectation)?.[1] ?? '';
  const said: Readonly<Record<string, string>> = {
    OPEN_ENDBLOCK: 'a block is closed here that is not open',
    OPEN_INVERSE_CHAIN: 'an {{else}} stands outside a block',
    INVERSE: 'an {{else}} stands outside a block',
    CLOSE: 'the tag ends too early',
    CLOSE_UNESCAPED: 'there is a closing brace too many',
    EOF: 'the template ends too early',
  };
  const problem = said[got] ?? (excerpt === '' ? message.split('\n')[0] : 'this is not valid Handlebars');
  const near = excerpt === '' ? '' : `, near "${excerpt}"`;
  return new TemplateFault(Number.isNaN(line) ? undefined : line, `${problem}${near}`);
}

function parse(source: string, openBlocks: readonly OpenBlock[]): ProgramNode {
  try {
    return environment.parse(source) as unknown as ProgramNode;
  } catch (error) {
    throw explain(error, openBlocks);
  }
}

/**
 * Parses and checks one template, partial or layout.
 *
 * @throws TEMPLATE_INVALID for anything but a text that can be rendered; TEMPLATE_LIMIT for one that is nested too deep.
 */
export function parseTemplate(source: unknown, dialect: TemplateDialect, blame: Blame): ParsedTemplate {
  // Handlebars would take an object for a syntax tree and turn it into code.
  if (typeof source !== 'string') throw templateError('TEMPLATE_INVALID', blame, 'a template must be a text.');
  try {
    const { source: rewritten, literals, openBlocks } = rewritePipes(source, dialect.deepest);
    const program = parse(rewritten, openBlocks);
    const uses = rewriteTree(program, dialect, literals);
    if (dialect.html) guardUrls(program);
    return { program, uses };
  } catch (error) {
    if (error instanceof TemplateFault) {
      const { code, message, line, details } = error;
      throw templateError(code, blame, `${message}.`, { line, details });
    }
    throw templateError('TEMPLATE_INVALID', blame, 'it cannot be compiled.', { cause: error });
  }
}
