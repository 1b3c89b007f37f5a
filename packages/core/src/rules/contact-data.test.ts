import { describe, expect, it } from 'vitest';
import { readContactData, searchName, writeContactData } from './contact-data.ts';

describe('searchName', () => {
  it('is lower case and at most 255 bytes, cut between characters', () => {
    expect(searchName(undefined)).toBeNull();
    expect(searchName('Jane DOE')).toBe('jane doe');
    expect(searchName('É'.repeat(127))).toBe('é'.repeat(127));
    expect(searchName('É'.repeat(128))).toBe('é'.repeat(127));
    expect(searchName('a'.repeat(255))).toBe('a'.repeat(255));
    expect(searchName('a'.repeat(256))).toBe('a'.repeat(255));
    expect(searchName(`${'a'.repeat(253)}💥`)).toBe('a'.repeat(253));
  });
});

describe('contact data', () => {
  it('is the same text for the same fields', () => {
    const one = writeContactData({ name: 'A', email: 'a@example.com', addresses: { b: '1', a: '2' }, meta: {} }, 'to');
    const two = writeContactData({ meta: {}, addresses: { a: '2', b: '1' }, email: 'a@example.com', name: 'A' }, 'to');
    expect(one).toBe('{"email":"a@example.com","name":"A","addresses":{"a":"2","b":"1"}}');
    expect(two).toBe(one);
  });

  it('reads back what was written', () => {
    const data = { email: 'a@example.com', language: 'sv', addresses: { a: '1' }, meta: { x: [1] } };
    const row = {
      scope: 1,
      id: 'i',
      version: 1,
      name: null,
      createdAt: 0,
      updatedAt: 0,
      data: writeContactData(data, 'to'),
    };
    expect(readContactData(row)).toEqual(data);
    expect(readContactData({ ...row, data: '{}' })).toEqual({ meta: {} });
  });
});
