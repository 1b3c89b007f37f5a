import { describe, expect, it } from 'vitest';
import { type PersonName, patchName } from './person-name.ts';
import type { ContactPatch } from './recipient.ts';

describe('patchName', () => {
  it.each<[ContactPatch['fields'][], PersonName]>([
    [[{ name: 'Jane' }], { name: 'Jane', firstName: 'Jane' }],
    [[{ name: 'Jane van  Doe' }], { name: 'Jane van  Doe', firstName: 'Jane', lastName: 'van Doe' }],
    [[{ firstName: 'Jane', lastName: 'Doe' }], { name: 'Jane Doe', firstName: 'Jane', lastName: 'Doe' }],
    [[{ lastName: 'Doe' }], { name: 'Doe', lastName: 'Doe' }],
    [
      [{ name: 'Dr Jane Doe', firstName: 'Jane', lastName: 'Doe' }],
      { name: 'Dr Jane Doe', firstName: 'Jane', lastName: 'Doe' },
    ],
    [[{ name: 'Jane Doe' }, { firstName: 'Janet' }], { name: 'Janet Doe', firstName: 'Janet', lastName: 'Doe' }],
    [[{ name: 'Jane Doe' }, { lastName: null }], { name: 'Jane', firstName: 'Jane' }],
    [[{ name: 'Jane Doe' }, { name: 'Ann' }], { name: 'Ann', firstName: 'Ann' }],
    [[{ name: 'Jane Doe' }, { name: null }], {}],
    [[{ name: 'Jane Doe' }, { name: null, firstName: 'Ann' }], { name: 'Ann', firstName: 'Ann' }],
    [[{ name: 'Jane Doe' }, { username: 'jane' }], { name: 'Jane Doe', firstName: 'Jane', lastName: 'Doe' }],
  ])('%j', (patches, expected) => {
    let kept: PersonName = {};
    for (const patch of patches) kept = patchName(kept, patch);
    expect(kept).toEqual(expected);
  });
});
