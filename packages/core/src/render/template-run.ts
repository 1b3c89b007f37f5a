import type { Escape } from './escape-value.ts';
import type { Blame } from './template-error.ts';
import { templateError } from './template-error.ts';
import type { TemplateWhere } from './template-where.ts';

/** Limits of one rendering. */
export interface RunLimits {
  readonly outputBytes: number;
  readonly depth: number;
  readonly timeMs: number;
}

/** What one rendering needs to know. */
export interface RunInput {
  readonly where: TemplateWhere;
  readonly language: string;
  readonly timeZone: string;
  readonly escape: Escape;
}

/** The state of one rendering: how far it went, and what it may still do. */
export class TemplateRun {
  readonly language: string;
  readonly timeZone: string;
  readonly escape: Escape;
  /** The partial or layout being rendered. */
  unit: string | undefined = undefined;
  // The template itself is not nested in anything.
  depth = -1;
  /** Characters written so far; never more than bytes. */
  written = 0;
  readonly #where: TemplateWhere;
  readonly #limits: RunLimits;
  readonly #monotonic: () => number;
  readonly #deadline: number;

  constructor(input: RunInput, limits: RunLimits, monotonic: () => number) {
    this.language = input.language;
    this.timeZone = input.timeZone;
    this.escape = input.escape;
    this.#where = input.where;
    this.#limits = limits;
    this.#monotonic = monotonic;
    this.#deadline = monotonic() + limits.timeMs;
  }

  get blame(): Blame {
    return { where: this.#where, unit: this.unit };
  }

  /** Called for every helper, partial and iteration. */
  visit(): void {
    if (this.#monotonic() > this.#deadline) this.#over('time');
  }

  wrote(characters: number): void {
    this.written += characters;
    if (this.written > this.#limits.outputBytes) this.#over('output');
  }

  /** A body starts; the result is what `left` needs. */
  enter(): number {
    if (++this.depth > this.#limits.depth) this.#over('depth');
    this.visit();
    return this.written;
  }

  /** A body ended: its text holds everything written since `enter`, and its literal text besides. */
  leave(before: number, text: string): void {
    this.depth--;
    this.written = before;
    this.wrote(text.length);
  }

  /** The last check, in bytes, and once more of the time. */
  finish(text: string): string {
    const { outputBytes } = this.#limits;
    if (text.length > outputBytes) this.#over('output');
    // No character takes more than three bytes.
    if (text.length * 3 > outputBytes && Buffer.byteLength(text) > outputBytes) this.#over('output');
    this.visit();
    return text;
  }

  #over(limit: 'time' | 'output' | 'depth'): never {
    const { timeMs, outputBytes, depth } = this.#limits;
    const [problem, allowed] = {
      time: [`rendering took longer than ${timeMs} ms; write less in loops, or raise limits.timeMs`, timeMs] as const,
      output: [
        `it writes more than ${outputBytes} bytes; write less, or raise limits.outputBytes`,
        outputBytes,
      ] as const,
      depth: [
        `blocks and partials are nested more than ${depth} deep; see whether a partial calls itself without end, or raise limits.depth`,
        depth,
      ] as const,
    }[limit];
    throw templateError('TEMPLATE_LIMIT', this.blame, `${problem}.`, { details: { limit, allowed } });
  }
}
