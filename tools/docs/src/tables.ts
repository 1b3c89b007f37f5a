/** Cells of the tables under a heading: one array for each row, heads left out. The section ends at the next heading. */
export function rowsUnder(prose: string, heading: string): readonly (readonly string[])[] {
  const lines = prose.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start < 0) throw new Error(`There is no heading "${heading}".`);
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line));
  const section = lines.slice(start + 1, length < 0 ? undefined : start + 1 + length);
  const rows = section.filter((line) => line.startsWith('|')).map(cells);
  return rows.filter((_row, index) => !isRule(rows[index]) && !isRule(rows[index + 1]));
}

/** The name in the first cell of each row, without backticks. */
export function namesUnder(prose: string, heading: string): readonly string[] {
  return rowsUnder(prose, heading).map(([first = '']) => first.replaceAll('`', ''));
}

/** Puts a table between the comments `<!-- table: name -->` and `<!-- end -->` of a page. */
export function fillTable(text: string, name: string, table: string): string {
  const [open, close] = [`<!-- table: ${name} -->\n`, '\n<!-- end -->'];
  const start = text.indexOf(open);
  const end = text.indexOf(close, start);
  if (start < 0 || end < 0) throw new Error(`There is no place for the table "${name}".`);
  return `${text.slice(0, start)}${open}\n${table}\n${text.slice(end)}`;
}

function cells(line: string): readonly string[] {
  return line
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function isRule(row: readonly string[] | undefined): boolean {
  return row?.every((cell) => /^:?-+:?$/.test(cell)) ?? false;
}
