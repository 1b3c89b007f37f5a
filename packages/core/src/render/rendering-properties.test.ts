import fc from 'fast-check';
import Handlebars from 'handlebars';
import { describe, expect, it } from 'vitest';
import { TidingsError } from '../spec/errors.ts';
import { buildRoot } from './build-root.ts';
import { createRenderer } from './create-renderer.ts';
import { hasUnsafeScheme } from './has-unsafe-scheme.ts';
import { rewritePipes } from './rewrite-pipes.ts';
import { TemplateFault } from './template-fault.ts';

const where = { event: 'e', channel: 'c', language: 'en', field: 'f' };
const renderer = createRenderer({ now: () => 0, monotonic: () => 0 });
const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());

/** Pieces that make templates, whole and broken. */
const piece = fc.oneof(
  fc.constantFrom(
    '{{',
    '}}',
    '{{{',
    '}}}',
    '{{!--',
    '--}}',
    '{{!',
    '\\',
    '|',
    '"',
    "'",
    '[',
    ']',
    '(',
    ')',
    '~',
    '{{{{',
    '}}}}',
  ),
  fc.constantFrom(
    '{{#if a}}',
    '{{else}}',
    '{{/if}}',
    '{{#each a as |b|}}',
    '{{/each}}',
    '{{a | b}}',
    '{{a | "x"}}',
    '{{> p}}',
    '\n',
    ' ',
  ),
  fc.constantFrom('<a href="', '">', 'javascript:', '<b>', 'a', 'b.c', '@root', '../', 'as |', 'upper a', '='),
  anyText,
);
const anySource = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

describe('any text', () => {
  it('either compiles or fails as TEMPLATE_INVALID or TEMPLATE_LIMIT with a place', () => {
    fc.assert(
      fc.property(anySource, fc.constantFrom('html' as const, 'none' as const, 'slack' as const), (source, mode) => {
        try {
          expect(typeof renderer.render(source, { escape: mode, root: { a: 'x' }, where })).toBe('string');
        } catch (error) {
          if (!TidingsError.is(error)) throw error;
          expect(['TEMPLATE_INVALID', 'TEMPLATE_LIMIT']).toContain(error.code);
          expect(error.details).toMatchObject(where);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('without a pipe is read as Handlebars reads it', () => {
    const bare = Handlebars.create();
    const root = { a: 'x<', b: { c: 1 }, items: ['p', 'q'] };
    const plain = fc.constantFrom(
      '{{a}}',
      '{{{a}}}',
      '{{&a}}',
      '{{b.c}}',
      '{{#if a}}',
      '{{else}}',
      '{{/if}}',
      '{{#each items}}',
      '{{this}}',
      '{{@index}}',
      '{{/each}}',
      '{{~a~}}',
      '{{! c }}',
      '{{!-- c }} --}}',
      '{{!--}}',
      '{{~!-- \n --~}}',
      '\\{{a}}',
      '\\\\{{a}}',
      '\\',
      '\n',
      ' ',
      'text',
      '{',
      '}',
      '{{../a}}',
    );
    fc.assert(
      fc.property(fc.array(plain, { maxLength: 15 }), (pieces) => {
        const source = pieces.join('');
        let expected: string;
        try {
          expected = bare.compile(source)(root);
        } catch {
          expect(() => renderer.render(source, { escape: 'html', root, where })).toThrow(TidingsError);
          return;
        }
        expect(renderer.render(source, { escape: 'html', root, where })).toBe(expected);
      }),
      { numRuns: 1500 },
    );
  });

  it('keeps its lines when its pipes are rewritten', () => {
    fc.assert(
      fc.property(anySource, (source) => {
        try {
          const rewritten = rewritePipes(source, 64).source;
          expect(rewritten.split('\n')).toHaveLength(source.split('\n').length);
        } catch (error) {
          if (!(error instanceof TemplateFault)) throw error;
        }
      }),
      { numRuns: 1500 },
    );
  });
});

describe('any value', () => {
  it('is escaped as Handlebars escapes it in HTML, and verbatim otherwise', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const root = buildRoot({ payload: { value, list: [{ value }] } });
        const source = '{{value}}{{#each list}}{{value}}{{/each}}{{nope | value}}';
        const html = Handlebars.escapeExpression(value);
        expect(renderer.render(source, { escape: 'html', root, where })).toBe(
          html + html + (value === '' ? 'value' : html),
        );
        expect(renderer.render('{{value}}', { escape: 'none', root, where })).toBe(value);
      }),
    );
  });

  it('of any shape renders, and leaves the data and the prototypes as they were', () => {
    const source =
      '{{v}}{{{v}}}{{v.a.b}}{{#each v}}{{@key}}{{this}}{{/each}}{{#with v}}{{a}}{{/with}}{{#v}}{{.}}{{/v}}{{json v}}{{length v}}{{upper v}}' +
      '{{lookup v "a"}}{{v | "x"}}{{eq v 1}}{{#compare v "<" 1}}{{/compare}}{{truncate v 3}}{{urlencode v}}';
    const names = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', 'a', 'length'));
    const anything = fc.anything({
      key: names,
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      maxDepth: 4,
    });
    const before = Object.getOwnPropertyNames(Object.prototype).sort();
    fc.assert(
      fc.property(anything, (v) => {
        for (const mode of ['html', 'slack', 'none'] as const) {
          expect(typeof renderer.render(source, { escape: mode, root: buildRoot({ payload: { v } }), where })).toBe(
            'string',
          );
        }
      }),
    );
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
  });

  it('never makes a URL attribute unsafe', () => {
    const scheme = fc.constantFrom(
      'javascript:',
      'JAVASCRIPT:',
      'data:',
      'vbscript:',
      'java',
      'script:',
      ':',
      '&#106;',
      '&colon;',
      '/',
      '#',
      '\t',
      '\u0000',
    );
    const part = fc
      .array(fc.oneof(scheme, fc.string({ maxLength: 3 })), { maxLength: 5 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(part, part, (a, b) => {
        for (const source of [
          '{{a}}{{b}}',
          '{{{a}}}{{b}}',
          '{{#if a}}{{a}}{{/if}}:{{b}}',
          'java{{a}}{{b}}',
          '{{a | b}}',
        ]) {
          const text = renderer.render(`<a href="${source}">`, { escape: 'html', root: { a, b }, where });
          const url = /^<a href="(.*)">$/s.exec(text)?.[1] as string;
          expect(hasUnsafeScheme(url, false)).toBe(false);
          const seen = url
            .replace(/&#x3D;/g, '=')
            .replace(/[\u0000-\u0020]/g, '')
            .toLowerCase();
          expect(seen).not.toMatch(/^(javascript|vbscript|data):/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
