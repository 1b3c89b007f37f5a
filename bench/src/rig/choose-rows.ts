import type { Cell, Measure, Mode, Plan, ServerName } from '../plan/plan.ts';

/** What is asked of the plan. */
export interface Wanted {
  readonly mode: Mode;
  readonly only: string | null;
  readonly minutes: number | null;
  readonly servers: ReadonlySet<string>;
}

/** What will be measured, and what cannot be for want of a server. */
export interface Chosen extends Plan {
  readonly leftOut: readonly { readonly name: string; readonly without: readonly ServerName[] }[];
}

/** The rows of a run; throws when no row has the name that is asked for. */
export function chooseRows(plan: Plan, { mode, only, minutes, servers }: Wanted): Chosen {
  const measures = plan.measures.filter((measure) => measure.modes.includes(mode));
  const cells = Object.entries(plan.cells).filter(([, cell]) => cell.modes.includes(mode));
  const asked = only === null ? null : namesWith(only, measures, cells);
  const wanted = cells.filter(([name]) => asked === null || asked.has(name));
  const lacks = (cell: Cell): ServerName[] => cell.needs.filter((server) => !servers.has(server));
  const chosen = Object.fromEntries(
    wanted.filter(([, cell]) => lacks(cell).length === 0).map(([name, cell]) => [name, settled(cell, mode, minutes)]),
  );
  return {
    cells: chosen,
    measures: measures.filter((measure) => cellsOf(measure).every((name) => Object.hasOwn(chosen, name))),
    leftOut: wanted.flatMap(([name, cell]) => (lacks(cell).length > 0 ? [{ name, without: lacks(cell) }] : [])),
  };
}

function namesWith(
  part: string,
  measures: readonly Measure[],
  cells: readonly (readonly [string, Cell])[],
): ReadonlySet<string> {
  const found = new Set([
    ...cells.map(([name]) => name).filter((name) => name.includes(part)),
    ...measures.filter(({ name }) => name.includes(part)).flatMap(cellsOf),
  ]);
  if (found.size > 0) return found;
  const names = [...measures.map(({ name }) => name), ...cells.map(([name]) => name)];
  throw new Error(
    `--only is "${part}", but no row of this mode has that in its name. There are:\n  ${names.join('\n  ')}`,
  );
}

function cellsOf({ of, over }: Measure): string[] {
  return [of.cell, ...(over ? [over.cell] : [])];
}

function settled(cell: Cell, mode: Mode, minutes: number | null): Cell {
  if (mode === 'quick' && cell.quick) return { ...cell, setting: { ...cell.setting, ...cell.quick } };
  if (minutes === null || !('minutes' in cell.setting)) return cell;
  return { ...cell, setting: { ...cell.setting, minutes }, seconds: minutes * 60 + 30 };
}
