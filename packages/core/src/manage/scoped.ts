import type { Context } from '../plan/context.ts';
import type { Held } from '../plan/held.ts';
import type { RecipientRules } from '../rules/recipient.ts';
import type { Scope, ScopeId } from '../spec/index.ts';

/** What managing works with: the context once the engine is ready, and the scope it speaks for. */
export interface Scoped {
  /** Resolves when the store is migrated. */
  ready(): Promise<{
    readonly on: Context;
    readonly scope: ScopeId;
    readonly named: Scope;
    readonly rules: RecipientRules;
    /** What this process has in hand. */
    readonly held: Held;
  }>;
}
