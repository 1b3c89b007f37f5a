import { describe, expect, it } from 'vitest';
import { createRenderer } from './create-renderer.ts';
import { helperCatalog, helperTable } from './helper-catalog.ts';
import type { RenderHow } from './renderer.ts';

const where = { event: 'e', channel: 'c', language: 'en', field: 'f' };
const renderer = createRenderer({ now: () => Date.UTC(2024, 2, 7, 12), monotonic: () => 0 });
const root = {
  one: 1,
  two: 2,
  name: 'ann lee',
  list: ['a', 'b', 'c'],
  none: [],
  when: '2024-03-07T22:30:05Z',
  day: '2024-03-07',
  date: new Date(Date.UTC(2024, 2, 7)),
  family: '👨‍👩‍👧‍👦🇩🇪é',
  map: new Map([['k', 'v']]),
  set: new Set(['x', 'y']),
  data: { a: '<b>&', n: null, u: undefined, d: new Date(0), big: 5n },
  ts: Date.UTC(2024, 2, 7, 22, 30, 5),
};

function render(source: string, how: Partial<RenderHow> = {}): string {
  return renderer.render(source, { escape: 'none', root, where, ...how });
}

describe('the catalog', () => {
  it('documents every helper with a use that compiles', () => {
    for (const [name, { usage, gives }] of Object.entries(helperCatalog)) {
      expect(usage, name).toMatch(/\{\{/);
      expect(gives, name).not.toBe('');
      expect(() => renderer.check(usage, { escape: 'html', where }), usage).not.toThrow();
    }
    const table = helperTable().split('\n');
    expect(table).toHaveLength(Object.keys(helperCatalog).length + 2);
    for (const row of table) expect(row.replaceAll('\\|', '').split('|')).toHaveLength(5);
  });
});

describe('logic', () => {
  it.each([
    ['{{#compare one "<" two}}a{{else}}b{{/compare}}', 'a'],
    ['{{#compare one ">" two}}a{{else}}b{{/compare}}', 'b'],
    [
      '{{compare one "==" "1"}} {{compare one "===" "1"}} {{compare one "!=" 2}} {{compare one "!==" 1}}',
      'true false true false',
    ],
    ['{{compare one "<=" 1}} {{compare two ">=" 3}} {{compare name "typeof" "string"}}', 'true false true'],
    ['{{compare date "<" date}} {{compare nope "<" 1}} {{compare list ">" 0}}', 'false false false'],
    ['{{#eq one 1}}a{{else}}b{{/eq}}{{#ne one 1}}a{{else}}b{{/ne}}', 'ab'],
    [
      '{{lt 1 2}} {{lte 2 2}} {{gt 1 2}} {{gte 2 2}} {{eq date date}} {{eq "a" "b"}}',
      'true true false true true false',
    ],
    ['{{and one two}} {{and one nope}} {{or nope two}} {{not none}} {{not one}}', '2  2 true false'],
    ['{{#and one two}}a{{/and}}{{#or nope none}}b{{else}}c{{/or}}{{#not nope}}d{{/not}}', 'acd'],
    ['{{#if (and (gt two 1) (eq name "ann lee"))}}a{{/if}}', 'a'],
    ['{{default nope "x"}} {{default "" nope "y"}} {{default 0 "z"}} {{default false "z"}}', 'x y 0 false'],
  ])('%s', (source, expected) => {
    expect(render(source)).toBe(expected);
  });

  it('names the operators it knows', () => {
    expect(() => render('\n{{compare 1 "constructor" 2}}')).toThrow(
      'line 2: the helper "compare" cannot be used like this: the second argument must be one of == === ',
    );
  });
});

describe('text', () => {
  it.each([
    [
      '{{upper name}} {{uppercase name}} {{toUpperCase name}} {{lower "A"}} {{lowercase "A"}} {{toLowerCase "A"}}',
      'ANN LEE ANN LEE ANN LEE a a a',
    ],
    ['{{capitalize name}}{{capitalize nope}}{{capitalize "élan"}}{{capitalize "🎉x"}}', 'Ann leeÉlan🎉x'],
    ['[{{trim "  a b  "}}]', '[a b]'],
    [
      '{{truncate name 5}}|{{truncate name 7}}|{{truncate name 4 ending=""}}|{{truncate name 1}}|{{truncate name 0}}',
      'ann…|ann lee|ann|…|',
    ],
    ['{{truncate family 3}}|{{truncate family 2}}|{{truncate nope 3}}', '👨‍👩‍👧‍👦🇩🇪é|👨‍👩‍👧‍👦…|'],
    [
      '{{join list}}|{{join list "-"}}|{{join list ", " last=" and "}}|{{join none}}|{{join nope}}|{{join set}}',
      'a, b, c|a-b-c|a, b and c|||x, y',
    ],
    [
      '{{length list}} {{length name}} {{length family}} {{length nope}} {{length map}} {{length set}} {{length data}}',
      '3 7 3 0 1 2 5',
    ],
    ['{{replace name "n" "$&"}} {{replace name "" "x"}} {{replace "a.b" "." "|"}}', 'a$&$& lee ann lee a|b'],
    ['{{urlencode "a b&c/ü"}} {{urlencode nope}}', 'a%20b%26c%2F%C3%BC '],
    ['{{json data}}', '{"a":"<b>&","n":null,"d":"1970-01-01T00:00:00.000Z","big":"5"}'],
    ['{{json nope}} {{json name}} {{lookup list 1}} {{lookup data "a"}} {{lookup nope "x"}}', 'null "ann lee" b <b>& '],
    ['{{#each map}}{{@key}}={{this}}{{/each}} {{#each set}}{{@index}}{{this}}{{/each}}', 'k=v 0x1y'],
  ])('%s', (source, expected) => {
    expect(render(source)).toBe(expected);
  });

  it('follows the language', () => {
    expect(render('{{upper "i"}}{{lower "I"}}', { language: 'tr' })).toBe('İı');
  });

  it('keeps JSON from ending the script it stands in', () => {
    const html = render('{{{json data}}}', { escape: 'html', root: { data: { a: '</script><!--&\u2028' } } });
    expect(html).toBe('{"a":"\\u003c/script\\u003e\\u003c!--\\u0026\\u2028"}');
    expect(JSON.parse(html)).toEqual({ a: '</script><!--&\u2028' });
  });

  it('encodes a lone surrogate instead of failing', () => {
    expect(render('{{urlencode x}}', { root: { x: 'a\ud800' } })).toBe('a%EF%BF%BD');
  });
});

describe('dates', () => {
  const nb = (text: string): string => text.replaceAll('\u202f', ' ').replaceAll('\u00a0', ' ');

  it.each([
    ['{{date when}} {{date day}} {{date ts}}', 'Mar 7, 2024 Mar 7, 2024 Mar 7, 2024'],
    ['{{date when style="full"}}', 'Thursday, March 7, 2024'],
    ['{{time when}} {{datetime when}}', '10:30 PM Mar 7, 2024, 10:30 PM'],
    ['{{datetime when style="short" timeStyle="medium"}}', '3/7/24, 10:30:05 PM'],
    ['{{date when format="yyyy-MM-dd HH:mm:ss"}}', '2024-03-07 22:30:05'],
    [
      "{{date when format=\"EEEE d MMMM yy 'o''clock' h a EEE MMM M hh H\"}}",
      "Thursday 7 March 24 o'clock 10 PM Thu Mar 3 10 22",
    ],
    ['{{date "now" format="yyyy"}} {{date "2024-02-29"}}', '2024 Feb 29, 2024'],
    ['{{date nope}}{{date ""}}{{time nope}}{{relative nope}}', ''],
    ['{{date "2024-03-07T23:30:00-05:00"}} {{date "2024-03-07 23:30+0530"}}', 'Mar 8, 2024 Mar 7, 2024'],
    ['{{date "2024-03-07T10:00:00.123456Z" format="ss"}}', '00'],
    [
      '{{relative when}} {{relative "2024-03-06T12:00:00Z"}} {{relative "2026-03-08T00:00:00Z"}} {{relative "now"}}',
      'in 11 hours yesterday in 2 years now',
    ],
  ])('%s', (source, expected) => {
    expect(nb(render(source))).toBe(expected);
  });

  it('follow the language and the time zone of the contact', () => {
    const how = { language: 'de-DE', timeZone: 'Asia/Tokyo' };
    expect(render('{{date when style="long"}} {{time when}}', how)).toBe('8. März 2024 07:30');
    expect(render('{{date when format="d. MMMM HH:mm"}}', how)).toBe('8. März 07:30');
    expect(nb(render('{{time when timeZone="America/New_York" language="en"}}', how))).toBe('5:30 PM');
    expect(render('{{date when format="yyyy-MM-dd"}}', { language: 'ar-EG' })).toBe('2024-03-07');
    expect(render('{{date when format="yyyy"}}', { language: 'th-TH' })).toBe('2024');
    expect(render('{{date when}}', { language: 'pt_BR' })).toBe('7 de mar. de 2024');
    expect(render('{{date when}}', { language: 'not a language!' })).toBe('Mar 7, 2024');
  });

  it('never shift a date without a time', () => {
    for (const timeZone of ['America/Los_Angeles', 'Pacific/Kiritimati'])
      expect(render('{{date day}}', { timeZone })).toBe('Mar 7, 2024');
  });

  it.each([
    ['{{date "tomorrow"}}', 'the value is not a date'],
    ['{{date "2024-02-30"}}', 'the value is not a date'],
    ['{{date "2024-03-07T25:00"}}', 'the value is not a date'],
    ['{{date "2024-13-01"}}', 'the value is not a date'],
    ['{{date list}}', 'the value is not a date'],
    ['{{date 99999999999999999}}', 'the value is not a date'],
    ['{{date when style="huge"}}', 'style must be'],
    ['{{date when format="QQ"}}', 'format has the unknown part "QQ"'],
    ['{{date when format=list}}', 'format must be'],
    ['{{date when timeZone="Mars/Phobos"}}', 'an option cannot be used'],
    ['{{date when timeZone=list}}', 'timeZone must be text'],
  ])('%s is refused', (source, message) => {
    expect(() => render(source)).toThrow(
      expect.objectContaining({ code: 'TEMPLATE_FAILED', message: expect.stringContaining(message) }),
    );
    expect(() => render(source)).toThrow('event "e", channel "c", language "en", field "f", line 1: the helper "date"');
  });
});

describe('numbers', () => {
  const nb = (text: string): string => text.replaceAll('\u202f', ' ').replaceAll('\u00a0', ' ');

  it.each([
    [
      '{{number 1234.5}} {{number 1234.5 decimals=2}} {{number "7"}} {{number 1234567 notation="compact"}}',
      '1,234.5 1,234.50 7 1.2M',
    ],
    [
      '{{currency 1234.5 "EUR"}} {{currency 5 currency="usd"}} {{currency 5 "JPY"}} {{currency 5 "USD" decimals=0}}',
      '€1,234.50 $5.00 ¥5 $5',
    ],
    [
      '{{currency 1999 "EUR" minor=true}} {{currency 1999 "JPY" minor=true}} {{currency nope "EUR" minor=true}}',
      '€19.99 ¥1,999 ',
    ],
    ['{{percent 0.25}} {{percent 0.256 decimals=1}}', '25% 25.6%'],
    [
      '{{plural 1 "item" "items"}} {{plural 2 "item" "items"}} {{plural 0 one="# item" other="# items" zero="nothing"}}',
      'item items nothing',
    ],
    ['{{plural 1234 one="# item" other="# items"}} {{plural nope "a" "b"}}', '1,234 items '],
    ['{{add 0.1 0.2}} {{add 1 2 3}} {{subtract 5 "2"}} {{multiply 1.1 3}} {{divide 1 4}}', '0.3 6 3 3.3 0.25'],
    ['{{round 2.5}} {{round 1.005 2}} {{round -1.5}} {{round "1e21"}} {{round "3.14159" 3}}', '3 1.01 -2 1e+21 3.142'],
    ['{{round 0.0000001 2}} {{round "-1e-7" 2}} {{round 7 2}} {{round 1234.5678 0}}', '0 0 7 1235'],
    [
      '{{bytes 0}} {{bytes 999}} {{bytes 1536}} {{bytes 999950}} {{bytes 5000000000}}',
      '0 bytes 999 bytes 1.5 kB 1 MB 5 GB',
    ],
    ['{{number nope}}{{number ""}}{{currency nope "EUR"}}{{add nope 1}}{{round nope}}{{bytes nope}}', ''],
  ])('%s', (source, expected) => {
    expect(nb(render(source))).toBe(expected);
  });

  it('follow the language', () => {
    expect(nb(render('{{number 1234.5}} {{currency 5 "EUR"}} {{percent 0.5}}', { language: 'de' }))).toBe(
      '1.234,5 5,00 € 50 %',
    );
    const words = '{{plural n one="# plik" few="# pliki" many="# plików" other="# pliku"}}';
    const polish = (n: number): string => render(words, { language: 'pl', root: { n } });
    expect([1, 2, 5, 22].map(polish)).toEqual(['1 plik', '2 pliki', '5 plików', '22 pliki']);
  });

  it.each([
    ['{{number name}}', 'an argument is not a number but a string'],
    ['{{number true}}', 'an argument is not a number but a boolean'],
    ['{{number 1 decimals=21}}', 'decimals must be a whole number from 0 to 20'],
    ['{{number 1 notation="x"}}', 'notation must be'],
    ['{{currency 1 "EURO"}}', 'the currency must be a code of three letters'],
    ['{{currency 1}}', 'the currency must be a code of three letters'],
    ['{{divide 1 0}}', 'dividing by zero'],
    ['{{plural 2 one="x"}}', 'no word is given for the plural category "other"'],
    ['{{join name}}', 'the first argument must be a list'],
    ['{{truncate name -1}}', 'the length must be a whole number'],
  ])('%s is refused, without the value', (source, message) => {
    expect(() => render(source)).toThrow(
      expect.objectContaining({ code: 'TEMPLATE_FAILED', message: expect.stringContaining(message) }),
    );
    expect(() => render(source)).not.toThrow('ann lee');
  });
});
