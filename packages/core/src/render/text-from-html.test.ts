import { beforeAll, describe, expect, it } from 'vitest';
import { createRenderer } from './create-renderer.ts';
import { loadTextFromHtml, textFromHtml } from './text-from-html.ts';

beforeAll(loadTextFromHtml);

describe('textFromHtml', () => {
  it.each([
    ['<h1>Hello Wörld</h1><p>one</p><p>two</p>', 'Hello Wörld\n\none\n\ntwo'],
    ['<a href="https://e.com/?a=1&amp;b=2">Click</a>', 'Click <https://e.com/?a=1&b=2>'],
    ['<a href="https://e.com">https://e.com</a>', 'https://e.com'],
    ['<a href="#top">up</a>', 'up'],
    ['<img src="cid:x" alt="Logo"><img src="spacer.gif">', 'Logo'],
    ['<ul><li>a</li><li>b</li></ul>', '* a\n * b'],
    ['<table><tr><td>Chair</td><td>10</td></tr><tr><td>Lamp</td><td>5</td></tr></table>', 'Chair 10\nLamp 5'],
    ['<head><title>T</title><style>p{}</style></head><body>x<script>alert(1)</script><!-- c --></body>', 'x'],
    ['&lt;b&gt; &amp; &nbsp;&euro; &#x1F389;', '<b> & \u00a0€ 🎉'],
    ['plain', 'plain'],
    ['', ''],
    ['a<br>b', 'a\nb'],
  ])('%s', (html, text) => {
    expect(textFromHtml(html)).toBe(text);
  });

  it('does not wrap lines', () => {
    expect(textFromHtml(`<p>${'word '.repeat(100)}</p>`).split('\n')).toHaveLength(1);
  });

  it.each([
    'style="display:none"',
    'style="color:red; DISPLAY: none !important"',
    'style="display : none"',
    'style="mso-hide:all"',
    'hidden',
  ])('leaves out a preheader with %s', (attribute) => {
    expect(textFromHtml(`<div ${attribute}>preview</div><p>Hello</p>`)).toBe('Hello');
  });

  it('keeps the words of what is nested absurdly deep', () => {
    for (const open of [
      '<div>',
      '<b>',
      '<ul><li>',
      '<table><tr><td>',
      '<a href=x>',
      '<li><p>',
      '<blockquote>',
      '<x-y>',
    ]) {
      expect(textFromHtml(`${open.repeat(50_000)}word`), open).toBe('word');
    }
    expect(textFromHtml(`${'<div>'.repeat(400)}word`)).toBe('word');
    expect(textFromHtml('<p>a'.repeat(2000)).split('\n\n')).toHaveLength(2000);
    expect(textFromHtml(`${'<br>'.repeat(2000)}x`)).toBe('x');
  });

  it('is capped', () => {
    const renderer = createRenderer({ now: () => 0, monotonic: () => 0, limits: { outputBytes: 100 } });
    expect(renderer.textFromHtml('<p>x</p>')).toBe('x');
    expect(() => renderer.textFromHtml('x'.repeat(101))).toThrow(expect.objectContaining({ code: 'TEMPLATE_LIMIT' }));
  });
});
