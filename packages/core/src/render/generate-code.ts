import Handlebars from 'handlebars';
import { TidingsError } from '../spec/errors.ts';
import type { ProgramNode } from './syntax-tree.ts';

/** A compiled block body; its parameters are those Handlebars' compiler writes. */
export type CompiledBody = (
  container: object,
  context: unknown,
  helpers: object,
  partials: object,
  data: object,
  blockParams?: readonly unknown[],
  depths?: readonly unknown[],
) => string;

/** What Handlebars' compiler makes of a template. */
export interface CompiledCode {
  readonly main: CompiledBody;
  readonly compiler: readonly [revision: number, versions: string];
  readonly useBlockParams?: boolean;
  readonly useDepths?: boolean;
  readonly [index: number]: CompiledBody;
}

interface OpcodeCompiler {
  compile(program: ProgramNode, options: object): object;
}

interface OpcodeCompilerThis {
  SubExpression(node: unknown): void;
  opcode(name: string): void;
}

interface ScriptCompiler {
  compile(environment: object, options: object, context: undefined, asObject: true): CompiledCode;
}

interface ScriptCompilerThis {
  lookupPropertyFunctionIsUsed: boolean;
  quotedString(text: string): string;
  popStack(): unknown;
  pushSource(source: unknown): void;
  appendToBuffer(source: unknown): unknown;
}

// The compiled form that `LinkedTemplate` runs; it has had this revision since Handlebars 4.3.
const revision = 8;

const { Compiler, JavaScriptCompiler } = Handlebars.create() as unknown as {
  Compiler: new () => OpcodeCompiler;
  JavaScriptCompiler: new () => ScriptCompiler;
};

/** Tells `{{{x}}}` from the result of a block, which Handlebars writes in the same way. */
const opcodes = {
  MustacheStatement(this: OpcodeCompilerThis, mustache: { readonly escaped: boolean }): void {
    this.SubExpression(mustache);
    this.opcode(mustache.escaped ? 'appendEscaped' : 'appendRaw');
  },
};

const script = {
  /** Every helper is known when a template is compiled, and partials are found by name, so only data is looked up. */
  nameLookup(this: ScriptCompilerThis, parent: unknown, name: string, type: string): unknown {
    if (type === 'helper') return [parent, '[', this.quotedString(name), ']'];
    if (type === 'partial') return 'null';
    this.lookupPropertyFunctionIsUsed = true;
    return ['lookupProperty(', parent, ',', this.quotedString(name), ')'];
  },
  /** Data is never called. */
  resolvePossibleLambda(): void {},
  appendRaw(this: ScriptCompilerThis): void {
    this.pushSource(this.appendToBuffer(['container.raw(', this.popStack(), ')']));
  },
};

function extend<Made extends object>(base: new () => Made, methods: object): new () => Made {
  class Extended extends (base as new () => object) {}
  Object.assign(Extended.prototype, methods, { compiler: Extended });
  return Extended as unknown as new () => Made;
}

const TemplateCompiler = extend(Compiler, opcodes);
const TemplateScriptCompiler = extend(JavaScriptCompiler, script);

/** Compiles a parsed template to functions. `helpers` are the names that are helpers; nothing else is called. */
export function generateCode(program: ProgramNode, helpers: Readonly<Record<string, true>>): CompiledCode {
  const options = { data: true, knownHelpers: helpers, knownHelpersOnly: true };
  const environment = new TemplateCompiler().compile(program, options);
  const code = new TemplateScriptCompiler().compile(environment, options, undefined, true);
  if (code.compiler[0] !== revision) {
    throw new TidingsError(
      'NOT_SUPPORTED',
      `The installed Handlebars compiles to revision ${code.compiler[0]}, not ${revision}; install handlebars 4.7.`,
    );
  }
  return code;
}
