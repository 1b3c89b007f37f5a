import type { Context } from '../plan/context.ts';
import type { EventPlan, Plan } from '../plan/plan.ts';
import { canonicalJson } from '../rules/canonical-json.ts';
import { normalizeEmail } from '../rules/email-address.ts';
import { TidingsError } from '../spec/index.ts';
import type { AcceptCopy } from './accept-item.ts';
import type { Envelope } from './read-envelope.ts';

type Overrides = Envelope['overrides'];

/** Overrides as their channels' schemas give them. */
export function readOverrides(event: EventPlan, overrides: Overrides, plan: Plan): Overrides {
  if (overrides === undefined) return undefined;
  const checked: Record<string, Record<string, unknown>> = {};
  for (const [name, given] of Object.entries(overrides)) {
    const path = `overrides.${name}`;
    if (name === 'brand') {
      checked[name] = JSON.parse(canonicalJson(given, path)) as Record<string, unknown>;
      continue;
    }
    const schema = event.channels.has(name) ? plan.channels.get(name)?.overrides : undefined;
    if (!schema) {
      const why = event.channels.has(name)
        ? 'that channel has no overrides'
        : 'the event has no template for that channel';
      throw new TidingsError('VALIDATION_ERROR', `send("${event.name}"): ${path} cannot be used: ${why}.`, { path });
    }
    const result = schema['~standard'].validate(given);
    if (result instanceof Promise) {
      throw new TidingsError(
        'CONFIGURATION_INVALID',
        `The overrides schema of channel "${name}" must be synchronous.`,
        { path },
      );
    }
    if (result.issues) {
      const [issue] = result.issues;
      const at = [path, ...(issue?.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part))].join(
        '.',
      );
      throw new TidingsError('VALIDATION_ERROR', `send("${event.name}"): ${at} ${issue?.message}.`, { path: at });
    }
    checked[name] = result.value as Record<string, unknown>;
  }
  return checked;
}

/** The copies (cc, bcc) that checked overrides ask for. */
export function copiesOf(overrides: Overrides, on: Context): AcceptCopy[] {
  const email = overrides?.email;
  if (!email) return [];
  return (['cc', 'bcc'] as const).flatMap((field) => {
    const value = email[field];
    const list = typeof value === 'string' ? [value] : Array.isArray(value) ? value : [];
    return list.map((address: string) => ({
      channel: 'email',
      field,
      address,
      hashes: on.secrets.hashes('email', normalizeEmail(address, `overrides.email.${field}`)),
    }));
  });
}
