import type { Channel, Contact, ContactFacts } from '../spec/index.ts';

/** A contact's address on a channel, as given and in normal form. */
export interface AddressOn {
  readonly address: string;
  readonly value: string;
}

/** A contact's addresses on a channel, in the order they were added; most channels have at most one. */
export function addressesOn(channel: Channel, facts: ContactFacts, contact: Contact): readonly AddressOn[] {
  const values = facts.identifiers.filter((identifier) => identifier.kind === channel.address);
  if (channel.many === true) return values.map(({ value }) => ({ address: value, value }));
  const fields = contact as unknown as Readonly<Record<string, unknown>>;
  const given = contact.addresses?.[channel.address] ?? fields[channel.address];
  return values.map(({ value }) => ({ address: typeof given === 'string' ? given : value, value }));
}
