import type { Escape } from './escape-value.ts';
import type { TemplateWhere } from './template-where.ts';

/** How a template is compiled. */
export interface CheckHow {
  /** How `{{x}}` is made safe. */
  readonly escape: Escape;
  /** Where the template belongs, for errors. */
  readonly where: TemplateWhere;
}

/** How a template is rendered. */
export interface RenderHow extends CheckHow {
  /** What the template sees; see `buildRoot`. */
  readonly root: Readonly<Record<string, unknown>>;
  /** Whether a variable without a value is an error. Default: as the renderer's option. */
  readonly strict?: boolean | undefined;
  /** Language tag for dates, numbers and plurals. Default: `where.language`. */
  readonly language?: string | undefined;
  /** IANA time zone for dates. Default: `UTC`. */
  readonly timeZone?: string | undefined;
  /** Name of the layout to put around. Default: none. */
  readonly layout?: string | undefined;
}

/** Renders templates. */
export interface Renderer {
  /**
   * Compiles a template, so that its mistakes show before anything is sent.
   *
   * @throws TEMPLATE_INVALID naming event, channel, language, field and line; TEMPLATE_LIMIT for one too long or too deep.
   */
  check(source: string, how: CheckHow): void;
  /**
   * Renders a template; it is compiled only once.
   *
   * @throws TEMPLATE_INVALID as `check` does; TEMPLATE_VARIABLE_MISSING in strict rendering; TEMPLATE_LIMIT when a limit is
   * exceeded; TEMPLATE_FAILED when a helper cannot do what it is asked.
   */
  render(source: string, how: RenderHow): string;
  /**
   * The text part for an HTML part: links kept, headings as written, images by their `alt`, hidden elements left out.
   * `loadTextFromHtml` comes first.
   *
   * @throws TEMPLATE_LIMIT when the HTML is longer than `limits.outputBytes`.
   */
  textFromHtml(html: string): string;
}
