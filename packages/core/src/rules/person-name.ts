import type { ContactPatch } from './recipient.ts';

/** A name and its parts, as a contact keeps them. */
export interface PersonName {
  readonly name?: string;
  readonly firstName?: string;
  readonly lastName?: string;
}

/**
 * The name after a change. A full name gives its parts (the first word, the rest) where they are not given themselves;
 * parts alone are joined to the full name.
 */
export function patchName(before: PersonName, fields: ContactPatch['fields']): PersonName {
  const { name, firstName, lastName } = fields;
  if (name === undefined && firstName === undefined && lastName === undefined) return before;
  const split = typeof name === 'string' ? splitName(name) : {};
  const base = name === undefined ? before : split;
  const first = firstName === undefined ? base.firstName : (firstName ?? undefined);
  const last = lastName === undefined ? base.lastName : (lastName ?? undefined);
  const full = typeof name === 'string' ? name : [first, last].filter((part) => part !== undefined).join(' ');
  return {
    ...(full === '' ? {} : { name: full }),
    ...(first === undefined ? {} : { firstName: first }),
    ...(last === undefined ? {} : { lastName: last }),
  };
}

function splitName(name: string): PersonName {
  const words = name.trim().split(/\s+/u);
  const [first, ...rest] = words;
  return {
    ...(first === undefined || first === '' ? {} : { firstName: first }),
    ...(rest.length === 0 ? {} : { lastName: rest.join(' ') }),
  };
}
