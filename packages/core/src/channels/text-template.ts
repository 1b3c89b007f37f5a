import { z } from 'zod';
import type { StandardSchema } from '../spec/index.ts';
import { filledText, schemaOf } from './schema.ts';

/** A template that is one text. */
export interface TextTemplate {
  /** Plain text; blank text is refused. */
  readonly text: string;
}

/** The schema of {@link TextTemplate}. */
export const textTemplate: StandardSchema<unknown, TextTemplate> = schemaOf(() =>
  z.strictObject({ text: filledText() }),
);

/** Overrides of a channel that has none: only an empty object. */
export interface NoOverrides {
  readonly [name: string]: never;
}

/** The schema of {@link NoOverrides}. */
export const noOverrides: StandardSchema<unknown, NoOverrides> = schemaOf(() => z.strictObject({}));
