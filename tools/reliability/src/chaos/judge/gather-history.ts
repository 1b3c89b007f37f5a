import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { MessageRow, NotificationRow, Page, ScopeId, Store } from '@tidings/core/spec';
import type { Excuse, FinalRows, History, KeptText, Shutdown } from '../../invariants/history.ts';
import type { ChaosOptions } from '../chaos-options.ts';
import {
  type ClientEntry,
  type FaultEntry,
  ledgerFiles,
  type ProviderEntry,
  tenants,
  type WorkerEntry,
} from '../entries.ts';
import { readLedger } from '../ledger.ts';
import { type OpenPlace, openPlace } from '../open-place.ts';
import { type Place, settings } from '../settings.ts';
import { type WorkerLife, workerLife } from './held-messages.ts';

/** All that is left of a run. */
export interface Evidence {
  readonly history: History;
  readonly client: readonly ClientEntry[];
  readonly faults: readonly FaultEntry[];
  readonly lives: readonly WorkerLife[];
}

const plainTables = ['contacts', 'identifiers', 'notifications', 'messages', 'contents', 'idempotency', 'suppressions'];

/** Reads the ledgers and the database of a run. */
export async function gatherHistory(
  folder: string,
  place: Place,
  options: ChaosOptions,
  quiet: boolean,
): Promise<Evidence> {
  const client = readLedger<ClientEntry>(join(folder, ledgerFiles.client));
  const faults = readLedger<FaultEntry>(join(folder, ledgerFiles.faults));
  const lives = workersOf(folder).map((process) =>
    workerLife(process, readLedger<WorkerEntry>(join(folder, ledgerFiles.worker(process))), faults),
  );
  const unanswered = new Set(
    lives.flatMap(({ process, entries }) =>
      entries.flatMap((entry) => (entry.kind === 'unanswered' ? [`${process}/${entry.message}/${entry.attempt}`] : [])),
    ),
  );
  // what the provider said in time was not always heard in time
  const calls = readLedger<ProviderEntry>(join(folder, ledgerFiles.provider)).map((call) =>
    call.outcome === 'accepted' && unanswered.has(`${call.process}/${call.messageId}/${call.attempt}`)
      ? { ...call, outcome: 'late' as const }
      : call,
  );
  const open = await openPlace(place);
  try {
    const rows = await finalRows(open.store);
    const history: History = {
      sends: client.flatMap((entry) => (entry.kind === 'acknowledged' ? [entry.send] : [])),
      calls,
      stops: client.flatMap((entry) => (entry.kind === 'stopped' ? [entry.stop] : [])),
      broadcasts: client.flatMap((entry) => (entry.kind === 'broadcast' ? [entry.broadcast] : [])),
      excuses: excusesOf(lives, faults),
      shutdowns: lives.flatMap((life) => shutdownsOf(life, rows.messages)),
      texts: await textsOf(open, client),
      channels: ['email', 'push'].map((channel) => ({
        channel,
        unknown: options.unknown,
        attempts: settings.attempts,
      })),
      rows,
      quiet,
    };
    return { history, client, faults, lives };
  } finally {
    await open.store.close();
    await open.close();
  }
}

function workersOf(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => /^worker-(.+)\.jsonl$/.exec(name)?.[1] ?? []);
}

function excusesOf(lives: readonly WorkerLife[], faults: readonly FaultEntry[]): Excuse[] {
  const own = lives.flatMap(({ process, entries }) =>
    entries.flatMap((entry): Excuse[] =>
      entry.kind === 'stalled' ? [{ kind: 'stall', process, from: entry.from, until: entry.at }] : [],
    ),
  );
  const struck = faults.flatMap((fault): Excuse[] => {
    if (fault.kind !== 'killed' && fault.kind !== 'stalled') return [];
    const kind = fault.kind === 'killed' ? 'kill' : 'stall';
    return [{ kind, process: fault.process, from: fault.from, until: fault.at }];
  });
  return [...own, ...struck];
}

/** Leases are counted of the last who stopped: nobody was left to hold one. */
function shutdownsOf({ process, entries, held }: WorkerLife, messages: readonly MessageRow[]): Shutdown[] {
  const open = new Set(messages.filter(({ leaseUntil }) => leaseUntil !== null).map(({ id }) => id));
  return entries.flatMap((entry): Shutdown[] =>
    entry.kind === 'stopped'
      ? [
          {
            process,
            at: entry.at,
            timers: entry.timers,
            sockets: entry.sockets,
            leases: [...held.keys()].filter((id) => open.has(id)),
          },
        ]
      : [],
  );
}

async function finalRows(store: Store): Promise<FinalRows> {
  const scopes = await Promise.all(
    tenants.map(async (scope) => ({ ...scope, id: await store.scope(scope.tenant, scope.mode) })),
  );
  const of = async <Row>(list: (scope: ScopeId, cursor?: string) => Promise<Page<Row>>): Promise<Row[]> => {
    const rows: Row[] = [];
    for (const { id } of scopes) {
      let cursor: string | null = null;
      do {
        const page: Page<Row> = await list(id, cursor ?? undefined);
        rows.push(...page.items);
        cursor = page.cursor;
      } while (cursor !== null);
    }
    return rows;
  };
  const query = (scope: ScopeId, cursor?: string): { scope: ScopeId; limit: number; cursor?: string } => ({
    scope,
    limit: 500,
    ...(cursor === undefined ? {} : { cursor }),
  });
  const notifications: NotificationRow[] = await of((scope, cursor) => store.listNotifications(query(scope, cursor)));
  const broadcastIds = [...new Set(notifications.map(({ scope, broadcastId }) => `${scope} ${broadcastId ?? ''}`))];
  const { broadcasts } = await store.load({
    broadcasts: broadcastIds
      .map((key) => key.split(' '))
      .filter(([, id]) => id !== '')
      .map(([scope, id]) => ({ scope: Number(scope), id: id ?? '' })),
  });
  return {
    scopes,
    notifications,
    messages: await of((scope, cursor) => store.listMessages(query(scope, cursor))),
    contacts: await of((scope, cursor) => store.listContacts(query(scope, cursor))),
    suppressions: await of((scope, cursor) => store.listSuppressions(query(scope, cursor))),
    broadcasts,
    contents: [],
    idempotency: [],
  };
}

/** Every row that holds a word of somebody who was erased. */
async function textsOf(open: OpenPlace, client: readonly ClientEntry[]): Promise<KeptText[]> {
  const words = client
    .flatMap((entry) => (entry.kind === 'stopped' ? entry.stop.words : []))
    .map((word) => word.toLowerCase());
  if (words.length === 0) return [];
  const texts: KeptText[] = [];
  for (const table of plainTables) {
    const rows = (await open.rows(`tidings_${table}`)).map((row) => textOf(row).toLowerCase());
    const all = rows.join('\n');
    for (const word of words) {
      const at = all.indexOf(word);
      if (at >= 0) texts.push({ where: table, text: rows.find((row) => row.includes(word)) ?? word });
    }
  }
  return texts;
}

function textOf(row: unknown): string {
  return Object.values(row as object)
    .map((cell) =>
      cell instanceof Uint8Array
        ? Buffer.from(cell).toString('utf8')
        : typeof cell === 'object'
          ? JSON.stringify(cell)
          : String(cell),
    )
    .join('\t');
}
