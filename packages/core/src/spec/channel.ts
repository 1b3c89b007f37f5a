import type { StandardSchema } from './standard-schema.ts';

/** The types a channel brings: one bag, so that hovers and declarations stay short. */
export interface ChannelTypes {
  readonly name: string;
  /** The contact field that holds the address. */
  readonly address: string;
  readonly template: object;
  readonly overrides: object;
}

/**
 * How payload text becomes harmless in a field: `html` (e-mail bodies), `slack` (`& < >`), `none` (plain text), or a
 * function of one value.
 */
export type Escape = 'html' | 'slack' | 'none' | ((value: string) => string);

/** A medium as data: where its address is on a contact, which fields a template has, its limits and its escaping. */
// biome-ignore lint/suspicious/noExplicitAny: the bag is open by default
export interface Channel<Types extends ChannelTypes = any> {
  readonly name: Types['name'];
  /** The contact field that holds the address, such as `email`; also the kind of its identifier. */
  readonly address: Types['address'];
  /** True when a contact may have several addresses (push tokens): one message for each. Default: false. */
  readonly many?: boolean;
  /** Whether a message on it comes from somebody: e-mail needs a sender, sms may have one. Default: `none`. */
  readonly sender?: 'required' | 'optional' | 'none';
  /** Validates rendered content; synchronous. */
  readonly template: StandardSchema<unknown, Types['template']>;
  /** Validates `overrides.<channel>` of a send; synchronous. Left out: no overrides. */
  readonly overrides?: StandardSchema<unknown, Types['overrides']>;
  /** How values are escaped in a field of a template. */
  escape(field: string, template: Readonly<Record<string, unknown>>): Escape;
  /** The normal form under which an address is looked up; throws a `TidingsError` for what is no address. */
  normalize(address: string): string;
  /** What is too long or malformed in rendered content, before any I/O; undefined when fine. */
  check(content: Types['template']): ContentProblem | undefined;
  readonly '~types'?: Types;
}

/** Why content cannot be sent. */
export interface ContentProblem {
  readonly field: string;
  /** Says the limit and the length met, in the unit that counts. Holds no content. */
  readonly message: string;
}

/** The types of a channel or event definition. */
// biome-ignore lint/suspicious/noExplicitAny: reads the bag of any carrier
export type TypesOf<X extends { readonly '~types'?: any }> = NonNullable<X['~types']>;
