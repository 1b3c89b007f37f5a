import { urlHelper } from './guard-urls.ts';
import { hasUnsafeScheme } from './has-unsafe-scheme.ts';
import { isMissing } from './is-missing.ts';
import { isTruthy } from './is-truthy.ts';
import type { Body, CompiledCall, DataFrame } from './linked-template.ts';
import { innerFrame } from './linked-template.ts';
import { ownValue } from './own-value.ts';
import { pipeHelper } from './rewrite-pipes.ts';
import { internalHelpers } from './template-dialect.ts';
import { templateError } from './template-error.ts';
import type { TemplateRun } from './template-run.ts';

interface BlockCall extends CompiledCall {
  readonly fn: Body;
  readonly inverse: Body;
}

/** A helper as the compiled code calls it: `this` is the context, the last argument the call. */
export type LinkedHelper = (this: unknown, ...args: never[]) => unknown;

function isEmptyContext(value: unknown): boolean {
  return value !== 0 && !isTruthy(value);
}

class Loop {
  readonly #call: BlockCall;
  readonly #frame: DataFrame;
  #text = '';
  #count = 0;

  constructor(call: BlockCall) {
    this.#call = call;
    this.#frame = innerFrame(call.data);
  }

  step(value: unknown, key: unknown, last: boolean): void {
    const frame = this.#frame;
    frame.key = key;
    frame.index = this.#count;
    frame.first = this.#count === 0;
    frame.last = last;
    this.#count++;
    this.#text += this.#call.fn(value, { data: frame, blockParams: [value, key] });
  }

  end(context: unknown): string {
    return this.#count === 0 ? this.#call.inverse(context) : this.#text;
  }
}

function eachEntry(loop: Loop, entries: readonly (readonly [key: unknown, value: unknown])[]): void {
  entries.forEach(([key, value], index) => {
    loop.step(value, key, index === entries.length - 1);
  });
}

function each(run: TemplateRun, context: unknown, items: unknown, call: BlockCall): string {
  const loop = new Loop(call);
  const entries: [unknown, unknown][] = [];
  if (Array.isArray(items)) {
    for (let index = 0; index < items.length; index++) {
      if (index in items) loop.step(ownValue(items, index), index, index === items.length - 1);
      // A hole has no body that would look at the time.
      else run.visit();
    }
  } else if (items instanceof Set) {
    Set.prototype.forEach.call(items, (item) => entries.push([entries.length, item]));
    eachEntry(loop, entries);
  } else if (items instanceof Map) {
    Map.prototype.forEach.call(items, (item, key) => entries.push([key, item]));
    eachEntry(loop, entries);
  } else if (typeof items === 'object' && items !== null && !(items instanceof Date)) {
    for (const key of Object.keys(items)) {
      const value = ownValue(items, key);
      if (value !== undefined) entries.push([key, value]);
    }
    eachEntry(loop, entries);
  }
  return loop.end(context);
}

function section(run: TemplateRun, context: unknown, value: unknown, call: BlockCall): string {
  if (value === true) return call.fn(context);
  if (value === false || isMissing(value)) return call.inverse(context);
  if (!Array.isArray(value)) return call.fn(value);
  return value.length === 0 ? call.inverse(context) : each(run, context, value, call);
}

/** The blocks of Handlebars and the internal helpers, on the run under way. */
export function coreBlocks(current: () => TemplateRun): Readonly<Record<string, LinkedHelper>> {
  return {
    if(this: unknown, value: unknown, call: BlockCall): string {
      current().visit();
      const holds = isTruthy(value) || (value === 0 && call.hash.includeZero === true);
      return holds ? call.fn(this) : call.inverse(this);
    },
    unless(this: unknown, value: unknown, call: BlockCall): string {
      current().visit();
      const holds = isTruthy(value) || (value === 0 && call.hash.includeZero === true);
      return holds ? call.inverse(this) : call.fn(this);
    },
    with(this: unknown, value: unknown, call: BlockCall): string {
      current().visit();
      if (isEmptyContext(value)) return call.inverse(this);
      return call.fn(value, { data: call.data, blockParams: [value] });
    },
    each(this: unknown, items: unknown, call: BlockCall): string {
      const run = current();
      run.visit();
      return each(run, this, items, call);
    },
    [internalHelpers.section](this: unknown, value: unknown, call: BlockCall): string {
      const run = current();
      run.visit();
      return section(run, this, value, call);
    },
    [internalHelpers.required](value: unknown, label: string, call: CompiledCall): unknown {
      if (value !== undefined && value !== null) return value;
      const problem = `the variable ${label} has no value; pass it, give a fallback as in {{${label} | "…"}}, or turn strict off.`;
      const details = { variable: label };
      throw templateError('TEMPLATE_VARIABLE_MISSING', current().blame, problem, {
        line: call.loc.start.line,
        details,
      });
    },
    [pipeHelper](...args: unknown[]): unknown {
      current().visit();
      for (let index = 0; index < args.length - 1; index++) if (!isMissing(args[index])) return args[index];
      return undefined;
    },
    [urlHelper](this: unknown, continued: boolean, call: BlockCall): string {
      const url = call.fn(this);
      return hasUnsafeScheme(url, continued) ? '#' : url;
    },
  };
}
