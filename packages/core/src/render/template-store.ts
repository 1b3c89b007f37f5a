import { TidingsError } from '../spec/errors.ts';
import type { Escape } from './escape-value.ts';
import { escapeValue } from './escape-value.ts';
import type { CompiledCode } from './generate-code.ts';
import { generateCode } from './generate-code.ts';
import type { TemplateHost } from './linked-template.ts';
import { LinkedTemplate } from './linked-template.ts';
import type { ParsedTemplate } from './parse-template.ts';
import { parseTemplate } from './parse-template.ts';
import type { FullLimits } from './renderer-options.ts';
import type { ProgramNode } from './syntax-tree.ts';
import { TemplateCache } from './template-cache.ts';
import type { Blame } from './template-error.ts';
import { templateError } from './template-error.ts';
import type { TemplateRun } from './template-run.ts';
import type { TemplateWhere } from './template-where.ts';

/** What templates are compiled from and for. */
export interface TemplateStock {
  readonly partials: ReadonlyMap<string, string>;
  readonly layouts: ReadonlyMap<string, string>;
  readonly hostHelpers: ReadonlySet<string>;
  readonly helpers: object;
  readonly limits: FullLimits;
  readonly current: () => TemplateRun;
}

/** The templates compiled for one way of escaping. */
export interface Variant {
  readonly host: TemplateHost;
  readonly cache: TemplateCache<LinkedTemplate>;
  readonly partials: Map<string, LinkedTemplate>;
  readonly layouts: Map<string, LinkedTemplate>;
  readonly escape: Escape;
  readonly strict: boolean;
}

function compiled(program: ProgramNode, helpers: Readonly<Record<string, true>>, blame: Blame): CompiledCode {
  try {
    return generateCode(program, helpers);
  } catch (cause) {
    if (cause instanceof TidingsError) throw cause;
    throw templateError('TEMPLATE_INVALID', blame, 'it is too large or too deep to be compiled; split it.', { cause });
  }
}

function checkedText(text: unknown): string {
  if (typeof text === 'string') return text;
  throw new TypeError('the escape function of the channel did not return a text');
}

/** Compiles templates, partials and layouts, and keeps what it compiled. */
export class TemplateStore {
  readonly #stock: TemplateStock;
  readonly #known: Record<string, true> = {};
  readonly #partialNames: ReadonlySet<string>;
  readonly #named: Map<string, Variant> = new Map();
  readonly #custom: WeakMap<(value: string) => string, { lax?: Variant; strict?: Variant }> = new WeakMap();

  constructor(stock: TemplateStock) {
    this.#stock = stock;
    this.#partialNames = new Set(stock.partials.keys());
    for (const name of Object.keys(stock.helpers)) this.#known[name] = true;
    this.#checkUnits();
  }

  /** What is compiled for one way of escaping. */
  variant(mode: Escape, strict: boolean): Variant {
    if (typeof mode === 'function') {
      const pair = this.#custom.get(mode) ?? {};
      this.#custom.set(mode, pair);
      const kind = strict ? 'strict' : 'lax';
      pair[kind] ??= this.#newVariant(mode, strict);
      return pair[kind];
    }
    const key = strict ? `${mode} strict` : mode;
    const known = this.#named.get(key);
    if (known !== undefined) return known;
    const made = this.#newVariant(mode, strict);
    this.#named.set(key, made);
    return made;
  }

  #newVariant(mode: Escape, strict: boolean): Variant {
    const write = escapeValue(mode);
    const variant: Variant = {
      escape: mode,
      strict,
      cache: new TemplateCache(this.#stock.limits.templates),
      partials: new Map(),
      layouts: new Map(),
      host: {
        run: this.#stock.current,
        helpers: this.#stock.helpers,
        escape: typeof mode === 'function' ? (text) => checkedText(write(text)) : write,
        partial: (name) => this.#partial(variant, name),
      },
    };
    return variant;
  }

  /** The template, compiled now or before. */
  template(variant: Variant, source: string, blame: Blame): LinkedTemplate {
    const known = variant.cache.get(source);
    if (known !== undefined) return known;
    return this.#compile(variant, source, blame, false, (made) => variant.cache.set(source, made));
  }

  #partial(variant: Variant, name: string): LinkedTemplate | undefined {
    const known = variant.partials.get(name);
    if (known !== undefined) return known;
    const source = this.#stock.partials.get(name);
    if (source === undefined) return undefined;
    return this.#compile(variant, source, { unit: `partial "${name}"` }, false, (made) =>
      variant.partials.set(name, made),
    );
  }

  /** The layout of that name, compiled now or before. */
  layout(variant: Variant, name: string, where: TemplateWhere): LinkedTemplate {
    const known = variant.layouts.get(name);
    if (known !== undefined) return known;
    const source = this.#stock.layouts.get(name);
    if (source === undefined) {
      const names = [...this.#stock.layouts.keys()].sort().join(' ') || 'none';
      throw templateError('TEMPLATE_INVALID', { where }, `there is no layout "${name}". Known: ${names}.`);
    }
    return this.#compile(variant, source, { unit: `layout "${name}"` }, true, (made) =>
      variant.layouts.set(name, made),
    );
  }

  #compile(
    variant: Variant,
    source: string,
    blame: Blame,
    layout: boolean,
    keep: (made: LinkedTemplate) => void,
  ): LinkedTemplate {
    const how = { html: variant.escape === 'html', strict: variant.strict, layout };
    const { program, uses } = this.#parse(source, blame, how);
    const made = new LinkedTemplate(compiled(program, this.#known, blame), variant.host, blame.unit);
    keep(made);
    // Now, so that compiling them does not count as rendering; after `keep`, since a partial may name itself.
    for (const name of uses.partials) this.#partial(variant, name);
    return made;
  }

  #parse(source: string, blame: Blame, how: { html: boolean; strict: boolean; layout: boolean }): ParsedTemplate {
    const { limits } = this.#stock;
    if (typeof source === 'string' && source.length > limits.sourceBytes) {
      const problem = `its source is longer than ${limits.sourceBytes} characters; shorten it, or raise limits.sourceBytes.`;
      throw templateError('TEMPLATE_LIMIT', blame, problem, {
        details: { limit: 'source', allowed: limits.sourceBytes },
      });
    }
    const dialect = {
      ...how,
      hostHelpers: this.#stock.hostHelpers,
      partials: this.#partialNames,
      deepest: limits.depth,
    };
    return parseTemplate(source, dialect, blame);
  }

  /** Partials and layouts are few and belong to nobody's event, so they are checked at once. */
  #checkUnits(): void {
    for (const [name, source] of this.#stock.partials) {
      this.#parse(source, { unit: `partial "${name}"` }, { html: true, strict: false, layout: false });
    }
    for (const [name, source] of this.#stock.layouts) {
      const blame = { unit: `layout "${name}"` };
      const { uses } = this.#parse(source, blame, { html: true, strict: false, layout: true });
      if (!uses.body)
        throw templateError('TEMPLATE_INVALID', blame, 'it never writes {{{body}}}, so the message would be lost.');
    }
  }
}
