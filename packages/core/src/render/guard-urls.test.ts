import { describe, expect, it } from 'vitest';
import { createRenderer } from './create-renderer.ts';
import type { Escape } from './escape-value.ts';

const where = { event: 'e', channel: 'c', language: 'en', field: 'f' };
const renderer = createRenderer({
  now: () => 0,
  monotonic: () => 0,
  partials: { url: '{{u}}', link: '<a href="{{u}}">' },
  layouts: { main: '<base href="{{u}}">{{{body}}}' },
});

function render(source: string, root: Record<string, unknown>, mode: Escape = 'html'): string {
  return renderer.render(source, { escape: mode, root, where });
}

const bad = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' \u0001 javascript:alert(1)',
  'java\tscr\nipt:alert(1)',
  'java\u0000script:alert(1)',
  '\u00a0\u200bjavascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  `${' '.repeat(5000)}javascript:alert(1)`,
];

describe('URL attributes', () => {
  it.each(bad)('neutralise %j', (u) => {
    for (const [source, expected] of [
      ['<a href="{{u}}">', '<a href="#">'],
      ["<a href='{{u}}'>", "<a href='#'>"],
      ['<a href={{u}}>', '<a href=#>'],
      ['<a href={{u}} class="x">', '<a href=# class="x">'],
      ['<A class="x"\n HREF = "{{u}}">', '<A class="x"\n HREF = "#">'],
      ['<a href="  {{u}}  ">', '<a href="#">'],
      [
        '<img src="{{u}}"/><form action="{{u}}"><button formaction="{{u}}">',
        '<img src="#"/><form action="#"><button formaction="#">',
      ],
      ['<a href="{{{u}}}">', '<a href="#">'],
      ['<a href="{{nope | u}}">', '<a href="#">'],
      ['<a href="{{default nope u}}">', '<a href="#">'],
      ['<a href="{{#if u}}{{u}}{{else}}x{{/if}}">', '<a href="#">'],
      ['<a href="{{#with o}}{{u}}{{/with}}">', '<a href="#">'],
      ['<a href="{{> url}}">', '<a href="#">'],
      ['{{> link}}', '<a href="#">'],
      ['<a href="{{#if u}}/x" src="{{u}}{{/if}}">', '<a href="/x" src="#">'],
      ['{{#if u}}<a href="{{else}}<a href="{{/if}}{{u}}">', '<a href="#">'],
      ['<a href={{#if u}}{{u}}{{/if}}>', '<a href=#>'],
      ['<a {{attrs}} href="{{u}}">', '<a  href="#">'],
      ['<a {{name}}="{{u}}">', '<a href="#">'],
      ['a < b <a href="{{u}}">', 'a < b <a href="#">'],
      [
        '<!-- " --><style>a>b{}</style><a title=">" href="{{u}}">',
        '<!-- " --><style>a>b{}</style><a title=">" href="#">',
      ],
      ['<script>if (a < b) "</scrip"</script><a href="{{u}}">', '<script>if (a < b) "</scrip"</script><a href="#">'],
      ['{{#each l}}<a href="{{u}}">{{/each}}', '<a href="#"><a href="#">'],
      ['{{#each l as |i|}}<a href="{{i.u}}">{{i.n}}{{/each}}', '<a href="#">1<a href="#">2'],
      ['{{#each l}}{{#if n}}<a href="{{../u}}">{{/if}}{{/each}}', '<a href="#"><a href="#">'],
    ] as const) {
      expect(
        render(source, {
          u,
          o: { u },
          l: [
            { u, n: 1 },
            { u, n: 2 },
          ],
          name: 'href',
        }),
        source,
      ).toBe(expected);
    }
    expect(renderer.render('x', { escape: 'html', root: { u }, where, layout: 'main' })).toBe('<base href="#">x');
  });

  it.each([
    ['<a href="{{a}}{{b}}">', { a: 'java', b: 'script:alert(1)' }],
    ['<a href="java{{b}}">', { b: 'script:alert(1)' }],
    ['<a href="{{a}}:{{b}}">', { a: 'javascript', b: 'alert(1)' }],
    ['<a href="{{a}}://{{b}}">', { a: 'javascript', b: '%0aalert(1)' }],
    ['<a href="{{#each p}}{{this}}{{/each}}">', { p: ['java', 'script', ':alert(1)'] }],
    ['<a href="{{{a}}}">', { a: 'java&#115;cript:alert(1)' }],
    ['<a href="{{{a}}}">', { a: '&#x6A;avascript&colon;alert(1)' }],
    ['<a href="{{{a}}}">', { a: 'java&Tab;script:alert(1)' }],
    ['{{#if a}}<a href="java{{/if}}{{b}}">', { a: 1, b: 'script:alert(1)' }],
  ])('put together by %s are seen whole', (source, root) => {
    expect(render(source, root)).toMatch(/<a href="(?:java)?#">$/);
  });

  it.each([
    'https://e.com/?a=1&b=data:x#javascript:',
    'http://e.com',
    '/path:with/colon',
    '?q=javascript:',
    '#javascript:',
    'mailto:a@b.c',
    'tel:+49123',
    'app-scheme://open',
    'cid:logo',
    'relative/page',
    '',
  ])('let %j pass', (u) => {
    const escaped = u.replaceAll('&', '&amp;').replaceAll('=', '&#x3D;');
    expect(render('<a href="{{u}}">', { u })).toBe(`<a href="${escaped}">`);
    expect(render('<a href="https://e.com/{{u}}">', { u })).toBe(`<a href="https://e.com/${escaped}">`);
  });

  it('leave other attributes, text and other modes alone', () => {
    const u = 'javascript:x';
    expect(render('{{u}} <p title="{{u}}">{{u}}</p> href="{{u}}"', { u })).toBe(
      `${u} <p title="${u}">${u}</p> href="${u}"`,
    );
    expect(render('<a href="/x?u={{u}}">{{u}}</a>', { u })).toBe(`<a href="/x?u=${u}">${u}</a>`);
    expect(render('<a href="{{u}}">', { u }, 'none')).toBe(`<a href="${u}">`);
  });

  it('cannot be left by a value', () => {
    for (const quote of ['"', "'"]) {
      const text = render(`<a title=${quote}{{u}}${quote}>`, { u: `${quote} onclick=${quote}x` });
      expect(text.split(quote)).toHaveLength(3);
    }
  });
});
