import { describe, expect, it } from 'vitest';
import { buildRoot } from './build-root.ts';

describe('buildRoot', () => {
  it('lays payload over contact fields over meta', () => {
    const root = buildRoot({
      payload: { a: 'payload', n: null, u: undefined },
      contact: {
        a: 'contact',
        b: 'contact',
        c: null,
        n: 'contact',
        u: 'contact',
        meta: { a: 'meta', b: 'meta', c: 'meta', d: 'meta' },
      },
    });
    expect({ ...root }).toMatchObject({ a: 'payload', b: 'contact', c: 'meta', d: 'meta', n: null, u: 'contact' });
  });

  it('keeps the reserved names for the engine', () => {
    const payload = { payload: 1, contact: 2, app: 3, sender: 4, brand: 5, digest: 6 };
    const contact = { id: 'c', app: 'x', meta: { brand: 'y' } };
    const app = { name: 'A' };
    const root = buildRoot({ payload, contact, app, sender: 's', brand: 'b', digest: 'd' });
    expect({ ...root }).toEqual({
      id: 'c',
      meta: contact.meta,
      payload,
      contact,
      app,
      sender: 's',
      brand: 'b',
      digest: 'd',
    });
    expect(buildRoot({ payload }).app).toBeUndefined();
    expect(buildRoot({ payload }).payload).toBe(payload);
    expect({ ...buildRoot({}) }).toMatchObject({ payload: {}, contact: {} });
  });

  it('has no prototype to look into, and takes none over', () => {
    const payload = JSON.parse('{"__proto__":{"evil":1},"constructor":"own"}') as Record<string, unknown>;
    const root = buildRoot({ payload, contact: payload });
    expect('evil' in root).toBe(false);
    expect(Object.keys(root)).not.toContain('__proto__');
    expect('toString' in root).toBe(false);
    expect(root.constructor).toBe('own');
  });

  it('takes what is no plain object as having no fields', () => {
    for (const payload of ['text', 1, null, ['a'], () => 1] as unknown as Record<string, unknown>[]) {
      expect(Object.keys(buildRoot({ payload }))).toEqual(['payload', 'contact', 'app', 'sender', 'brand', 'digest']);
    }
  });
});
