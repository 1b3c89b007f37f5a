/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** The words after the language. */
  readonly words: readonly string[];
  readonly text: string;
  /** The file of `preludes/` that a comment above it asks for. */
  readonly prelude: string | undefined;
}

/** A page of documentation. */
export interface Page {
  /** Relative to the root of the workspace. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** The page without its blocks, so that nothing in them is read as a link or heading. Lines stay where they were. */
  readonly prose: string;
}

const fence = /^(`{3,}|~{3,})\s*(.*)$/;

/** Splits a page into blocks and prose. */
export function readPage(path: string, text: string): Page {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let prelude: string | undefined;
  let open: { readonly marker: string; readonly line: number; readonly info: string } | undefined;
  let lines: string[] = [];

  for (const [index, line] of text.split('\n').entries()) {
    const [, marker = '', info = ''] = fence.exec(line) ?? [];
    if (open) {
      prose.push('');
      if (!(marker.startsWith(open.marker) && info === '')) {
        lines.push(line);
        continue;
      }
      const [language = '', ...words] = open.info.trim().split(/\s+/);
      blocks.push({ page: path, line: open.line, language, words, text: `${lines.join('\n')}\n`, prelude });
      open = undefined;
      prelude = undefined;
      continue;
    }
    if (marker !== '') {
      open = { marker, line: index + 1, info };
      lines = [];
      prose.push('');
      continue;
    }
    prelude = /^<!-- prelude: (\S+) -->$/.exec(line)?.[1] ?? prelude;
    prose.push(line);
  }
  if (open) throw new Error(`${path}:${open.line} opens a block that never ends.`);
  return { path, text, blocks, prose: prose.join('\n') };
}
