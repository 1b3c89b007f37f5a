interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly Node[];
}

/** Whether a statement or table is of those that stay small however much is stored. */
export const isSmall = (text: string): boolean => /_(scopes|settings|processes|lanes|migrations)\b/.test(text);

/**
 * How a plan of PostgreSQL came by its rows: tables it read whole, indexes it read without a condition, and how many rows its
 * busiest node looked at.
 */
export function accessOf(plan: unknown): { readonly scans: readonly string[]; readonly rows: number } {
  const scans: string[] = [];
  let rows = 0;
  const visit = (node: Node): void => {
    const { 'Node Type': type, 'Relation Name': table, 'Actual Loops': loops } = node;
    const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
    const looked = (node['Actual Rows'] + removed) * loops;
    if (table !== undefined && !isSmall(table)) {
      if (type === 'Seq Scan') scans.push(`${type} of ${table}`);
      if (/^Index.* Scan$/.test(type) && node['Index Cond'] === undefined) {
        scans.push(`${type} of ${table} by all of ${node['Index Name']}`);
      }
    }
    if (type !== 'Function Scan') rows = Math.max(rows, looked);
    for (const child of node.Plans ?? []) visit(child);
  };
  visit(plan as Node);
  return { scans, rows };
}
