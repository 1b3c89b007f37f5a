import type { OutputOf } from '../spec/standard-schema.ts';
import { checkSchema } from './check-options.ts';
import type { AnySchema } from './event-definition.ts';

type Space = ' ' | '\n' | '\t';
type Trim<S extends string> = S extends `${Space}${infer R}` ? Trim<R> : S extends `${infer R}${Space}` ? Trim<R> : S;
type Head<S extends string> = S extends `${infer H}|${string}` ? Trim<H> : Trim<S>;
type Root = 'contact' | 'app' | 'sender' | 'brand' | 'digest' | 'else' | '@root';

/** True when P has the dotted path. Arrays and unions are not followed: they pass. */
type Has<P, Path extends string> = P extends readonly unknown[]
  ? true
  : Path extends `${infer K}.${infer Rest}`
    ? K extends keyof P
      ? P[K] extends object | undefined
        ? Has<NonNullable<P[K]>, Rest>
        : false
      : false
    : Path extends keyof P
      ? true
      : false;

type Known<Tag extends string, P> = Tag extends Root | `${Root}.${string}`
  ? true
  : Tag extends `payload.${infer Rest}`
    ? Has<P, Rest>
    : Tag extends `${string} ${string}`
      ? true // a helper call is left to the engine
      : Has<P, Tag>;

/** The string itself, or a sentence about the first placeholder the payload lacks. Ends at the first block that changes scope. */
type Checked<S extends string, P, Rest extends string = S> = Rest extends `${string}{{${infer Tag}}}${infer More}`
  ? Trim<Tag> extends `#each${string}` | `#with${string}`
    ? S
    : Trim<Tag> extends `#if ${infer X}` | `#unless ${infer X}`
      ? Known<Head<X>, P> extends true
        ? Checked<S, P, More>
        : `{{${Tag}}}: not in the payload`
      : Trim<Tag> extends `/${string}` | `!${string}` | `#${string}` | `>${string}`
        ? Checked<S, P, More>
        : Known<Head<Tag extends `{${infer Raw}` ? Raw : Tag>, P> extends true
          ? Checked<S, P, More>
          : `{{${Tag}}}: not in the payload`
  : S;

/**
 * Lets the compiler check the placeholders of a template: `t` returns its argument, and does not compile with one that the
 * payload lacks. Only names of the payload and of `contact`, `app`, `sender`, `brand` and `digest` pass, so contact fields
 * are written `contact.name`. Inside `#each` and `#with` nothing is checked.
 *
 * @throws TidingsError `CONFIGURATION_INVALID` for what is no Standard Schema.
 *
 * @example
 * const t = checkedFor(z.object({ company: z.string() }));
 * t('Welcome to {{company}}, {{contact.name | "there"}}');
 */
export function checkedFor<Schema extends AnySchema>(
  schema: Schema,
): <const S extends string>(template: Checked<S, OutputOf<Schema>>) => string {
  checkSchema('checkedFor', 'schema', schema);
  return (template) => template;
}
