import { TidingsError } from '../spec/errors.ts';
import { helperSet } from './helper-set.ts';
import type { CheckHow, Renderer, RenderHow } from './renderer.ts';
import type { FullLimits, RendererOptions } from './renderer-options.ts';
import { checkedHelpers, fullLimits } from './renderer-options.ts';
import { templateError } from './template-error.ts';
import { TemplateRun } from './template-run.ts';
import { TemplateStore } from './template-store.ts';
import { textFromHtml } from './text-from-html.ts';

class TemplateRenderer implements Renderer {
  readonly #store: TemplateStore;
  readonly #strict: boolean;
  readonly #monotonic: () => number;
  readonly #limits: FullLimits;
  /** The rendering under way; a helper of the host may start another within. */
  #run: TemplateRun | undefined;

  constructor(options: RendererOptions) {
    const own = checkedHelpers(options.helpers);
    const limits = fullLimits(options.limits);
    const current = (): TemplateRun => this.#run as TemplateRun;
    this.#strict = options.strict ?? false;
    this.#monotonic = options.monotonic;
    this.#limits = limits;
    this.#store = new TemplateStore({
      partials: new Map(Object.entries(options.partials ?? {})),
      layouts: new Map(Object.entries(options.layouts ?? {})),
      hostHelpers: new Set(own.keys()),
      helpers: helperSet(own, { current, now: options.now, mostCharacters: limits.outputBytes }),
      limits,
      current,
    });
  }

  check(source: string, how: CheckHow): void {
    this.#store.template(this.#store.variant(how.escape, this.#strict), source, { where: how.where });
  }

  render(source: string, how: RenderHow): string {
    const { where, root, layout, language = where.language, timeZone = 'UTC' } = how;
    const variant = this.#store.variant(how.escape, how.strict ?? this.#strict);
    const template = this.#store.template(variant, source, { where });
    const around = layout === undefined ? undefined : this.#store.layout(variant, layout, where);
    const outer = this.#run;
    const run = new TemplateRun({ where, language, timeZone, escape: how.escape }, this.#limits, this.#monotonic);
    this.#run = run;
    try {
      const text = template.execute(root, { root });
      if (around === undefined) return run.finish(text);
      run.written = 0;
      const layoutRoot = { ...root, body: text };
      return run.finish(around.execute(layoutRoot, { root: layoutRoot }));
    } catch (error) {
      throw this.#explained(error, run);
    } finally {
      this.#run = outer;
    }
  }

  textFromHtml(html: string): string {
    const { outputBytes } = this.#limits;
    if (html.length > outputBytes) {
      const problem = `the HTML is longer than ${outputBytes} bytes; shorten it, or raise limits.outputBytes.`;
      throw templateError('TEMPLATE_LIMIT', {}, problem, { details: { limit: 'output', allowed: outputBytes } });
    }
    return textFromHtml(html);
  }

  #explained(error: unknown, run: TemplateRun): unknown {
    if (error instanceof TidingsError) return error;
    if (error instanceof RangeError && /call stack/.test(error.message)) {
      return templateError('TEMPLATE_LIMIT', run.blame, 'it or its data is nested too deep to be rendered.', {
        cause: error,
        details: { limit: 'depth', allowed: this.#limits.depth },
      });
    }
    return templateError(
      'TEMPLATE_FAILED',
      run.blame,
      'reading its data or escaping a value threw an error; see its cause.',
      {
        cause: error,
      },
    );
  }
}

/**
 * Makes a renderer.
 *
 * @throws CONFIGURATION_INVALID for an option of the wrong form; TEMPLATE_INVALID or TEMPLATE_LIMIT for a partial or layout
 * that cannot be compiled.
 */
export function createRenderer(options: RendererOptions): Renderer {
  return new TemplateRenderer(options);
}
