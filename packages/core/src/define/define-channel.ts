import { builtInChannels } from '../channels/index.ts';
import type { Channel, ContentProblem, Escape } from '../spec/channel.ts';
import { TidingsError } from '../spec/errors.ts';
import type { InputOf, OutputOf, StandardSchema } from '../spec/standard-schema.ts';
import { checkKeys, checkSchema, isPlainObject, listed, refuse } from './check-options.ts';
import type { AnySchema } from './event-definition.ts';

/** What `defineChannel` takes. */
export interface ChannelOptions<
  Name extends string,
  Address extends string,
  Template extends AnySchema,
  Overrides extends AnySchema,
> {
  /** A lower-case word; letters, digits and `-`. */
  name: Name;
  /** The contact field that holds the address, such as `matrixId`; a contact is found by it. */
  address: Address;
  /** The fields of a template; synchronous. Its output is what adapters get. */
  template: Template;
  /** Settings a send may give in `overrides.<channel>`; synchronous. Left out: none. */
  overrides?: Overrides;
  /** Longest rendered text of a field, in characters (Unicode code points). Default: no limit. */
  limits?: { readonly [Field in keyof InputOf<NoInfer<Template>>]?: number };
  /** How values become harmless in a text, for all fields or by field. Default: `none`. */
  escape?: Escape | { readonly [Field in keyof InputOf<NoInfer<Template>>]?: Escape };
  /** A contact may have several addresses; each gets a message. Default: false. */
  many?: boolean;
  /** Whether a message comes from somebody: it must, it may, or it does not. Default: `none`. */
  sender?: 'required' | 'optional' | 'none';
  /**
   * The normal form addresses are compared in. Throws for what is no address. Default: that of the built-in channel with
   * the same `address`, else the address as it is, if 1–255 bytes long.
   */
  normalize?: (address: string) => string;
  /** What is wrong with rendered content, besides `limits`; undefined: nothing. */
  check?: (content: OutputOf<NoInfer<Template>>) => ContentProblem | undefined;
}

const options = [
  'name',
  'address',
  'template',
  'overrides',
  'limits',
  'escape',
  'many',
  'sender',
  'normalize',
  'check',
];

/** Fields of a contact that are no addresses. */
const taken = [
  'id',
  'externalId',
  'meta',
  'name',
  'firstName',
  'lastName',
  'avatar',
  'username',
  'language',
  'timezone',
  'pushToken',
  'addresses',
];

/**
 * Defines a medium of your own. Give it to `withChannels` for events and to `defineAdapter` for delivery.
 *
 * @throws TidingsError `CONFIGURATION_INVALID` naming the option, for an unknown or malformed one.
 *
 * @example
 * export const matrix = defineChannel({
 *   name: 'matrix',
 *   address: 'matrixId',
 *   template: z.object({ body: z.string() }),
 *   limits: { body: 60_000 },
 * });
 */
export function defineChannel<
  const Name extends string,
  const Address extends string,
  Template extends AnySchema,
  Overrides extends AnySchema = StandardSchema<Record<string, never>>,
>(
  channel: ChannelOptions<Name, Address, Template, Overrides>,
): Channel<{
  name: Name;
  address: Address;
  template: OutputOf<Template>;
  overrides: OutputOf<Overrides>;
  written: { template: InputOf<Template>; overrides: InputOf<Overrides> };
}> {
  const owner = 'defineChannel';
  checkKeys(owner, 'options', channel, options);
  const { name, address, template, overrides, limits, escape: escaping, many, sender, normalize, check } = channel;
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]{0,63}$/.test(name) || name === 'brand') {
    refuse(owner, 'name', 'must be a lower-case word of up to 64 letters, digits and -, and not "brand"');
  }
  if (typeof address !== 'string' || !/^[A-Za-z][A-Za-z0-9]{0,63}$/.test(address) || taken.includes(address)) {
    refuse(owner, 'address', `must be the name of a contact field that holds addresses, and none of ${listed(taken)}`);
  }
  checkSchema(owner, 'template', template);
  if (overrides !== undefined) checkSchema(owner, 'overrides', overrides);
  checkLimits(owner, limits);
  checkEscape(owner, escaping);
  if (many !== undefined && typeof many !== 'boolean') refuse(owner, 'many', 'must be true or false');
  const senders: readonly unknown[] = [undefined, 'required', 'optional', 'none'];
  if (!senders.includes(sender)) refuse(owner, 'sender', "must be 'required', 'optional' or 'none'");
  if (normalize !== undefined && typeof normalize !== 'function') refuse(owner, 'normalize', 'must be a function');
  if (check !== undefined && typeof check !== 'function') refuse(owner, 'check', 'must be a function');
  return Object.freeze({
    name,
    address,
    many: many ?? false,
    sender: sender ?? 'none',
    template,
    ...(overrides === undefined ? {} : { overrides }),
    escape: escapeOf(escaping),
    normalize: normalize ?? defaultNormalize(name, address),
    check: (content: OutputOf<Template>) => overLimit(content, limits ?? {}) ?? check?.(content),
  });
}

/** Whether a value has what every channel has. */
export function isChannel(value: unknown): value is Channel {
  if (typeof value !== 'object' || value === null) return false;
  const { name, address, template, escape: escaping, normalize, check } = value as Record<keyof Channel, unknown>;
  if (typeof name !== 'string' || typeof address !== 'string' || template === undefined) return false;
  return [escaping, normalize, check].every((each) => typeof each === 'function');
}

function checkLimits(owner: string, limits: unknown): void {
  if (limits === undefined) return;
  if (!isPlainObject(limits)) refuse(owner, 'limits', 'must be an object by field');
  for (const [field, limit] of Object.entries(limits)) {
    const fits = limit === undefined || (Number.isSafeInteger(limit) && (limit as number) > 0);
    if (!fits) refuse(owner, `limits.${field}`, 'must be a whole number of characters from 1');
  }
}

function checkEscape(owner: string, given: unknown): void {
  if (given === undefined || isEscape(given)) return;
  const kinds = "'html', 'slack', 'none'";
  if (!isPlainObject(given)) refuse(owner, 'escape', `must be ${kinds}, a function, or these by field`);
  for (const [field, each] of Object.entries(given)) {
    if (each !== undefined && !isEscape(each)) refuse(owner, `escape.${field}`, `must be ${kinds} or a function`);
  }
}

function isEscape(value: unknown): value is Escape {
  return value === 'html' || value === 'slack' || value === 'none' || typeof value === 'function';
}

function escapeOf(given: unknown): Channel['escape'] {
  if (given === undefined || isEscape(given)) return () => given ?? 'none';
  const byField = new Map(Object.entries(given as Record<string, Escape | undefined>));
  return (field) => byField.get(field) ?? 'none';
}

function defaultNormalize(name: string, address: string): Channel['normalize'] {
  const builtIn = Object.values<Channel>({ ...builtInChannels }).find((channel) => channel.address === address);
  if (builtIn) return (given) => builtIn.normalize(given);
  return (given) => {
    if (given !== '' && Buffer.byteLength(given) <= 255 && !given.includes('\0')) return given;
    const message = `${address} must be 1–255 bytes long and hold no NUL, for the channel ${name}.`;
    throw new TidingsError('INVALID_ADDRESS', message, { path: address });
  };
}

function overLimit(content: unknown, limits: Readonly<Record<string, number | undefined>>): ContentProblem | undefined {
  for (const [field, limit] of Object.entries(limits)) {
    const text = (content as Record<string, unknown>)[field];
    // code units are never fewer than characters, so the common case needs no count
    if (limit === undefined || typeof text !== 'string' || text.length <= limit) continue;
    const length = [...text].length;
    if (length > limit)
      return { field, message: `${field} is ${length} characters long; at most ${limit} are allowed` };
  }
  return undefined;
}
