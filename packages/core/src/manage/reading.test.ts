import { describe, expect, test } from 'vitest';
import { events, refusal, trial } from '../../test/engine-trial.ts';
import { defineEvent } from '../index.ts';

const to = 'jane@example.com';

describe('notifications', () => {
  test('one, with its contact and messages', async () => {
    const on = trial();
    const sent = await on.done('mail', { to: { email: to, name: 'Jane' }, requestId: 'r-1' });
    const at = new Date(on.clock.now());
    const { contactId, ...rest } = await on.engine.notifications.get(sent.id.toUpperCase());
    expect(rest).toMatchObject({
      id: sent.id,
      event: 'mail',
      status: 'completed',
      category: 'transactional',
      language: 'en',
      broadcastId: null,
      requestId: 'r-1',
      createdAt: at,
      completedAt: at,
      error: null,
      contact: { id: contactId, email: to, name: 'Jane' },
      messages: [{ id: sent.deliveries[0]?.id, status: 'sent', adapter: 'mailer', address: to, step: 'send' }],
    });
  });

  test('a list, by event, status and contact', async () => {
    const on = trial({ answer: { outcome: 'rejected', reason: 'no' } });
    await on.done('mail', { to });
    await on.clock.advance(1);
    await on.done('text', { to: '+46701234567' });
    on.email.fail();
    await on.done('mail', { to: 'joe@example.com' });
    const list = async (options: object): Promise<unknown[]> =>
      (await on.engine.notifications.list(options)).items.map(({ event, status }) => `${event} ${status}`);
    expect(await list({})).toEqual(['mail completed', 'text failed', 'mail failed']);
    expect(await list({ event: 'text' })).toEqual(['text failed']);
    expect(await list({ status: 'completed' })).toEqual(['mail completed']);
    expect(await list({ status: ['completed', 'failed'], event: 'mail' })).toHaveLength(2);
    expect(await list({ contact: to })).toEqual(['mail failed']);
    expect(await on.engine.notifications.list({ contact: 'nobody' })).toEqual({ items: [], cursor: null });
    expect(await on.engine.notifications.list({ contact: 'nobody', total: true })).toMatchObject({ total: 0 });
  });
});

describe('messages', () => {
  test('one, and a list by channel, status and contact', async () => {
    const on = trial();
    const sent = await on.done('any', { to: { email: to, phone: '+46701234567' } });
    await on.done('text', { to: '+46701234567' });
    const [delivery] = sent.deliveries;
    expect(await on.engine.messages.get(delivery?.id ?? '')).toMatchObject({ channel: 'email', attempts: 1 });
    const list = async (options: object): Promise<unknown[]> =>
      (await on.engine.messages.list(options)).items.map(({ channel }) => channel);
    expect((await list({})).sort()).toEqual(['email', 'sms']);
    expect(await list({ channel: 'sms' })).toEqual(['sms']);
    expect(await list({ status: 'queued' })).toEqual([]);
    expect(await list({ contact: to, event: 'any' })).toEqual(['email']);
  });
});

describe('a page', () => {
  test('follows the one before, while rows are added', async () => {
    const on = trial({ role: 'producer' });
    for (let n = 0; n < 5; n += 1) {
      await on.one('mail', { to: `p${n}@example.com` });
      await on.clock.advance(1);
    }
    const addresses: (string | null)[] = [];
    let cursor: string | null = null;
    do {
      const page = await on.engine.messages.list({ limit: 2, ...(cursor ? { cursor } : {}) });
      addresses.push(...page.items.map(({ address }) => address));
      cursor = page.cursor;
      await on.one('mail', { to: 'later@example.com' });
      await on.clock.advance(1);
    } while (cursor);
    expect(addresses).toEqual([4, 3, 2, 1, 0].map((n) => `p${n}@example.com`));
    expect((await on.engine.messages.list({ offset: 7 })).items).toHaveLength(1);
  });

  test.each<[object, string, string]>([
    [{ limit: 0 }, 'limit', 'limit is 0, but must be at least 1'],
    [{ limit: 501 }, 'limit', 'limit is 501, but must be at most 500'],
    [{ offset: 10_001 }, 'offset', 'offset is 10001, but must be at most 10000'],
    [{ cursor: 'nonsense' }, 'cursor', 'cursor must be the cursor of an earlier page of this list.'],
    [
      { page: 2 },
      'page',
      'page is no option of this list; there are limit, cursor, offset, total, event, channel, status, contact.',
    ],
    [
      { status: 'open' },
      'status',
      'status must be among queued, sent, delivered, bounced, complained, unknown, failed, suppressed, cancelled.',
    ],
  ])('%j is refused', async (options, path, message) => {
    const on = trial();
    await on.one('mail', { to });
    const said = await refusal(() => on.engine.messages.list(options));
    expect(said).toMatchObject({ code: 'VALIDATION_ERROR', path });
    expect(said.message).toContain(message);
  });
});

test.each(['nonsense', '', 5, '01890000-0000-7000-8000-000000000000'])('%j is the id of nothing', async (id) => {
  const { notifications, messages } = trial().engine;
  const missing = (what: string): object => ({ code: 'NOT_FOUND', path: 'id', message: `There is no such ${what}.` });
  expect(await refusal(() => notifications.get(id as string))).toEqual(missing('notification'));
  expect(await refusal(() => messages.get(id as string))).toEqual(missing('message'));
  expect(await refusal(() => messages.trace(id as string))).toEqual(missing('message'));
});

test('events are shown as they were defined', async () => {
  const on = trial({
    events: {
      ...events,
      titled: defineEvent({
        name: 'A title',
        category: 'news',
        listeners: [to],
        templates: { sms: { en: { text: 'x' }, sv: { text: 'x' } } },
      }),
    },
  });
  expect(on.engine.events.list().map(({ event }) => event)).toEqual(['mail', 'text', 'ping', 'post', 'any', 'titled']);
  expect(on.engine.events.get('titled')).toEqual({
    event: 'titled',
    name: 'A title',
    category: 'news',
    channels: ['sms'],
    languages: { sms: ['en', 'sv'] },
    steps: [{ id: 'send', kind: 'send' }],
    listeners: 1,
  });
  expect(await refusal(() => on.engine.events.get('nope'))).toEqual({
    code: 'EVENT_NOT_FOUND',
    path: 'event',
    message: 'Event "nope" is not defined; there are mail, text, ping, post, any, titled.',
  });
});

test('integrations are shown without their secrets', async () => {
  const on = trial();
  expect(await on.engine.integrations.list({ channel: 'sms' })).toEqual([
    { channel: 'sms', provider: 'texter', status: 'active', sends: true },
  ]);
  expect(await on.engine.integrations.list()).toHaveLength(4);
  expect(await on.engine.integrations.list({ channel: 'fax' })).toEqual([]);
});
