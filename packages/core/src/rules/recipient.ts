import type {
  Contact,
  ContactFacts,
  ContactUpdate,
  IdentifierKey,
  IdentifierRow,
  NewContact,
  ScopeId,
} from '../spec/index.ts';

/** How recipients are read: the engine's settings, the same for every send. */
export interface RecipientRules {
  /** How far a phone number is checked. Default: `form`, E.164 by its form alone. */
  readonly phones?: PhoneCheck;
  /** ISO 3166-1 alpha-2, such as `SE`: lets formatted and local numbers in, read as that country's. Default: none. */
  readonly defaultCountry?: string;
  /** Address fields of custom channels, by name. Default: none. */
  readonly customAddresses?: ReadonlyMap<string, CustomAddress>;
}

/** `form`: E.164. `possible`: of a length its country uses. `valid`: in a range its country has assigned. */
export type PhoneCheck = 'form' | 'possible' | 'valid';

/** The address field of a custom channel. */
export interface CustomAddress {
  /** The normal form; throws a `TidingsError` for what is no address. */
  normalize(address: string): string;
  /** A contact may have several; they then identify nobody and move to their latest owner, as push tokens do. */
  readonly many: boolean;
}

/** An identifier in normal form. */
export interface Identifier {
  readonly kind: string;
  readonly value: string;
}

/** What a `to` asks for, before anything was looked up. */
export type RecipientRequest = ContactRequest | AddressRequest;

/** A contact, existing or to be made. */
export interface ContactRequest {
  readonly kind: 'contact';
  /** Where it stood in the call, such as `to` or `to[3]`; for messages. */
  readonly path: string;
  /** Contact ids to look up. */
  readonly ids: readonly string[];
  /** All identifiers to look up. */
  readonly identifiers: readonly Identifier[];
  /** A bare string: tried as external id, contact id, Slack user and Slack channel, in this order. */
  readonly bare?: string;
  readonly patch: ContactPatch;
}

/** A post without a contact. */
export interface AddressRequest {
  readonly kind: 'address';
  readonly path: string;
  readonly channel: 'slack';
  readonly address: string;
}

/** What to change on a contact. `null` removes; what is left out stays. */
export interface ContactPatch {
  /** The `id` of an object: a contact's id if there is such a contact, otherwise an external id. */
  readonly id?: string;
  /** Identifiers of which a contact has at most one, by kind. */
  readonly single: ReadonlyMap<string, GivenIdentifier | null>;
  /** Identifiers of which a contact may have several, by kind. */
  readonly several: ReadonlyMap<string, SeveralPatch>;
  /** Plain fields. */
  readonly fields: { readonly [Field in PlainField]?: string | null };
  /** By key; `null` as a value removes the key, `null` as a whole removes all. */
  readonly meta: Readonly<Record<string, unknown>> | null;
}

/** Fields of a contact that are no identifiers. */
export type PlainField = 'name' | 'firstName' | 'lastName' | 'avatar' | 'username' | 'language' | 'timezone';

/** An identifier as given and in normal form. */
export interface GivenIdentifier {
  readonly given: string;
  readonly value: string;
}

/** First removes, then adds; values in normal form. */
export interface SeveralPatch {
  readonly add: readonly string[];
  readonly remove: readonly string[] | 'all';
}

/** Finds contacts that were read. */
export interface ContactIndex {
  byId(id: string): ContactFacts | undefined;
  byIdentifier(kind: string, value: string): ContactFacts | undefined;
}

/** What resolving needs besides the request and the index. */
export interface ResolveOptions {
  readonly scope: ScopeId;
  /** Id of the contact, should one be made. */
  readonly newId: string;
  /** `Facts.now`, for the times of a new contact. */
  readonly now: number;
  /** `IdentifierRow.hash`. */
  hash(kind: string, value: string): Uint8Array;
  /** False (cancel, reading): an unknown contact gives undefined, and a known one is left as it is. */
  readonly create: boolean;
}

/** Who a request turned out to be. */
export type ResolvedRecipient = ResolvedContact | ResolvedAddress;

/** A contact, with all its changes applied. */
export interface ResolvedContact {
  readonly kind: 'contact';
  readonly contact: Contact;
  /** As it will be; `row.version` is still the one that was read. */
  readonly facts: ContactFacts;
  readonly created: boolean;
  /** From what the index held to `facts`, for a commit of this one recipient. All empty when nothing changes. */
  readonly writes: ContactWrites;
}

/** An address without a contact. */
export interface ResolvedAddress {
  readonly kind: 'address';
  readonly channel: 'slack';
  readonly address: string;
  readonly hash: Uint8Array;
}

/** The parts of `Writes` that concern contacts. */
export interface ContactWrites {
  readonly contacts: { readonly insert: readonly NewContact[]; readonly update: readonly ContactUpdate[] };
  readonly identifiers: {
    readonly remove: readonly (IdentifierKey & { readonly contactId: string })[];
    readonly insert: readonly IdentifierRow[];
    readonly move: readonly IdentifierRow[];
  };
}
