/** The Standard Schema V1 interface (standardschema.dev), as its authors allow it to be copied: no dependency at all. */
export interface StandardSchema<In = unknown, Out = In> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    // biome-ignore lint/suspicious/noExplicitAny: libraries add parameters of their own
    readonly validate: (value: unknown, ...rest: any[]) => SchemaResult<Out> | Promise<SchemaResult<Out>>;
    readonly types?: { readonly input: In; readonly output: Out } | undefined;
  };
}

/** What validation gives: a value or issues. */
export type SchemaResult<Out> =
  | { readonly value: Out; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing wrong, and where. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}

/** What a schema takes. */
// biome-ignore lint/suspicious/noExplicitAny: any schema
export type InputOf<S extends StandardSchema<any, any>> = NonNullable<S['~standard']['types']>['input'];
/** What a schema gives. */
// biome-ignore lint/suspicious/noExplicitAny: any schema
export type OutputOf<S extends StandardSchema<any, any>> = NonNullable<S['~standard']['types']>['output'];
