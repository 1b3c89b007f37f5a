import { z } from 'zod';
import type { ListOptions } from '../define/engine-api.ts';
import { firstIssue } from '../plan/first-issue.ts';
import { issueWords } from '../plan/issue-words.ts';
import { type Page, type PageQuery, type ScopeId, TidingsError } from '../spec/index.ts';

const schema = z.object({
  limit: z.int().min(1).max(500).optional(),
  cursor: z.string().optional(),
  offset: z.int().min(0).max(10_000).optional(),
  total: z.boolean().optional(),
});

/** Checks what every list takes. Default: the first 50. `known`: what else the list takes. */
export function pageQuery(scope: ScopeId, options: ListOptions | undefined, known: readonly string[]): PageQuery {
  const given = options ?? {};
  for (const key of Object.keys(given)) {
    if (key in schema.shape || known.includes(key)) continue;
    const all = [...Object.keys(schema.shape), ...known].join(', ');
    throw new TidingsError('VALIDATION_ERROR', `${key} is no option of this list; there are ${all}.`, { path: key });
  }
  const result = schema.safeParse(given, { error: issueWords });
  if (!result.success) {
    const { path, message } = firstIssue(result.error);
    throw new TidingsError('VALIDATION_ERROR', `${path || 'The options of a list'} ${message}.`, { path });
  }
  const { limit, cursor, offset, total } = result.data;
  return {
    scope,
    limit: limit ?? 50,
    ...(cursor === undefined ? {} : { cursor }),
    ...(offset === undefined ? {} : { offset }),
    ...(total === undefined ? {} : { total }),
  };
}

/** A list of which it is known that nothing is in it. */
export function emptyPage(options: ListOptions | undefined): Page<never> {
  return { items: [], cursor: null, ...(options?.total === true ? { total: 0, totalCapped: false } : {}) };
}

/** A page of rows as a page of views. */
export function viewPage<Row, View>(page: Page<Row>, view: (row: Row) => View): Page<View> {
  return { ...page, items: page.items.map(view) };
}
