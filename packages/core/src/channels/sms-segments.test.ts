import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertyRuns } from '../../test/property-runs.ts';
import { smsSegments } from './sms-segments.ts';

function count(text: string): string {
  const { encoding, units, segments } = smsSegments(text);
  return `${encoding} ${units} ${segments}`;
}

describe('smsSegments', () => {
  it.each([
    ['', 'GSM-7 0 1'],
    ['a'.repeat(160), 'GSM-7 160 1'],
    ['a'.repeat(161), 'GSM-7 161 2'],
    ['a'.repeat(306), 'GSM-7 306 2'],
    ['a'.repeat(307), 'GSM-7 307 3'],
    ['a'.repeat(1_530), 'GSM-7 1530 10'],
    ['a'.repeat(1_531), 'GSM-7 1531 11'],
    ['ж'.repeat(70), 'UCS-2 70 1'],
    ['ж'.repeat(71), 'UCS-2 71 2'],
    ['ж'.repeat(134), 'UCS-2 134 2'],
    ['ж'.repeat(135), 'UCS-2 135 3'],
    ['€'.repeat(80), 'GSM-7 160 1'],
    [`${'€'.repeat(80)}a`, 'GSM-7 161 2'],
    // 153 is odd: an extended character does not fit into the last septet of a part.
    ['€'.repeat(152), 'GSM-7 304 2'],
    ['€'.repeat(153), 'GSM-7 306 3'],
    [`a${'€'.repeat(152)}`, 'GSM-7 305 2'],
    ['💥'.repeat(35), 'UCS-2 70 1'],
    ['💥'.repeat(36), 'UCS-2 72 2'],
    // 67 is odd as well: no surrogate pair is torn apart.
    ['💥'.repeat(66), 'UCS-2 132 2'],
    ['💥'.repeat(67), 'UCS-2 134 3'],
    ['Hej på dig, ÅÄÖ üñ ¿¡ Δ@£$¥_', 'GSM-7 28 1'],
    ['^{}\\[~]|€\f', 'GSM-7 20 1'],
    ['a\r\nb', 'GSM-7 4 1'],
    ['`', 'UCS-2 1 1'],
    ['ç', 'UCS-2 1 1'],
    ['Ç', 'GSM-7 1 1'],
    ['\u00A0', 'UCS-2 1 1'],
    ['“”', 'UCS-2 2 1'],
  ])('%#', (text, expected) => {
    expect(count(text)).toBe(expected);
  });

  it('knows 128 characters but for the escape, and 10 of the extension table', () => {
    const all = Array.from({ length: 0x2_0000 }, (_, code) => smsSegments(String.fromCodePoint(code)));
    const gsm = all.filter(({ encoding }) => encoding === 'GSM-7');
    expect(gsm.filter(({ units }) => units === 1)).toHaveLength(127);
    expect(gsm.filter(({ units }) => units === 2)).toHaveLength(10);
  });

  it('never takes fewer parts for more text, nor more than the text can fill', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '€', 'ж', '💥'), maxLength: 500 }), (text) => {
        const { encoding, units, segments } = smsSegments(text);
        const part = encoding === 'GSM-7' ? 153 : 67;
        expect(smsSegments(`${text}a`).segments).toBeGreaterThanOrEqual(segments);
        if (segments > 1) {
          expect(segments).toBeGreaterThanOrEqual(Math.ceil(units / part));
          expect(segments).toBeLessThanOrEqual(Math.ceil(units / (part - 1)));
        }
      }),
      propertyRuns(200),
    );
  });
});
