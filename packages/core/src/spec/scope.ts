/** Tenant × mode as a small number, given by `Store.scope`. It heads every key: nothing crosses it. */
export type ScopeId = number;

/** `live` sends; `test` runs everything and hands messages to a capturing adapter. */
export type Mode = 'live' | 'test';

/** What a {@link ScopeId} stands for. */
export interface Scope {
  /** Default: `default`. */
  readonly tenant: string;
  /** Default: `live`. */
  readonly mode: Mode;
}

/** Names one row: ids are lower-case UUIDs, unique within a scope. */
export interface RowKey {
  readonly scope: ScopeId;
  readonly id: string;
}
