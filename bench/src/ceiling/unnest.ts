import { type Cell, inBatches, type Life, type Row } from './recorded-life.ts';

/** A named statement of `pg` with its values, one text for batches of any size. */
export interface Bound {
  readonly name: string;
  readonly text: string;
  readonly values: readonly (string | null)[];
}

/** What a statement takes from each message of a batch. */
interface Source {
  readonly name: string;
  /** Types of the table's columns, by their names. */
  readonly types: Readonly<Record<string, string>>;
  rowOf(life: Life): Row;
  /** Rows are found by these: each row of the input has them, so that they are looked up in an index row by row. */
  readonly keys?: readonly string[];
  /** `i` is the input; `placeOf` says where in it a column is, or which one value stands for all. */
  text(from: string, columns: readonly string[], placeOf: (column: string) => string): string;
}

/** Columns that are one value in every batch are sent as one; columns that hold nothing are left out. */
export function unnest(lives: readonly Life[], source: Source): (batch: readonly Life[]) => Bound {
  const batches = inBatches(lives);
  const { types, rowOf, keys = [] } = source;
  const cellsOf = (lives: readonly Life[], column: string): (string | null)[] =>
    lives.map((life) => textOf(rowOf(life)[column] ?? null));
  const columns = Object.keys(rowOf(lives[0] as Life)).filter(
    (column) => setToNull.has(column) || lives.some((life) => rowOf(life)[column] !== null),
  );
  const differing = columns.filter(
    (column) => keys.includes(column) || batches.some((lives) => new Set(cellsOf(lives, column)).size > 1),
  );
  const parameter = (column: string): string => `$${columns.indexOf(column) + 1}::${types[column]}`;
  const text = source.text(
    `unnest(${differing.map((column) => `${parameter(column)}[]`).join(', ')}) AS i (${differing.join(', ')})`,
    columns,
    (column) => (differing.includes(column) ? `i.${column}` : parameter(column)),
  );
  return (lives) => ({
    name: source.name,
    text,
    values: columns.map((column) => {
      const cells = cellsOf(lives, column);
      return differing.includes(column) ? arrayOf(cells) : (cells[0] ?? null);
    }),
  });
}

// what the second commit empties
const setToNull: ReadonlySet<string> = new Set(['due_at', 'lease_until']);

function textOf(cell: Cell): string | null {
  if (cell instanceof Uint8Array) return `\\x${Buffer.from(cell).toString('hex')}`;
  return cell === null ? null : String(cell);
}

const arrayOf = (values: readonly (string | null)[]): string =>
  `{${values.map((value) => (value === null ? 'NULL' : `"${value.replace(/[\\"]/g, '\\$&')}"`)).join(',')}}`;
