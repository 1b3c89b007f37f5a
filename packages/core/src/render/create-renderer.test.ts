import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { TidingsError } from '../spec/errors.ts';
import { buildRoot } from './build-root.ts';
import { createRenderer } from './create-renderer.ts';
import type { Renderer, RenderHow } from './renderer.ts';
import type { RendererOptions } from './renderer-options.ts';

const where = { event: 'welcome', channel: 'email', language: 'en', field: 'html' };
const parts = {
  payload: {
    x: 'X<&>"\'`=',
    items: [{ n: 'a' }, { n: 'b', contact: 'own' }],
    date: 'Monday',
    empty: '',
    zero: 0,
    no: false,
  },
  contact: { id: 'c1', name: 'Ann', meta: { plan: 'pro' } },
  app: { domain: 'app.example' },
  brand: { name: 'Acme' },
};

function make(options: Partial<RendererOptions> = {}): Renderer {
  return createRenderer({ now: () => Date.UTC(2024, 2, 7), monotonic: () => 0, ...options });
}

function render(source: string, how: Partial<RenderHow> = {}, options: Partial<RendererOptions> = {}): string {
  return make(options).render(source, { escape: 'html', root: buildRoot(parts), where, ...how });
}

function errorOf(work: () => unknown): TidingsError {
  try {
    work();
  } catch (error) {
    if (TidingsError.is(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('values', () => {
  it.each([
    ['{{x}}', 'X&lt;&amp;&gt;&quot;&#x27;&#x60;&#x3D;'],
    ['{{{x}}} {{&x}}', 'X<&>"\'`= X<&>"\'`='],
    ['{{zero}} {{no}} {{empty}} {{nope}} {{nope.deeper.still}}', '0 false   '],
    ['{{date}} {{#date}}{{.}}{{/date}}', 'Monday Monday'],
    ['{{plan}} {{name}} {{payload.x.length}}', 'pro Ann 8'],
    ['{{#if items}}{{items.length}}{{/if}}{{items.[1].n}}', '2b'],
    ['{{#with contact}}{{name}}{{/with}}{{#with nope}}{{else}}none{{/with}}', 'Annnone'],
    ['{{#items}}{{n}}{{/items}}{{^nope}}none{{/nope}}{{#empty}}x{{/empty}}', 'abnone'],
    ['{{#unless no}}a{{/unless}}{{#if zero}}b{{/if}}{{#if zero includeZero=true}}c{{/if}}', 'ac'],
    ['{{{{if x}}}} {{x | y}} {{{{/if}}}}', ' {{x | y}} '],
    ['a\n{{! gone }}\nb {{!-- }} | gone --}}c', 'a\nb c'],
  ])('%s', (source, expected) => {
    expect(render(source)).toBe(expected);
  });

  it('escapes by the mode', () => {
    expect(render('{{x}}', { escape: 'none' })).toBe('X<&>"\'`=');
    expect(render('{{x}} {{{x}}}', { escape: 'slack' })).toBe('X&lt;&amp;&gt;"\'`= X<&>"\'`=');
    expect(render('{{x}} {{{x}}}', { escape: (text) => `[${text.length}]` })).toBe('[8] X<&>"\'`=');
    const broken = (() => undefined) as unknown as (text: string) => string;
    expect(errorOf(() => render('{{x}}', { escape: broken }))).toMatchObject({ code: 'TEMPLATE_FAILED' });
  });
});

describe('fallbacks', () => {
  it.each([
    ['{{nope | Guest}} {{empty | "Guest"}} {{zero | "9"}} {{no | "9"}}', 'Guest Guest 0 false'],
    ['{{nope | contact.name}} {{nope | "contact.name"}} {{nope | app.nope}}', 'Ann contact.name app.nope'],
    ['{{nope | dear friend}}{{{nope | "<b>"}}}{{nope | "<b>"}}', 'dear friend<b>&lt;b&gt;'],
    ['{{#each items}}{{nope | app.domain}}{{nope | n}}{{/each}}', 'app.exampleaapp.exampleb'],
    ['{{#with app}}{{nope | domain}}{{/with}}', 'app.example'],
    ['{{#each items as |i|}}{{i.nope | i.n}}{{/each}}', 'ab'],
    ['{{upper nope | "none"}} {{upper name | "none"}} {{nope | (upper name)}}', 'none ANN ANN'],
    ['{{nope | empty | nix | "last"}}', 'last'],
    ['  {{~nope | y~}}  ', 'y'],
    ['{{nope | "a\\"b"}}', 'a"b'],
  ])('%s', (source, expected) => {
    expect(render(source, { escape: source.includes('<b>') ? 'html' : 'none' })).toBe(expected);
  });
});

describe('roots', () => {
  it('resolves the reserved roots at any depth, over fields of the item', () => {
    const source = '{{#each items}}{{#if n}}{{contact.name}}{{/if}}{{this.contact}}{{/each}}';
    expect(render(source)).toBe('AnnAnnown');
  });

  it('lets a block parameter of the author hide a reserved root', () => {
    expect(render('{{#each items as |contact|}}{{contact.n}}{{/each}}')).toBe('ab');
    expect(render('{{#each items as |date|}}{{date.n}}{{/each}}{{#each items as |x length|}}{{length}}{{/each}}')).toBe(
      'ab01',
    );
  });

  it('reaches outwards with @root and ..', () => {
    expect(render('{{#each items}}{{@root.date}}{{../date}}{{@index}}{{@last}};{{/each}}')).toBe(
      'MondayMonday0false;MondayMonday1true;',
    );
    expect(render('{{#each items}}{{#each ../items}}{{@../index}}{{@index}} {{/each}}{{/each}}')).toBe('00 01 10 11 ');
  });
});

describe('partials and layouts', () => {
  const options: Partial<RendererOptions> = {
    partials: {
      card: '<b>{{title}}</b>{{brand.name}}',
      box: '[{{> @partial-block}}]',
      rec: '{{#if n}}{{n}}{{> rec next}}{{/if}}',
    },
    layouts: { main: '<html>{{{body}}}|{{body}}|{{brand.name}}</html>' },
  };

  it('renders them', () => {
    expect(render('{{> card title=x}}', {}, options)).toBe('<b>X&lt;&amp;&gt;&quot;&#x27;&#x60;&#x3D;</b>Acme');
    expect(
      render(
        '{{> card app}} {{> (lookup @root "which") title="t"}}',
        { root: buildRoot({ payload: { which: 'card' } }) },
        options,
      ),
    ).toBe('<b></b> <b>t</b>');
    expect(render('{{#> box}}in {{date}}{{/box}}{{#> missing}}fallback{{/missing}}', {}, options)).toBe(
      '[in Monday]fallback',
    );
    expect(render('  {{> card title="t"}}\n', {}, options)).toBe('  <b>t</b>Acme');
    const root = buildRoot({ payload: { n: 1, next: { n: 2, next: { n: 3 } } } });
    expect(render('{{> rec}}', { root }, options)).toBe('123');
  });

  it('puts the layout around, without escaping the body twice', () => {
    expect(render('<p>{{name}}</p>', { layout: 'main' }, options)).toBe('<html><p>Ann</p>|<p>Ann</p>|Acme</html>');
  });

  it('refuses what is not registered', () => {
    expect(errorOf(() => render('\n{{> nope}}', {}, options))).toMatchObject({
      code: 'TEMPLATE_INVALID',
      details: { line: 2 },
    });
    expect(errorOf(() => render('x', { layout: 'nope' }, options)).message).toContain('no layout "nope". Known: main');
    expect(errorOf(() => render('{{> (lookup @root "which")}}', {}, options)).message).toContain(
      'no partial of that name',
    );
    expect(errorOf(() => render('{{> box}}', {}, options)).message).toContain('partial "box"');
  });

  it('checks them when the renderer is made', () => {
    expect(errorOf(() => make({ partials: { bad: 'a\n{{#if x}}' } }))).toMatchObject({
      code: 'TEMPLATE_INVALID',
      details: { unit: 'partial "bad"', line: 2 },
    });
    expect(errorOf(() => make({ layouts: { bad: 'no body' } })).message).toContain('never writes {{{body}}}');
    const object = { type: 'Program', body: [] } as unknown as string;
    expect(errorOf(() => make({ partials: { bad: object } }))).toMatchObject({ code: 'TEMPLATE_INVALID' });
  });
});

describe('check', () => {
  it.each([
    ['a\n{{fooo x}}', 2, 'unknown helper "fooo"'],
    ['a\n\n{{upper (fooo x)}}', 3, 'unknown helper "fooo"'],
    ['{{#fooo x}}{{/fooo}}', 1, 'unknown helper "fooo"'],
    ['{{a.b c}}', 1, 'unknown helper "a.b"'],
    ['{{log x}}', 1, 'unknown helper "log"'],
    ['{{helperMissing x}}', 1, 'unknown helper "helperMissing"'],
    ['a\n{{> nope}}', 2, 'unknown partial "nope"'],
    ['a\n{{#if x}}\nb', 2, 'the block {{#if}} that starts here is never closed'],
    ['a\n{{#if x}}{{/each}}', 2, 'the block {{#if}} is closed by {{/each}}'],
    ['\n{{/if}}', 2, 'a block is closed here that is not open'],
    ['{{else}}', 1, 'an {{else}} stands outside a block'],
    ['{{x', 1, 'never closed'],
    ['{{x}}}', 1, 'a closing brace too many'],
    ['a\n{{}}', 2, 'the tag ends too early'],
    ['{{#if}}{{/if}}', 1, 'takes 1 arguments, not 0'],
    ['{{#if a b}}{{/if}}', 1, 'takes 1 arguments, not 2'],
    ['{{if a "b"}}', 1, 'is a block; write {{#if'],
    ['{{#upper a}}{{/upper}}', 1, 'is not a block; write {{upper'],
    ['{{date a b}}', 1, 'takes 1 arguments, not 2'],
    ['{{#*inline "x"}}{{/inline}}', 1, 'inline partials'],
    ['{{"text"}}', 1, 'is not a variable or helper'],
    ['{{> p __proto__=x}}', 1, '__proto__'],
    ['{{x | "y"}}\n\n{{x |\n "y"}}\n{{fooo x}}', 5, 'unknown helper "fooo"'],
    ['a\0b', 1, 'not valid Handlebars'],
  ])('%j', (source, line, message) => {
    const error = errorOf(() => make({ partials: { p: '' } }).check(source, { escape: 'html', where }));
    expect(error.code).toBe('TEMPLATE_INVALID');
    expect(error.details).toMatchObject({ ...where, line });
    expect(error.message).toMatch(/event "welcome", channel "email", language "en", field "html", line \d/);
    expect(error.message).toContain(message);
  });

  it('accepts every form that renders', () => {
    const source =
      '{{a | b}}{{#each a as |b|}}{{else if c}}{{/each}}{{#a.b}}{{/a.b}}{{upper (lower a)}}{{number}}{{^a}}{{/a}}';
    expect(() => make().check(source, { escape: 'html', where })).not.toThrow();
  });

  it('only compiles texts', () => {
    const tree = { type: 'Program', body: [{ type: 'ContentStatement', value: 'x' }] } as unknown as string;
    for (const source of [tree, null, undefined, 1, ['x'], new String('x')] as unknown as string[]) {
      expect(errorOf(() => make().check(source, { escape: 'html', where })).code).toBe('TEMPLATE_INVALID');
      expect(errorOf(() => render(source)).code).toBe('TEMPLATE_INVALID');
    }
  });
});

describe('compiling', () => {
  const generateCode = vi.fn();
  let make: (options?: Partial<RendererOptions>) => Renderer;

  // Modules are shared between test files, so these are a copy.
  beforeAll(async () => {
    vi.resetModules();
    vi.doMock(import('./generate-code.ts'), async (original) => {
      const module = await original();
      generateCode.mockImplementation(module.generateCode);
      return { ...module, generateCode };
    });
    const { createRenderer: fresh } = await import('./create-renderer.ts');
    make = (options = {}) => fresh({ now: () => 0, monotonic: () => 0, ...options });
  });

  beforeEach(() => {
    generateCode.mockClear();
  });

  afterAll(() => {
    vi.doUnmock('./generate-code.ts');
    vi.resetModules();
  });

  it('happens once for a text and a way of escaping', () => {
    const renderer = make();
    const how = { escape: 'html', root: {}, where } as const;
    renderer.check('a {{x}}', how);
    for (let count = 0; count < 5; count++) renderer.render(`a ${'{{x}}'}`, how);
    expect(generateCode).toHaveBeenCalledTimes(1);
    renderer.render('a {{x}}', { ...how, escape: 'slack' });
    renderer.render('a {{x}}', { ...how, strict: true, root: { x: 1 } });
    expect(generateCode).toHaveBeenCalledTimes(3);
    const custom = (text: string): string => text;
    for (let count = 0; count < 3; count++) renderer.render('a {{x}}', { ...how, escape: custom });
    expect(generateCode).toHaveBeenCalledTimes(4);
  });

  it('forgets the least recently used first', () => {
    const renderer = make({ limits: { templates: 2 } });
    const draw = (source: string): string => renderer.render(source, { escape: 'html', root: {}, where });
    for (const source of ['a', 'b', 'a', 'c', 'a', 'b']) draw(source);
    expect(generateCode).toHaveBeenCalledTimes(4);
  });

  it('compiles partials with the template, each once, even one that names itself', () => {
    const renderer = make({ partials: { a: '{{#if no}}{{> a}}{{/if}}', b: '{{> a}}' } });
    const how = { escape: 'html', root: {}, where } as const;
    renderer.check('{{> b}}', how);
    expect(generateCode).toHaveBeenCalledTimes(3);
    renderer.render('{{> b}}{{> a}}', how);
    expect(generateCode).toHaveBeenCalledTimes(4);
  });
});

describe('strict rendering', () => {
  it.each([
    ['a\n{{nope}}', 'nope', 2],
    ['{{contact.nope}}', 'contact.nope', 1],
    ['{{{nope}}}', 'nope', 1],
    ['{{upper nope}}', 'nope', 1],
    ['{{upper (lower nope)}}', 'nope', 1],
    ['{{number zero decimals=nope}}', 'nope', 1],
    ['{{#each nope}}{{/each}}', 'nope', 1],
    ['{{#each items}}{{m}}{{/each}}', 'm', 1],
    ['{{lookup items "9"}}', 'the result of lookup', 1],
    ['<a href="{{nope}}">', 'nope', 1],
  ])('%j has no value for %s', (source, variable, line) => {
    const error = errorOf(() => render(source, { strict: true }));
    expect(error).toMatchObject({ code: 'TEMPLATE_VARIABLE_MISSING', details: { ...where, variable, line } });
    expect(error.message).toContain(`variable ${variable} has no value`);
    expect(render(source, { strict: false })).toBeTypeOf('string');
  });

  it('forgives what the author provided for', () => {
    const source =
      '{{nope | "a"}}{{#if nope}}{{/if}}{{#unless nope}}b{{/unless}}{{default nope "c"}}{{#each nope}}{{else}}d{{/each}}' +
      '{{#compare nope "==" 1}}{{/compare}}{{#if (or nope x)}}e{{/if}}{{#nope}}{{/nope}}{{upper nope | "f"}}{{empty}}{{no}}{{zero}}';
    expect(render(source, { strict: true })).toBe('abcdeffalse0');
  });

  it('is an option of the engine that a rendering overrides, and says nothing of the payload', () => {
    const options = { strict: true };
    const error = errorOf(() => render('{{nope}}', { root: { secret: 'hunter2' } }, options));
    expect(error.code).toBe('TEMPLATE_VARIABLE_MISSING');
    expect(JSON.stringify([error.message, error.details])).not.toContain('hunter2');
    expect(render('{{nope}}', { strict: false }, options)).toBe('');
  });

  it('reaches into partials, and names them', () => {
    const error = errorOf(() => render('{{> p}}', { strict: true }, { partials: { p: '\n{{nope}}' } }));
    expect(error).toMatchObject({ code: 'TEMPLATE_VARIABLE_MISSING', details: { unit: 'partial "p"', line: 2 } });
  });
});

describe("the host's helpers", () => {
  it('get the arguments, the hash, the context and the language', () => {
    const seen: unknown[] = [];
    const helpers = {
      year: () => 2024,
      show(this: unknown, ...args: unknown[]): string {
        seen.push(this, ...args);
        return '<i>';
      },
    };
    const root = { x: 'X' };
    const how = { root, language: 'de', timeZone: 'Europe/Berlin' };
    expect(render('{{year}} {{year | "1"}} {{show x 2 k="v"}}{{{show}}}', how, { helpers })).toBe(
      '2024 2024 &lt;i&gt;<i>',
    );
    expect(seen[0]).toBe(root);
    expect(seen.slice(1, 3)).toEqual(['X', 2]);
    expect(seen[3]).toEqual({ name: 'show', hash: { k: 'v' }, language: 'de', timeZone: 'Europe/Berlin' });
  });

  it('can be blocks, and win over built-in helpers', () => {
    const helpers = {
      twice: (call: { fn: (context: unknown) => string }) => call.fn({ n: 1 }) + call.fn({ n: 2 }),
      upper: (text: string) => `U${text}`,
    };
    expect(render('{{#twice}}{{n}}{{/twice}}{{upper name}}', {}, { helpers })).toBe('12UAnn');
  });

  it('fail with their name and the place, the error as the cause', () => {
    const cause = new Error('secret ann@example.com');
    const helpers = {
      boom: () => {
        throw cause;
      },
      later: async () => 'x',
      broken: () => Promise.reject(cause),
    };
    const error = errorOf(() => render('\n{{boom}}', {}, { helpers }));
    expect(error).toMatchObject({ code: 'TEMPLATE_FAILED', cause, details: { helper: 'boom', line: 2 } });
    expect(error.message).not.toContain('ann@example.com');
    expect(errorOf(() => render('{{later}}', {}, { helpers })).message).toContain('returned a promise');
    expect(errorOf(() => render('{{broken}}', {}, { helpers })).code).toBe('TEMPLATE_FAILED');
  });

  it('may render within a rendering', () => {
    const renderer: Renderer = make({
      helpers: { inner: () => renderer.render('{{upper x}}', { escape: 'none', root: { x: 'in' }, where }) },
    });
    const how = { escape: 'html', root: { x: 'out' }, where } as const;
    expect(renderer.render('{{x}}{{inner}}{{upper x}}', how)).toBe('outINOUT');
  });

  it.each(['if', 'contact', 'lookup', 'a b', '{{x', 'this'])('cannot be named %j', (name) => {
    expect(errorOf(() => make({ helpers: { [name]: () => '' } }))).toMatchObject({
      code: 'CONFIGURATION_INVALID',
      path: `helpers.${name}`,
    });
  });

  it('must be functions, and limits must be numbers', () => {
    expect(errorOf(() => make({ helpers: { x: 'y' as never } })).path).toBe('helpers.x');
    expect(errorOf(() => make({ limits: { depth: 0 } })).path).toBe('limits.depth');
    expect(errorOf(() => make({ limits: { timeMs: '1' as never } })).path).toBe('limits.timeMs');
  });
});
