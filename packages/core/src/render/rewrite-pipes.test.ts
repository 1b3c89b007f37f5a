import { describe, expect, it } from 'vitest';
import { pipeHelper, rewritePipes } from './rewrite-pipes.ts';
import { TemplateFault } from './template-fault.ts';

function rewrite(source: string): string {
  const { source: rewritten, literals } = rewritePipes(source, 64);
  return rewritten.replaceAll(`[${pipeHelper}]`, 'pipe').replace(/ (\d+)(?=[ }~\n])/g, (_, index: string) => {
    return ` ${JSON.stringify(literals[Number(index)])}`;
  });
}

function faultOf(source: string, deepest = 64): TemplateFault {
  try {
    rewritePipes(source, deepest);
  } catch (error) {
    if (error instanceof TemplateFault) return error;
    throw error;
  }
  throw new Error(`no fault in ${source}`);
}

describe('rewritePipes', () => {
  it.each([
    ['{{x | "Guest"}}', '{{pipe x "Guest"}}'],
    ["{{x | 'Guest'}}", '{{pipe x "Guest"}}'],
    ['{{x|Guest}}', '{{pipe x Guest "Guest"}}'],
    ['{{contact.name | app.domain}}', '{{pipe contact.name app.domain "app.domain"}}'],
    ['{{x | dear friend}}', '{{pipe x "dear friend"}}'],
    ["{{x | it's fine!}}", '{{pipe x "it\'s fine!"}}'],
    ['{{x | "say \\"hi\\""}}', '{{pipe x "say \\"hi\\""}}'],
    ["{{x | 'it\\'s'}}", '{{pipe x "it\'s"}}'],
    ['{{x | "a|b}}c"}}', '{{pipe x "a|b}}c"}}'],
    ['{{x | ""}}', '{{pipe x ""}}'],
    ['{{x | 0}}', '{{pipe x "0"}}'],
    ['{{x | true}}', '{{pipe x "true"}}'],
    ['{{x | N/A}}', '{{pipe x "N/A"}}'],
    ['{{x | Zoë Müller}}', '{{pipe x "Zoë Müller"}}'],
    ['{{x | 朋友}}', '{{pipe x 朋友 "朋友"}}'],
    ['{{x | 🎉}}', '{{pipe x 🎉 "🎉"}}'],
    ['{{x | a | b | "c"}}', '{{pipe x a b "c"}}'],
    ['{{x | @root.y}}', '{{pipe x @root.y "@root.y"}}'],
    ['{{x | ../y}}', '{{pipe x ../y "../y"}}'],
    ['{{x | (upper y)}}', '{{pipe x (upper y)}}'],
    ['{{upper x | "Guest"}}', '{{pipe (upper x) "Guest"}}'],
    ['{{(upper x) | "Guest"}}', '{{pipe (upper x) "Guest"}}'],
    ['{{date when style="a|b" | soon}}', '{{pipe (date when style="a|b") soon "soon"}}'],
    ['{{[odd | name] | "y"}}', '{{pipe [odd | name] "y"}}'],
    ['{{~x | y~}}', '{{~pipe x y "y"~}}'],
    ['{{~ x | "y" ~}}', '{{~pipe x "y"~}}'],
    ['{{{x | "y"}}}', '{{{pipe x "y"}}}'],
    ['{{~{x | y}~}}', '{{~{pipe x y "y"}~}}'],
    ['{{&x | "y"}}', '{{&pipe x "y"}}'],
    ['\\\\{{x | "y"}}', '\\\\{{pipe x "y"}}'],
    ['a{{x | "1"}}b{{y | "2"}}c', 'a{{pipe x "1"}}b{{pipe y "2"}}c'],
    ['{{#each a as |b|}}{{b | "none"}}{{/each}}', '{{#each a as |b|}}{{pipe b "none"}}{{/each}}'],
    ['\\{{x | y}} {{z | "w"}}', '\\{{x | y}} {{pipe z "w"}}'],
  ])('%s', (source, expected) => {
    expect(rewrite(source)).toBe(expected);
  });

  it.each([
    '{{#each items as |item i|}}{{item}}{{/each}}',
    '{{#each items as |item|}}{{else each others as |o|}}{{o}}{{/each}}',
    '{{#> layout as |x|}}{{/layout}}',
    '{{helper "a|b"}}',
    '{{helper \'a|b\' key="c|d"}}',
    '{{! a | b }}',
    '{{> p x="a|b"}}',
    '{{{{raw}}}} {{x | y}} {{{{/raw}}}}',
    '{{{{raw}}}} {{{{inner}}}} {{x | y}} {{{{/inner}}}} {{x | y}} {{{{/raw}}}}',
    '\\{{x | y}}',
    'no tags | at all }}',
    '{{[a|b]}} {{elsewhere}}',
    '',
  ])('leaves %s alone', (source) => {
    expect(rewrite(source)).toBe(source);
  });

  it('shortens long comments without moving lines', () => {
    expect(rewrite('a{{!-- x | y\n}} --}}b{{~!-- z --~}}c')).toBe('a{{!\n}}b{{~!~}}c');
  });

  it('keeps the number of lines', () => {
    const source = 'a\n{{x\n |\n "b\n"\n}}\n{{y | "c"}}\n{{!--\n\n--}}d';
    expect(rewritePipes(source, 64).source.split('\n')).toHaveLength(source.split('\n').length);
  });

  it.each([
    ['a\n{{x | }}', 2, 'nothing stands after the fallback pipe'],
    ['{{ | "x"}}', 1, 'nothing stands before the fallback pipe'],
    ['\n\n{{#if x | y}}{{/if}}', 3, 'only works where a value is written'],
    ['{{> p x | y}}', 1, 'only works where a value is written'],
    ['{{upper (x | "y")}}', 1, 'cannot stand in parentheses'],
    ['{{x | "a" b}}', 1, 'only another | or the end'],
    ['{{x | (upper y) z}}', 1, 'only another | or the end'],
    ['\n{{x', 2, 'the tag that starts here is never closed'],
    ['\n{{x | y', 2, 'the tag that starts here is never closed'],
    ['{{x "y}}', 1, 'the quote in a tag that starts here is never closed'],
    ['{{x | "y}}', 1, 'the quote in a tag that starts here is never closed'],
    ['\r\n{{!-- x }}', 2, 'the comment that starts here is never closed'],
    ['{{{{raw}}}} x', 1, 'the raw block that starts here is never closed'],
  ])('finds the mistake in %j', (source, line, message) => {
    const fault = faultOf(source);
    expect(fault.line).toBe(line);
    expect(fault.message).toContain(message);
  });

  it('limits the nesting of blocks, else chains and parentheses', () => {
    expect(faultOf('{{#a}}{{#b}}\n{{#c}}', 2)).toMatchObject({ line: 2, code: 'TEMPLATE_LIMIT' });
    expect(faultOf('{{#if a}}{{else if b}}{{else if c}}', 2)).toMatchObject({ code: 'TEMPLATE_LIMIT' });
    expect(faultOf('{{a (b (c (d)))}}', 2)).toMatchObject({ code: 'TEMPLATE_LIMIT' });
    expect(rewrite('{{#a}}{{/a}}'.repeat(100))).toHaveLength(1200);
    const chain = '{{#if a}}{{else if b}}{{/if}}';
    expect(rewritePipes(chain.repeat(3), 2).openBlocks).toEqual([]);
  });

  it('remembers the blocks that stay open', () => {
    expect(rewritePipes('{{#if a}}\n{{#each b}}{{/each}}\n{{~#with c}}', 64).openBlocks).toMatchObject([
      { name: 'if', line: 1 },
      { name: 'with', line: 3 },
    ]);
  });
});
