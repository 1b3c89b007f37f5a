import type { Block, Page } from './read-page.ts';

/** A file made of blocks. */
export interface Snippet {
  /** Relative to the folder all snippets are written to. */
  readonly path: string;
  readonly text: string;
  readonly block: Block;
  /** `run`: must end well. `test`: a test file. `check`: must compile. `file`: is there for others. */
  readonly use: 'run' | 'test' | 'check' | 'file';
  /** What it must print: the `text` block right behind a `run` block. */
  readonly prints: string | undefined;
  /** Line of the page for a line of the file, both from 1; undefined in a prelude. */
  lineOf(line: number): number | undefined;
}

const uses: readonly string[] = ['run', 'test'];

/**
 * The files that the blocks of a page make.
 *
 * - a `ts` block is a module of its own; `ts run` is run as well, `ts test` is a test file;
 * - `file=name` after the language of any block gives the file that name, for blocks that import or read it;
 * - `<!-- prelude: name -->` above a block puts `preludes/name` in front of it;
 * - a `text` block right behind a `run` block is what it must print.
 */
export function snippetsOf(page: Page, prelude: (name: string) => string): readonly Snippet[] {
  const folder = page.path.replace(/\.md$/, '').replaceAll('/', '-').toLowerCase();
  const snippets: Snippet[] = [];
  for (const [index, block] of page.blocks.entries()) {
    const file = block.words.find((word) => word.startsWith('file='))?.slice('file='.length);
    const words = block.words.filter((word) => !word.startsWith('file='));
    if (block.language !== 'ts') {
      if (file !== undefined) snippets.push(made(`${folder}/${file}`, [partOf(block)], block, 'file', undefined));
      continue;
    }
    const [use, ...more] = words;
    if (more.length > 0 || (use !== undefined && !uses.includes(use))) {
      throw new Error(`${page.path}:${block.line}: a ts block takes run, test and file=…, not ${words.join(' ')}.`);
    }
    const parts = [
      ...(block.prelude === undefined ? [] : [{ text: prelude(block.prelude), line: undefined }]),
      partOf(block),
    ];
    const next = page.blocks[index + 1];
    const name = file ?? `line-${block.line}.${use === 'test' ? 'test.ts' : 'ts'}`;
    snippets.push(
      made(
        `${folder}/${name}`,
        parts,
        block,
        (use as 'run' | 'test' | undefined) ?? 'check',
        use === 'run' && next?.language === 'text' && next.words.length === 0 ? next.text : undefined,
      ),
    );
  }
  return snippets;
}

interface Part {
  readonly text: string;
  /** Line of the page where it begins. */
  readonly line: number | undefined;
}

function partOf(block: Block): Part {
  return { text: block.text, line: block.line + 1 };
}

function made(
  path: string,
  parts: readonly Part[],
  block: Block,
  use: Snippet['use'],
  prints: string | undefined,
): Snippet {
  const lines = parts.flatMap(({ text, line }) =>
    text
      .replace(/\n$/, '')
      .split('\n')
      .map((one, index) => ({ one, line: line === undefined ? undefined : line + index })),
  );
  const end = path.endsWith('.ts') ? '\nexport {};\n' : '\n';
  return {
    path,
    text: lines.map(({ one }) => one).join('\n') + end,
    block,
    use,
    prints,
    lineOf: (line) => lines[line - 1]?.line,
  };
}
