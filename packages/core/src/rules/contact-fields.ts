import type { PlainField } from './recipient.ts';

/** What a field of a recipient is: whether it finds the contact, and how its value is read. */
export type ContactField =
  | { readonly is: 'id' | 'meta' | 'addresses' }
  | { readonly is: 'single'; readonly kind: SingleKind }
  | { readonly is: 'several'; readonly kind: 'pushToken' }
  | { readonly is: 'plain'; readonly field: PlainField };

/** Kinds of identifier every contact has at most one of. */
export type SingleKind = 'externalId' | 'email' | 'phone' | 'slack' | 'telegram' | 'discord';

/** In the order they are kept. */
export const singleKinds: readonly SingleKind[] = ['externalId', 'email', 'phone', 'slack', 'telegram', 'discord'];

/** In the order they are kept. */
export const plainFields: readonly PlainField[] = [
  'name',
  'firstName',
  'lastName',
  'avatar',
  'username',
  'language',
  'timezone',
];

/** Every name a field may be given under; any other goes to `meta`. */
export const contactFields: ReadonlyMap<string, ContactField> = new Map<string, ContactField>([
  ['id', { is: 'id' }],
  ['meta', { is: 'meta' }],
  ['addresses', { is: 'addresses' }],
  ...named({ is: 'single', kind: 'externalId' }, 'externalId', 'external_id'),
  ...named({ is: 'single', kind: 'email' }, 'email'),
  ...named({ is: 'single', kind: 'phone' }, 'phone'),
  ...named({ is: 'single', kind: 'slack' }, 'slack', 'slack_id', 'slackId'),
  ...named({ is: 'single', kind: 'telegram' }, 'telegram', 'telegram_id', 'telegramId'),
  ...named({ is: 'single', kind: 'discord' }, 'discord', 'discord_id', 'discordId'),
  ...named({ is: 'several', kind: 'pushToken' }, 'pushToken', 'pushTokens', 'push_token', 'push_tokens'),
  ...named({ is: 'plain', field: 'name' }, 'name'),
  ...named({ is: 'plain', field: 'firstName' }, 'firstName', 'first_name'),
  ...named({ is: 'plain', field: 'lastName' }, 'lastName', 'last_name'),
  ...named({ is: 'plain', field: 'avatar' }, 'avatar'),
  ...named({ is: 'plain', field: 'username' }, 'username'),
  ...named({ is: 'plain', field: 'language' }, 'language'),
  ...named({ is: 'plain', field: 'timezone' }, 'timezone', 'timeZone', 'time_zone'),
]);

function named(field: ContactField, ...names: string[]): [string, ContactField][] {
  return names.map((name) => [name, field]);
}

/** `plan_name` gives `planName`; underscores at either end stay. */
export function camelCase(name: string): string {
  return name.replace(/(?<=[^_])_+([\p{L}\p{N}])/gu, (_, letter: string) => letter.toUpperCase());
}

/** `matrixId` gives `matrix_id`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
