/** What one run of a case measured: `rate` in messages a second, where it has one, and any other figures by name. */
export interface Sample {
  readonly [figure: string]: number;
}

/** A case: a module that exports `run`. Each run has a process of its own. */
export interface Case<Setting> {
  run(setting: Setting): Promise<Sample>;
}
