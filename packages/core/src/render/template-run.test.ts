import { describe, expect, it } from 'vitest';
import { TidingsError } from '../spec/errors.ts';
import { createRenderer } from './create-renderer.ts';
import type { RendererOptions } from './renderer-options.ts';

const where = { event: 'e', channel: 'c', language: 'en', field: 'f' };

function attempt(
  source: string,
  root: Record<string, unknown>,
  options: Partial<RendererOptions> = {},
  layout?: string,
) {
  try {
    const renderer = createRenderer({ now: () => 0, monotonic: () => 0, ...options });
    return renderer.render(source, { escape: 'none', root, where, layout });
  } catch (error) {
    if (TidingsError.is(error)) return error;
    throw error;
  }
}

function over(limit: string, allowed: number): object {
  return expect.objectContaining({
    code: 'TEMPLATE_LIMIT',
    details: expect.objectContaining({ ...where, limit, allowed }),
  });
}

describe('the output limit', () => {
  const list = Array.from({ length: 1000 }, (_, index) => index);
  const limits = { outputBytes: 1000 };

  it('counts bytes exactly', () => {
    expect(attempt('{{x}}', { x: 'a'.repeat(1000) }, { limits })).toHaveLength(1000);
    expect(attempt('{{x}}', { x: 'a'.repeat(1001) }, { limits })).toEqual(over('output', 1000));
    expect(attempt('{{x}}', { x: 'ä'.repeat(500) }, { limits })).toHaveLength(500);
    expect(attempt('{{x}}', { x: 'ä'.repeat(501) }, { limits })).toEqual(over('output', 1000));
    expect(attempt('x'.repeat(1001), {}, { limits })).toEqual(over('output', 1000));
  });

  it('counts the text of blocks once', () => {
    const nested = '{{#if a}}{{#with a}}{{#each this}}{{.}}{{/each}}{{/with}}{{/if}}';
    expect(attempt(nested, { a: ['a'.repeat(500), 'b'.repeat(500)] }, { limits })).toHaveLength(1000);
    expect(attempt('{{{body}}}', {}, { limits })).toBe('');
    expect(attempt('x'.repeat(990), {}, { limits, layouts: { l: '<{{body}}>' } }, 'l')).toHaveLength(992);
  });

  it('stops in the middle of loops, whatever writes there', () => {
    for (const source of [
      '{{#each list}}0123456789{{/each}}',
      '{{#each list}}{{#each ../list}}x{{/each}}{{/each}}',
      '{{#each list}}{{> p}}{{/each}}',
      '{{#each list}}{{{../big}}}{{/each}}',
      '{{#list}}{{upper ../big}}{{/list}}',
    ]) {
      let reads = 0;
      const counted = new Proxy(list, {
        get: (target, key) => {
          if (key !== 'length') reads++;
          return Reflect.get(target, key);
        },
      });
      const result = attempt(
        source,
        { list: counted, big: 'y'.repeat(100) },
        { limits, partials: { p: '0123456789' } },
      );
      expect(result, source).toEqual(over('output', 1000));
      expect(reads, source).toBeLessThan(1100);
    }
  });

  it('holds for helpers that make much of little', () => {
    const root = { x: 'a'.repeat(900), y: 'b'.repeat(900) };
    expect(attempt('{{replace x "a" y}}', root, { limits })).toMatchObject({ code: 'TEMPLATE_FAILED' });
    expect(attempt('{{upper x}}{{upper y}}', root, { limits })).toEqual(over('output', 1000));
  });
});

describe('the depth limit', () => {
  const limits = { depth: 5 };

  it('counts blocks and partials as they nest when rendered', () => {
    const nested = (levels: number): string => '{{#if a}}'.repeat(levels) + '{{/if}}'.repeat(levels);
    expect(attempt(nested(5), { a: 1 }, { limits })).toBe('');
    expect(attempt(nested(6), { a: 1 }, { limits })).toEqual(over('depth', 5));
    const partials = { p: '{{#if a}}{{#if a}}{{> q}}{{/if}}{{/if}}', q: '{{#if a}}x{{/if}}', r: '{{> p}}' };
    expect(attempt('{{> p}}', { a: 1 }, { limits, partials })).toBe('x');
    expect(attempt('{{> r}}', { a: 1 }, { limits, partials })).toEqual(over('depth', 5));
  });

  it('ends recursion and names the partial', () => {
    for (const partials of [
      { p: '{{> p}}' },
      { p: '{{> q}}', q: '{{> p}}' },
      { p: '{{#> p}}{{/p}}' },
      { p: '{{> (lookup n "p")}}' },
    ]) {
      const result = attempt('{{> p}}', { n: { p: 'p' } }, { partials: partials as Record<string, string> });
      expect(result).toEqual(over('depth', 64));
      expect((result as TidingsError).message).toMatch(/partial "[pq]"/);
    }
  });

  it('is the same after a helper of the host caught the error', () => {
    const helpers = {
      safe(this: unknown, call: { fn: (context: unknown) => string }): string {
        try {
          return call.fn(this);
        } catch {
          return '!';
        }
      },
    };
    const deep = '{{#safe}}{{#if a}}{{#if a}}{{#if a}}{{#if a}}{{> p}}{{/if}}{{/if}}{{/if}}{{/if}}{{/safe}}';
    const after = '{{#if a}}{{#if a}}{{upper "ok"}}{{/if}}{{/if}}';
    const result = attempt(deep.repeat(3) + after, { a: 1 }, { limits, helpers, partials: { p: '{{> p}}' } });
    expect(result).toBe('!!!OK');
  });
});

describe('the time limit', () => {
  /** A clock that goes on by one at every look. */
  const ticking = () => {
    let time = 0;
    return () => time++;
  };
  const limits = { timeMs: 100 };
  const list = Array.from({ length: 1000 }, (_, index) => index);
  const partials = { p: 'x' };
  const helpers = { own: () => '' };

  it.each([
    '{{#each list}}{{/each}}',
    '{{#each list}}x{{/each}}',
    '{{#list}}x{{/list}}',
    '{{#each sparse}}x{{/each}}',
    '{{list}}',
    '{{join list}}',
    '{{json list}}',
    '{{upper x}}'.repeat(200),
    '{{own x}}'.repeat(200),
    '{{x | y}}'.repeat(200),
    '{{> p}}'.repeat(200),
    '{{#if x}}{{/if}}'.repeat(200),
    '{{#with x}}{{/with}}'.repeat(200),
    '{{#unless x}}{{/unless}}'.repeat(200),
    '{{#eq 1 2}}{{/eq}}'.repeat(200),
  ])('is looked at in %.40s', (source) => {
    const root = { list, sparse: new Array(1000) };
    expect(attempt(source, root, { monotonic: ticking(), limits, partials, helpers })).toEqual(over('time', 100));
    expect(attempt(source, root, { limits, partials, helpers })).toBeTypeOf('string');
  });

  it('is taken right after a slow helper, and at the end', () => {
    let time = 0;
    let after = 0;
    const slow = {
      slow: () => {
        time += 101;
        return '';
      },
      next: () => {
        after++;
        return '';
      },
    };
    expect(attempt('{{slow}}{{next}}', {}, { monotonic: () => time, limits, helpers: slow })).toEqual(
      over('time', 100),
    );
    expect(after).toBe(0);
    time = 0;
    const root = {
      get x(): string {
        time += 101;
        return '';
      },
    };
    expect(attempt('{{x}}', root, { monotonic: () => time, limits })).toEqual(over('time', 100));
  });

  it('starts anew for every rendering', () => {
    let time = 0;
    const renderer = createRenderer({ now: () => 0, monotonic: () => time, limits });
    for (let count = 0; count < 5; count++) {
      time += 99;
      expect(renderer.render('{{upper "x"}}', { escape: 'none', root: {}, where })).toBe('X');
    }
  });
});

describe('the source limit', () => {
  it('refuses long templates, partials and layouts', () => {
    const limits = { sourceBytes: 10 };
    expect(attempt('x'.repeat(10), {}, { limits })).toHaveLength(10);
    expect(attempt('x'.repeat(11), {}, { limits })).toEqual(over('source', 10));
    expect(attempt('', {}, { limits, partials: { p: 'x'.repeat(11) } })).toMatchObject({ code: 'TEMPLATE_LIMIT' });
  });

  it('survives what is too deep to be compiled', () => {
    const path = `{{a${'.b'.repeat(60_000)}}}`;
    expect(attempt(path, {})).toMatchObject({ code: 'TEMPLATE_INVALID' });
  });
});
