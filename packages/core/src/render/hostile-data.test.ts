import { describe, expect, it } from 'vitest';
import { TidingsError } from '../spec/errors.ts';
import { buildRoot } from './build-root.ts';
import { createRenderer } from './create-renderer.ts';
import type { Escape } from './escape-value.ts';

const where = { event: 'e', channel: 'c', language: 'en', field: 'f' };
const renderer = createRenderer({ now: () => 0, monotonic: () => 0, partials: { p: '{{x}}{{constructor}}' } });

function render(source: string, payload: Record<string, unknown>, mode: Escape = 'none'): string {
  return renderer.render(source, { escape: mode, root: buildRoot({ payload }), where });
}

const payload = JSON.parse(`{
  "text": "abc", "list": [1, 2], "empty": {},
  "__proto__": { "polluted": "yes", "x": "evil" },
  "constructor": { "prototype": { "polluted": "yes" } },
  "nested": { "__proto__": { "polluted": "yes" }, "own": "fine", "constructor": "Ferrari", "toString": "text" }
}`) as Record<string, unknown>;

describe('prototypes', () => {
  it.each([
    '{{__proto__}}',
    '{{__proto__.polluted}}',
    '{{payload.__proto__.polluted}}',
    '{{nested.__proto__.polluted}}',
    '{{polluted}}{{x}}',
    '{{text.constructor}}{{text.constructor.constructor}}',
    '{{empty.constructor}}{{empty.toString}}{{empty.hasOwnProperty}}',
    '{{list.constructor}}{{list.push}}{{list.__proto__}}',
    '{{toString}}{{valueOf}}{{__defineGetter__}}{{__lookupGetter__}}',
    '{{lookup this "__proto__"}}{{lookup nested "__proto__"}}{{lookup text "constructor"}}{{lookup list "push"}}',
    '{{lookup (lookup empty "constructor") "constructor"}}',
    '{{#with empty}}{{constructor}}{{toString}}{{/with}}',
    '{{#with text}}{{constructor.name}}{{/with}}',
    '{{#each list}}{{constructor}}{{this.constructor}}{{/each}}',
    '{{@root.__proto__.polluted}}{{@root.toString}}{{@constructor}}{{@__proto__}}',
    '{{> p empty}}{{#with __proto__}}{{polluted}}{{/with}}{{#if __proto__}}x{{/if}}',
    '{{[__proto__]}}{{this.[__proto__].polluted}}',
  ])('%s gives nothing', (source) => {
    expect(render(source, payload)).toBe('');
  });

  it('leaves own fields usable whatever their names', () => {
    expect(render('{{nested.own}} {{nested.constructor}} {{nested.toString}}', payload)).toBe('fine Ferrari text');
    expect(render('{{#each nested}}{{@key}} {{/each}}', payload)).toBe('own constructor toString ');
  });

  it('pollutes nothing', () => {
    render('{{__proto__.polluted}}{{> p __x=1}}{{json payload}}', payload);
    buildRoot({ payload, contact: payload, brand: payload });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(Object.getPrototypeOf(buildRoot({ payload })))).toBeNull();
  });

  it('is not fooled by a prototype that was polluted elsewhere', () => {
    const prototype = Object.prototype as unknown as Record<string, unknown>;
    prototype.tidingsPolluted = 'yes';
    try {
      expect(
        render('{{tidingsPolluted}}{{empty.tidingsPolluted}}{{#each list}}{{@tidingsPolluted}}{{/each}}', payload),
      ).toBe('');
    } finally {
      delete prototype.tidingsPolluted;
    }
  });
});

describe('functions in data', () => {
  const calls: string[] = [];
  const spy = (name: string) => () => {
    calls.push(name);
    return 'called';
  };
  const live = {
    f: spy('f'),
    o: {
      f: spy('o.f'),
      toString: spy('toString'),
      toHTML: spy('toHTML'),
      toJSON: spy('toJSON'),
      valueOf: spy('valueOf'),
    },
    list: Object.assign([spy('item')], {
      toString: spy('list'),
      join: spy('join'),
      [Symbol.iterator]: spy('iterator'),
    }),
    date: Object.assign(new Date(0), { toISOString: spy('iso'), getTime: spy('time'), toJSON: spy('date json') }),
    map: Object.assign(new Map([['k', 'v']]), { forEach: spy('map') }),
    set: Object.assign(new Set(['s']), { forEach: spy('set') }),
  };

  it.each([
    ['{{f}}{{{f}}}{{o.f}}{{f 1}}', undefined],
    ['{{f}}{{{f}}}{{o.f}}{{f.name}}', ''],
    [
      '{{#f}}a{{else}}b{{/f}}{{#if f}}a{{else}}b{{/if}}{{#each f}}a{{else}}b{{/each}}{{#with f}}a{{else}}b{{/with}}',
      'bbbb',
    ],
    ['{{upper f}}{{f | "fallback"}}{{default f "x"}}', 'fallbackx'],
    ['{{o}} {{{o}}} {{upper o}}', '[object Object] [object Object] [OBJECT OBJECT]'],
    ['{{list}}|{{join list}}|{{#each list}}{{this}}{{@index}}{{/each}}', '||0'],
    ['{{json o}} {{json list}} {{json date}}', '{} [null] "1970-01-01T00:00:00.000Z"'],
    ['{{date}} {{date date format="yyyy"}}', '1970-01-01T00:00:00.000Z 1970'],
    ['{{#each map}}{{@key}}{{this}}{{/each}}{{#each set}}{{this}}{{/each}}', 'kvs'],
    ['{{#each o}}{{@key}}{{/each}}', ''],
    [
      '{{#if (eq o "x")}}a{{/if}}{{#compare o "==" "called"}}a{{/compare}}{{#compare o "<" 5}}a{{/compare}}{{add 1 2}}',
      '3',
    ],
    ['{{lookup o f}}{{lookup o o}}{{lookup list "0"}}', ''],
  ])('%s are never called', (source, expected) => {
    calls.length = 0;
    if (expected === undefined) expect(() => render(source, live)).toThrow('unknown helper "f"');
    else expect(render(source, live)).toBe(expected);
    expect(calls).toEqual([]);
  });

  it('reads getters, and says which data threw', () => {
    const getter = {
      get x(): string {
        return 'got';
      },
    };
    expect(render('{{x}}{{payload.x}}', getter)).toBe('gotgot');
    const bad = {
      get x(): string {
        throw new Error('no');
      },
    };
    expect(() => buildRoot({ payload: bad })).toThrow(TidingsError);
    const inner = { code: 'TEMPLATE_FAILED', details: where };
    expect(() => render('{{o.x}}', { o: bad })).toThrow(expect.objectContaining(inner));
  });
});

describe('odd values', () => {
  it.each([
    [Symbol('s'), ''],
    [10n, '10'],
    [Number.NaN, 'NaN'],
    [new Date(Number.NaN), ''],
    [new URL('https://e.com/x'), 'https://e.com/x'],
    [Object.create(null), '[object Object]'],
    [[1, [2, null, undefined, ['x']]], '1,2,,,x'],
    ['\ud800', '\ud800'],
  ])('%s', (value, expected) => {
    expect(render('{{v}}', { v: value })).toBe(expected);
    expect(render('{{{v}}}', { v: value })).toBe(expected);
  });

  it('ends on data that contains itself', () => {
    const loop: unknown[] = [1];
    loop.push(loop);
    expect(render('{{loop}}', { loop })).toMatch(/^1,1,/);
    expect(() => render('{{json loop}}', { loop })).toThrow('contains itself');
  });
});

const naughty = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '` onx=`',
  '{{contact.name}}{{#if x}}',
  '{{{{raw}}}}',
  '\\{{x}}',
  '#{7*7}<%= 7 %>',
  '\u0000\u0001\u001b[31m',
  '\u202eevil\u202c \ufeff \u2028\u2029',
  'Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮ 👨‍👩‍👧‍👦 🇩🇪',
  '\ud83d',
  '&lt;&amp;&#x27;',
  "'; DROP TABLE users; --",
  "$& $1 $` $'",
  '../../etc/passwd\r\nBcc: x@y.z',
  '__proto__',
  'undefined',
  '<!--<![CDATA[',
  '*bold* _it_ <!channel> <@U1> <https://evil|good>',
];

describe('naughty strings', () => {
  const decoded = (text: string): string =>
    text.replace(/&(amp|lt|gt|quot|#x27|#x60|#x3D);/g, (_, name: string) => {
      return { amp: '&', lt: '<', gt: '>', quot: '"', '#x27': "'", '#x60': '`', '#x3D': '=' }[name] as string;
    });

  it.each(naughty)('%j survives every way of escaping', (value) => {
    const source = '{{v}}|{{#each list}}{{this}}{{/each}}|{{nope | v}}|{{default nope v}}';
    const data = { v: value, list: [value] };
    const verbatim = [value, value, value, value].join('|');
    expect(render(source, data)).toBe(verbatim);
    const html = render(source, data, 'html');
    expect(html).not.toMatch(/[<>"'`=]/);
    expect(decoded(html)).toBe(verbatim);
    const slack = render(source, data, 'slack');
    expect(slack).not.toMatch(/[<>]/);
    expect(decoded(value.includes('&') ? '' : slack)).toBe(value.includes('&') ? '' : verbatim);
    expect(render('{{{v}}}', data, 'html')).toBe(value);
  });
});
