import { TidingsError } from '../spec/errors.ts';

/** What templates can see. Everything is optional. */
export interface RootParts {
  /** The data of the send. */
  readonly payload?: Readonly<Record<string, unknown>> | undefined;
  /** The contact; its fields, and those of its `meta`, are also visible at the root. */
  readonly contact?: Readonly<Record<string, unknown>> | undefined;
  readonly app?: unknown;
  readonly sender?: unknown;
  readonly brand?: unknown;
  readonly digest?: unknown;
}

/**
 * Names that always mean the engine's own value, at the root and inside any block: a payload field of the same name is
 * reached as `payload.contact` and so on.
 */
export const reservedRoots: ReadonlySet<string> = new Set(['payload', 'contact', 'app', 'sender', 'brand', 'digest']);

// Has no prototype to leak, yet keeps V8's fast properties, which `Object.create(null)` does not.
function Root(this: Record<string, unknown>): void {}
Root.prototype = Object.create(null);

function overlay(root: Record<string, unknown>, fields: unknown, from: string, keepBelow: boolean): void {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return;
  const data = fields as Record<string, unknown>;
  try {
    for (const name of Object.keys(data)) {
      const value = data[name];
      if (value === undefined || name === '__proto__' || (keepBelow && value === null)) continue;
      root[name] = value;
    }
  } catch (cause) {
    throw new TidingsError('VALIDATION_ERROR', `${from} has a field that throws when read; pass plain data instead.`, {
      cause,
      path: from,
    });
  }
}

/**
 * Assembles the root that a template is rendered with. From weakest to strongest: `contact.meta`, the fields of the
 * contact that have a value, the fields of the payload, and the six reserved names.
 *
 * @throws VALIDATION_ERROR when a getter of the data throws.
 */
export function buildRoot(parts: RootParts): Record<string, unknown> {
  const root = new (Root as unknown as new () => Record<string, unknown>)();
  const { payload, contact } = parts;
  if (contact !== undefined && contact !== null) {
    overlay(root, contact.meta, 'contact.meta', false);
    overlay(root, contact, 'contact', true);
  }
  overlay(root, payload, 'payload', false);
  root.payload = payload ?? {};
  root.contact = contact ?? {};
  root.app = parts.app;
  root.sender = parts.sender;
  root.brand = parts.brand;
  root.digest = parts.digest;
  return root;
}
