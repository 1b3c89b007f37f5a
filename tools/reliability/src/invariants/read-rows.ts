import type { Page, PageQuery, Scope, Store } from '@tidings/core/spec';
import type { FinalRows } from './history.ts';

/** What cannot be listed and must be asked for by name. */
export interface NamedRows {
  readonly keys: readonly { readonly scope: number; readonly event: string; readonly key: string }[];
  readonly broadcasts: readonly { readonly scope: number; readonly id: string }[];
}

/** Everything a store holds of these scopes. */
export async function readRows(
  store: Store,
  scopes: readonly (Scope & { readonly id: number })[],
  named: NamedRows,
): Promise<FinalRows> {
  const all = <Row>(list: (query: PageQuery) => Promise<Page<Row>>): Promise<Row[]> => listAll(list, scopes);
  const messages = await all((query) => store.listMessages(query));
  const facts = await store.load({
    contents: messages.map(({ scope, id }) => ({ scope, id })),
    idempotency: named.keys,
    broadcasts: named.broadcasts,
  });
  return {
    scopes,
    messages,
    notifications: await all((query) => store.listNotifications(query)),
    contacts: await all((query) => store.listContacts(query)),
    suppressions: await all((query) => store.listSuppressions(query)),
    contents: facts.contents,
    idempotency: facts.idempotency,
    broadcasts: facts.broadcasts,
  };
}

async function listAll<Row>(
  list: (query: PageQuery) => Promise<Page<Row>>,
  scopes: readonly { readonly id: number }[],
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { id } of scopes) {
    let cursor: string | null = null;
    do {
      const page: Page<Row> = await list({ scope: id, limit: 500, ...(cursor === null ? {} : { cursor }) });
      rows.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== null);
  }
  return rows;
}
