import { z } from 'zod';
import type { StandardSchema } from '../spec/index.ts';

/**
 * A zod schema as the interface channels carry. Optional fields that are absent stay absent. It is built at its first use: most
 * processes use few of the channels, and all of them are loaded.
 */
export function schemaOf<T>(build: () => z.ZodType): StandardSchema<unknown, T> {
  let built: StandardSchema<unknown, T> | undefined;
  return {
    get '~standard'() {
      built ??= build() as unknown as StandardSchema<unknown, T>;
      return built['~standard'];
    },
  };
}

/** Text with something to read in it: every provider refuses a blank message. */
export const filledText = (): z.ZodString => z.string().regex(/\S/u, 'is blank: there is nothing to send');

/** An object schema that also takes its fields in snake_case, as the HTTP API spells them. */
export function eitherCase<Shape extends z.ZodRawShape>(shape: Shape): z.ZodType {
  const snake = new Map(
    Object.keys(shape)
      .map((name) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), name] as const)
      .filter(([from, to]) => from !== to),
  );
  return z.preprocess((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const renamed = new Map<string, unknown>();
    for (const [name, field] of Object.entries(value)) {
      const to = snake.get(name);
      renamed.set(to === undefined || Object.hasOwn(value, to) ? name : to, field);
    }
    return Object.fromEntries(renamed);
  }, z.strictObject(shape));
}
