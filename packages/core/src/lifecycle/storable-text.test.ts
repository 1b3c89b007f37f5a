import { describe, expect, test } from 'vitest';
import { storableId, storableText } from './storable-text.ts';
import { moveMessage } from './transition.ts';

const queued = {
  scope: 1,
  id: '01900000-0000-7000-8000-000000000001',
  epoch: 1,
  status: 'queued' as const,
  attempts: 0,
  lane: 'mail',
  provider: null,
  providerId: null,
  reason: null,
  language: 'en',
};

describe('texts of providers', () => {
  test('lose what a database refuses and what goes on for ever', () => {
    expect(storableText('a\0b\ud800c')).toBe('ab\ufffdc');
    expect(storableText('x'.repeat(2000))).toHaveLength(2000);
    expect(storableText('x'.repeat(2001))).toBe(`${'x'.repeat(2000)}…`);
  });

  test('an id that is too long to be looked up is not kept', () => {
    expect(storableId('x'.repeat(512))).toBe('x'.repeat(512));
    expect(storableId('x'.repeat(513))).toBeNull();
    expect(storableId('')).toBeNull();
  });

  test('are cleaned wherever a message is moved', () => {
    const update = moveMessage(queued, 'sent', {
      providerId: 'id\0',
      error: 'no\0',
      timeline: [{ event: 'attempt', reason: 'because\0\udc00' }],
    });
    expect(update).toMatchObject({
      providerId: 'id',
      error: 'no',
      timeline: [{ event: 'attempt', reason: 'because\ufffd' }],
    });
  });
});
