import { reservedRoots } from './build-root.ts';
import { helperCatalog } from './helper-catalog.ts';
import type { HelperForm } from './helper-definition.ts';
import { pipeHelper } from './rewrite-pipes.ts';
import type {
  BlockNode,
  CallNode,
  ExpressionNode,
  HashNode,
  LiteralNode,
  Location,
  MustacheNode,
  PartialNode,
  PathNode,
  ProgramNode,
  StatementNode,
} from './syntax-tree.ts';
import { callOf, helperPath, textLiteral } from './syntax-tree.ts';
import type { TemplateDialect } from './template-dialect.ts';
import { internalHelpers } from './template-dialect.ts';
import { TemplateFault } from './template-fault.ts';

/** What a template was found to use. */
export interface TemplateUse {
  /** Partials named in the source. */
  readonly partials: ReadonlySet<string>;
  /** Whether it writes `{{{body}}}`. */
  readonly body: boolean;
}

interface Called {
  params: ExpressionNode[];
  hash?: HashNode | undefined;
  loc: Location;
}

function fault(loc: Location, problem: string): TemplateFault {
  return new TemplateFault(loc.start.line, problem);
}

function isPath(node: PathNode | LiteralNode | CallNode): node is PathNode {
  return node.type === 'PathExpression';
}

/** A single name, as helpers have. */
function simpleName(path: PathNode | LiteralNode): string | undefined {
  if (!isPath(path) || path.data || path.depth > 0 || path.parts.length !== 1) return undefined;
  return /^\.|^this\b/.test(path.original) ? undefined : path.parts[0];
}

class TreeRewriter {
  readonly partials: Set<string> = new Set();
  body = false;
  readonly #dialect: TemplateDialect;
  readonly #literals: readonly string[];
  readonly #blockParams: string[][] = [];

  constructor(dialect: TemplateDialect, literals: readonly string[]) {
    this.#dialect = dialect;
    this.#literals = literals;
  }

  program(program: ProgramNode | null | undefined): void {
    if (!program) return;
    this.#blockParams.push(program.blockParams ?? []);
    for (const statement of program.body) this.#statement(statement);
    this.#blockParams.pop();
  }

  #statement(statement: StatementNode): void {
    switch (statement.type) {
      case 'MustacheStatement':
        this.#mustache(statement);
        break;
      case 'BlockStatement':
        this.#block(statement);
        break;
      case 'PartialStatement':
      case 'PartialBlockStatement':
        this.#partial(statement);
        break;
      case 'Decorator':
      case 'DecoratorBlock':
        throw fault(
          statement.loc,
          'decorators and inline partials ({{#*inline}}) are not supported; register the text under `partials`',
        );
      default:
    }
  }

  #mustache(mustache: MustacheNode): void {
    const { path, loc } = mustache;
    const name = simpleName(path);
    if (mustache.params.length > 0 || mustache.hash || (name !== undefined && this.#isHost(name))) {
      this.#call(mustache, path, false);
      if (name === 'lookup' && this.#dialect.strict) {
        const call: CallNode = { type: 'SubExpression', path: path as PathNode, params: mustache.params, loc };
        this.#become(mustache, internalHelpers.required, [call, textLiteral('the result of lookup', loc)]);
      }
      return;
    }
    const variable = this.#asPath(path);
    if (this.#dialect.layout && name === 'body') {
      this.body = true;
      mustache.escaped = false;
    }
    const label = variable.original;
    this.#variable(variable);
    if (this.#dialect.strict) this.#become(mustache, internalHelpers.required, [variable, textLiteral(label, loc)]);
    else mustache.path = this.#neverHelper(variable);
  }

  #block(block: BlockNode): void {
    const name = simpleName(block.path);
    if (block.params.length > 0 || block.hash || (name !== undefined && (this.#isHost(name) || this.#isBlock(name)))) {
      this.#call(block, block.path, false, block);
    } else {
      const variable = this.#asPath(block.path);
      this.#variable(variable);
      this.#become(block, internalHelpers.section, [variable]);
    }
    this.program(block.program);
    this.program(block.inverse);
  }

  /** A block parameter hides a helper of the same name. */
  #isHost(name: string): boolean {
    return this.#dialect.hostHelpers.has(name) && !this.#isBlockParam(name);
  }

  #isBlock(name: string): boolean {
    return this.#formOf(name)?.block === 'only' && !this.#isBlockParam(name);
  }

  #isBlockParam(name: string): boolean {
    return this.#blockParams.some((names) => names.includes(name));
  }

  #formOf(name: string): HelperForm | undefined {
    return Object.hasOwn(helperCatalog, name) ? helperCatalog[name] : undefined;
  }

  #become(node: MustacheNode | BlockNode, helper: string, params: ExpressionNode[]): void {
    node.path = helperPath(helper, node.loc);
    node.params = params;
    node.hash = undefined;
  }

  #asPath(path: PathNode | LiteralNode): PathNode {
    if (isPath(path)) return path;
    throw fault(path.loc, `{{${String(path.original)}}} is not a variable or helper; write the text itself`);
  }

  /** Keeps the compiler from taking a variable for the helper of the same name. */
  #neverHelper(path: PathNode): PathNode {
    if (path.depth === 0 && !path.data && !this.#isBlockParam(path.parts[0] ?? ''))
      path.original = `./${path.original}`;
    return path;
  }

  #variable(path: PathNode): void {
    const first = path.parts[0];
    if (first === undefined || path.data || path.depth > 0 || !reservedRoots.has(first)) return;
    if (/^\.|^this\b/.test(path.original) || this.#isBlockParam(first)) return;
    path.data = true;
    path.parts = ['root', ...path.parts];
    path.original = `@root.${path.original}`;
  }

  #call(called: Called, path: PathNode | LiteralNode, forgiven: boolean, block?: BlockNode): void {
    const name = simpleName(path);
    if (name === pipeHelper) {
      this.#pipe(called);
      return;
    }
    const form = name === undefined ? undefined : this.#formOf(name);
    const isHost = name !== undefined && this.#dialect.hostHelpers.has(name);
    if (form === undefined && !isHost) {
      const written = isPath(path) ? path.original : String(path.original);
      throw fault(
        path.loc,
        `unknown helper "${written}"; correct the name or register it under \`helpers\`. Known: ${this.#known()}`,
      );
    }
    if (form !== undefined && !isHost) this.#checkForm(name as string, form, called, block !== undefined);
    const tolerant = form?.tolerant === 'with-else' ? Boolean(block?.inverse) : form?.tolerant === true;
    this.#expressions(called, !forgiven && (isHost || !tolerant));
  }

  #known(): string {
    return [...Object.keys(helperCatalog), ...this.#dialect.hostHelpers].sort().join(' ');
  }

  #checkForm(name: string, form: HelperForm, called: Called, isBlock: boolean): void {
    const [least, most] = form.arguments;
    if (isBlock && form.block === undefined) {
      throw fault(called.loc, `the helper "${name}" is not a block; write ${form.usage}`);
    }
    if (!isBlock && form.block === 'only') {
      throw fault(called.loc, `the helper "${name}" is a block; write ${form.usage}`);
    }
    const count = called.params.length;
    if (count >= least && count <= most) return;
    const wanted = least === most ? `${least}` : `${least} to ${most}`;
    throw fault(called.loc, `the helper "${name}" takes ${wanted} arguments, not ${count}; write ${form.usage}`);
  }

  #pipe(called: Called): void {
    called.params = called.params.map((param, index) => {
      if (index === 0 || param.type !== 'NumberLiteral') return this.#expression(this.#argument(param), false);
      const text = this.#literals[param.value as number];
      if (text === undefined) throw fault(param.loc, 'a fallback is written with a pipe, as in {{name | "Guest"}}');
      return textLiteral(text, param.loc);
    });
  }

  /** `{{year | "2024"}}` calls the host's helper, as `{{year}}` does. */
  #argument(param: ExpressionNode): ExpressionNode {
    const name = isPath(param as PathNode) ? simpleName(param as PathNode) : undefined;
    return name !== undefined && this.#isHost(name) ? callOf(name, [], param.loc) : param;
  }

  #expressions(called: Called, required: boolean): void {
    called.params = called.params.map((param) => this.#expression(param, required));
    for (const pair of called.hash?.pairs ?? []) {
      if (pair.key === '__proto__') throw fault(pair.loc, '__proto__ cannot be used in a template');
      pair.value = this.#expression(pair.value, required);
    }
  }

  #expression(node: ExpressionNode, required: boolean): ExpressionNode {
    if (node.type === 'SubExpression') {
      // What is inside a forgiving helper is forgiven too: `{{upper name | "Guest"}}`.
      this.#call(node, node.path, !required);
      const isLookup = simpleName(node.path) === 'lookup';
      return isLookup ? this.#require(node, 'the result of lookup', required) : node;
    }
    if (node.type !== 'PathExpression') return node;
    const label = node.original;
    this.#variable(node);
    return this.#require(node, label, required);
  }

  #require(node: ExpressionNode, label: string, required: boolean): ExpressionNode {
    if (!required || !this.#dialect.strict) return node;
    return callOf(internalHelpers.required, [node, textLiteral(label, node.loc)], node.loc);
  }

  #partial(partial: PartialNode | BlockNode): void {
    const { name } = partial;
    if (partial.params.length > 1) {
      throw fault(partial.loc, 'a partial takes one context at most; pass more as {{> name key=value}}');
    }
    if (name?.type === 'SubExpression') {
      this.#call(name, name.path, false);
    } else {
      const written = String(name?.original);
      const hasBody = partial.type === 'PartialBlockStatement';
      if (this.#dialect.partials.has(written)) this.partials.add(written);
      else if (written !== '@partial-block' && !hasBody) {
        const known = [...this.#dialect.partials].sort().join(' ') || 'none';
        throw fault(partial.loc, `unknown partial "${written}"; register it under \`partials\`. Known: ${known}`);
      }
    }
    this.#expressions(partial, false);
    if (partial.type === 'PartialBlockStatement') this.program(partial.program);
  }
}

/**
 * Turns a parsed template into one that only uses what the runtime provides, and finds what it gets wrong: unknown helpers
 * and partials, wrong numbers of arguments.
 *
 * - a name with arguments is a helper, a bare name is a variable, unless the host has a helper of that name;
 * - the reserved roots become `@root.…`, so they resolve at any depth;
 * - `{{#name}}` becomes the internal section block;
 * - in strict rendering variables go through the internal helper that insists on a value.
 *
 * @throws TemplateFault
 */
export function rewriteTree(program: ProgramNode, dialect: TemplateDialect, literals: readonly string[]): TemplateUse {
  const rewriter = new TreeRewriter(dialect, literals);
  rewriter.program(program);
  return { partials: rewriter.partials, body: rewriter.body };
}
