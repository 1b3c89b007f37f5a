import { join } from 'node:path';
import { builtInChannels, type Channel, errorCodes } from '@tidings/core';
import { adapterCases, storeCases } from '@tidings/testing';
import { describe, expect, it } from 'vitest';
import { helperTable } from '../../../packages/core/src/render/helper-catalog.ts';
import { contactFields } from '../../../packages/core/src/rules/contact-fields.ts';
import { brokenLinks } from '../src/links.ts';
import { optionNames } from '../src/option-names.ts';
import { page, pages, root } from '../src/pages.ts';
import { fillTable, namesUnder, rowsUnder } from '../src/tables.ts';

const all = pages();
const core = 'packages/core/src';
const stores = 'packages/store-kysely/src';

describe('every page', () => {
  it('links to what is there', () => {
    const byPath = new Map(all.map((each) => [each.path, each]));
    expect(all.flatMap((each) => brokenLinks(each, byPath))).toEqual([]);
  });

  it('writes its TypeScript where it is checked', () => {
    const others = all
      .flatMap(({ blocks }) => blocks)
      .filter(({ language }) => /^(typescript|tsx|m?js|javascript)$/.test(language));
    expect(others.map((block) => `${block.page}:${block.line}: use ts`)).toEqual([]);
    const unnamed = all
      .flatMap(({ blocks }) => blocks)
      .filter(({ language, page: path }) => language === '' && path.startsWith('docs/'));
    expect(unnamed.map((block) => `${block.page}:${block.line}: say the language of the block`)).toEqual([]);
  });
});

describe('tables made from code (vitest -u writes them)', () => {
  it.each([
    ['docs/templates.md', 'helpers', helperTable],
    [
      'docs/writing-an-adapter.md',
      'adapter-cases',
      () =>
        caseTable(
          'Case',
          adapterCases.map(({ name }) => [name]),
        ),
    ],
    [
      'docs/writing-a-store.md',
      'store-cases',
      () =>
        caseTable(
          'Concern | Cases',
          Object.entries(storeCases).map(([concern, cases]) => [concern, cases.map(({ name }) => name).join('<br>')]),
        ),
    ],
  ])('%s: %s', async (path, name, table) => {
    await expect(fillTable(page(path).text, name, table())).toMatchFileSnapshot(join(root, path));
  });
});

describe('docs/errors.md', () => {
  const rows = ['Asked for something that cannot be done', 'Templates and content', 'Configuration', 'Running'].flatMap(
    (heading) => rowsUnder(page('docs/errors.md').prose, heading),
  );

  it('has every code with its meaning, and what to do', () => {
    const told = Object.fromEntries(rows.map(([code = '', meaning = '']) => [code.replaceAll('`', ''), meaning]));
    expect(told).toEqual(errorCodes);
    for (const [code, , remedy] of rows) expect(remedy, code).toMatch(/\S/);
  });
});

describe('docs/configuration.md has every option of', () => {
  const common = optionNames(`${core}/define/send-options.ts`, 'CommonSendOptions');
  const engine = `${core}/define/engine-options.ts`;

  it.each<[string, readonly string[]]>([
    ['createEngine', optionNames(engine, 'EngineOptions')],
    ['idempotency', optionNames(engine, 'EngineOptions', 'idempotency')],
    ['retention', optionNames(engine, 'EngineOptions', 'retention')],
    ['limits', optionNames(engine, 'EngineOptions', 'limits')],
    ['delivery', optionNames(engine, 'DeliveryOptions')],
    ['retry', optionNames(`${core}/rules/retry-schedule.ts`, 'RetrySchedule')],
    ['senders', [...optionNames(engine, 'SenderOption'), ...optionNames(`${core}/spec/channel-adapter.ts`, 'Sender')]],
    ['defineEvent', optionNames(`${core}/define/event-definition.ts`, 'EventOptions')],
    ['send', [...common, ...optionNames(`${core}/define/engine-api.ts`, 'UntypedSend')]],
    [
      'broadcast',
      [
        ...common.filter((name) => name !== 'idempotencyKey'),
        ...optionNames(`${core}/define/broadcast.ts`, 'BroadcastOptions'),
      ],
    ],
    ['Lists', optionNames(`${core}/define/engine-api.ts`, 'ListOptions')],
    ['engine.on', optionNames(`${core}/define/reports.ts`, 'Reports')],
    ['drain', ['budget']],
    ['Stores', optionNames(`${core}/toolkit/memory-store.ts`, 'MemoryStoreOptions')],
    ['All databases', optionNames(`${stores}/options.ts`, 'StoreOptions')],
    ['Servers', optionNames(`${stores}/options.ts`, 'ServerStoreOptions')],
    ['postgresStore', optionNames(`${stores}/postgres-store.ts`, 'PostgresStoreOptions')],
    ['mysqlStore', optionNames(`${stores}/mysql-store.ts`, 'MysqlStoreOptions')],
    ['kyselyStore', optionNames(`${stores}/kysely-store.ts`, 'KyselyStoreOptions')],
    ['drizzleStore and prismaStore', optionNames(`${stores}/library-store.ts`, 'LibraryStoreOptions')],
    ['bullmqQueue', optionNames('packages/queue-bullmq/src/bullmq-options.ts', 'BullmqQueueOptions')],
    ['pgBossQueue', optionNames('packages/queue-pg-boss/src/pg-boss-options.ts', 'PgBossQueueOptions')],
    ['smtp', optionNames('packages/adapter-smtp/src/smtp-options.ts', 'SmtpOptions')],
    ['captureAdapter', optionNames(`${core}/toolkit/capture-adapter.ts`, 'CaptureOptions')],
    ['defineAdapter', optionNames(`${core}/define/define-adapter.ts`, 'AdapterOptions')],
    ['lane', optionNames(`${core}/spec/channel-adapter.ts`, 'LaneOptions')],
    ['createHttp', optionNames(`${core}/toolkit/http.ts`, 'HttpOptions')],
    ['defineChannel', optionNames(`${core}/define/define-channel.ts`, 'ChannelOptions')],
  ])('%s', (heading, names) => {
    expect([...namesUnder(page('docs/configuration.md').prose, heading)].sort()).toEqual([...names].sort());
  });
});

it('docs/channels.md has every built-in channel', () => {
  const told = rowsUnder(page('docs/channels.md').prose, 'Channels').map((row) =>
    row.map((cell) => cell.replaceAll('`', '')),
  );
  const channels: readonly Channel[] = Object.values(builtInChannels);
  expect(told).toEqual(
    channels.map(({ name, address, many, sender }) => [name, address, many === true ? 'yes' : 'no', sender ?? 'none']),
  );
});

it('docs/contacts.md has every field under every name', () => {
  const cells = rowsUnder(page('docs/contacts.md').prose, 'Fields').flatMap(([name = '', also = '']) => [name, also]);
  const told = cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  expect([...told].sort()).toEqual([...contactFields.keys()].sort());
});

function caseTable(head: string, rows: readonly (readonly string[])[]): string {
  const rule = head.replaceAll(/[^|]+/g, ' --- ').trim();
  return [
    `| ${head} |`,
    `| ${rule} |`,
    ...rows.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`),
  ].join('\n');
}
