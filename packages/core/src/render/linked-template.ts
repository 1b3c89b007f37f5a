import type { CompiledCode } from './generate-code.ts';
import { ownValue } from './own-value.ts';
import { templateError } from './template-error.ts';
import type { TemplateRun } from './template-run.ts';
import { textOfValue } from './text-of-value.ts';

/** The `@` variables of a block; frames of inner blocks start as copies. */
export interface DataFrame {
  root: unknown;
  key?: unknown;
  index?: number;
  first?: boolean;
  last?: boolean;
  _parent?: DataFrame;
  'partial-block'?: Body | undefined;
}

/** What a block helper gets to render its body. */
export type Body = (context: unknown, options?: BodyOptions) => string;

export interface BodyOptions {
  readonly data?: DataFrame;
  readonly blockParams?: readonly unknown[];
}

/** What the compiled code passes last to every helper. */
export interface CompiledCall {
  readonly name: string;
  readonly hash: Readonly<Record<string, unknown>>;
  readonly data: DataFrame;
  readonly loc: { readonly start: { readonly line: number } };
  readonly fn?: Body;
  readonly inverse?: Body;
}

interface PartialCall {
  name?: string;
  readonly hash?: Readonly<Record<string, unknown>>;
  readonly data: DataFrame;
  readonly indent?: string;
  readonly fn?: Body;
}

/** What a template runs on: the same for all templates of one renderer and escape mode. */
export interface TemplateHost {
  /** The rendering under way. */
  readonly run: () => TemplateRun;
  readonly helpers: object;
  readonly escape: (text: string) => string;
  /** The partial of that name, compiled; undefined when there is none. */
  readonly partial: (name: string) => LinkedTemplate | undefined;
}

const nullContext: object = Object.seal({});

function nothing(): string {
  return '';
}

/** A frame for an inner block. */
export function innerFrame(frame: DataFrame): DataFrame {
  return { ...frame, _parent: frame };
}

function outerFrame(frame: DataFrame, depth: number): DataFrame | undefined {
  let outer: DataFrame | undefined = frame;
  for (let left = depth; left > 0 && outer !== undefined; left--) outer = outer._parent;
  return outer;
}

function indented(text: string, indent: string): string {
  const lines = text.split('\n');
  return lines.map((line, index) => (line === '' && index === lines.length - 1 ? line : indent + line)).join('\n');
}

/**
 * Compiled code with the runtime it needs. It stands in for Handlebars' own runtime, which wraps every helper anew for each
 * rendering and calls functions it finds in data: here data is only ever read, own properties only, and every body counts
 * against the limits.
 */
export class LinkedTemplate {
  /** Such as `partial "card"`; undefined for the template of a channel. */
  readonly unit: string | undefined;
  readonly #code: CompiledCode;
  readonly #host: TemplateHost;
  readonly #container: object;

  constructor(code: CompiledCode, host: TemplateHost, unit: string | undefined) {
    this.unit = unit;
    this.#code = code;
    this.#host = host;
    this.#container = this.#makeContainer();
  }

  execute(context: unknown, frame: DataFrame): string {
    const code = this.#code;
    const run = this.#host.run();
    const outerUnit = run.unit;
    run.unit = this.unit;
    const before = run.enter();
    const blockParams = code.useBlockParams === true ? [] : undefined;
    const depths = code.useDepths === true ? [context] : undefined;
    const text = code.main(this.#container, context, this.#host.helpers, nullContext, frame, blockParams, depths);
    run.leave(before, text);
    run.unit = outerUnit;
    return text;
  }

  #makeContainer(): object {
    const { run, escape: escapeText } = this.#host;
    const write = (value: unknown, change: (text: string) => string): string => {
      const current = run();
      const text = change(typeof value === 'string' ? value : textOfValue(value, () => current.visit()));
      current.wrote(text.length);
      return text;
    };
    return {
      nullContext,
      noop: nothing,
      lookupProperty: ownValue,
      data: outerFrame,
      escapeExpression: (value: unknown) => write(value, escapeText),
      raw: (value: unknown) => write(value, String),
      program: this.#program,
      invokePartial: this.#partial,
    };
  }

  readonly #program = (
    index: number,
    data: DataFrame,
    _count: number,
    blockParams?: readonly unknown[],
    depths?: readonly unknown[],
  ): Body => {
    const body = this.#code[index] as CompiledCode['main'];
    const { run, helpers } = this.#host;
    const container = this.#container;
    return (context, options) => {
      const current = run();
      const before = current.enter();
      const frame = options?.data ?? data;
      const params = blockParams === undefined ? undefined : [options?.blockParams, ...blockParams];
      let contexts = depths;
      if (depths !== undefined && context !== depths[0] && !(context === nullContext && depths[0] == null)) {
        contexts = [context, ...depths];
      }
      const text = body(container, context, helpers, nullContext, frame, params, contexts);
      current.leave(before, text);
      return text;
    };
  };

  readonly #partial = (dynamicName: unknown, context: unknown, call: PartialCall): string => {
    const name = call.name ?? (typeof dynamicName === 'string' ? dynamicName : '');
    const outerBlock = call.data['partial-block'];
    const scope = call.hash === undefined ? context : { ...(context as object | null | undefined), ...call.hash };
    let frame = call.data;
    let block: Body | undefined;
    if (call.fn !== undefined && call.fn !== nothing) {
      const { fn } = call;
      block = (inner, options) => {
        const restored = innerFrame(options?.data ?? call.data);
        restored['partial-block'] = outerBlock;
        return fn(inner, { data: restored });
      };
      frame = innerFrame(call.data);
      frame['partial-block'] = block;
    }
    const text = this.#partialText(name, scope, frame, name === '@partial-block' ? outerBlock : block);
    return call.indent === undefined ? text : indented(text, call.indent);
  };

  #partialText(name: string, scope: unknown, frame: DataFrame, block: Body | undefined): string {
    if (name !== '@partial-block') {
      const partial = this.#host.partial(name);
      if (partial !== undefined) return partial.execute(scope, frame);
    }
    if (block !== undefined) return block(scope, { data: frame });
    const known =
      name === '@partial-block' ? 'the partial was called without a block' : 'no partial of that name is registered';
    throw templateError('TEMPLATE_FAILED', this.#host.run().blame, `{{> ${name}}} cannot be written: ${known}.`);
  }
}
