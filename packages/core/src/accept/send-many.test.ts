import { describe, expect, test } from 'vitest';
import { refusal, trial } from '../../test/engine-trial.ts';
import { defineEvent } from '../index.ts';

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index}@example.com`);

describe('a list of recipients', () => {
  test('gives who was accepted and who was not, by place', async () => {
    const on = trial();
    const result = await on.many('mail', { to: ['a@example.com', 'nope@', '+46701234567', ['x'], 'b@example.com'] });
    expect(result.accepted.map(({ index, status, replayed }) => [index, status, replayed])).toEqual([
      [0, 'accepted', false],
      [4, 'accepted', false],
    ]);
    expect(result.rejected.map(({ index, error }) => [index, error.code, error.path])).toEqual([
      [1, 'INVALID_EMAIL', 'to[1]'],
      [2, 'MISSING_IDENTIFIER', 'to'],
      [3, 'VALIDATION_ERROR', 'to[3]'],
    ]);
    await on.engine.idle();
    expect(on.email.messages.map(({ to }) => to)).toEqual(['a@example.com', 'b@example.com']);
  });

  test('is one commit of its own', async () => {
    const on = trial();
    await on.engine.start();
    let commits = 0;
    const { commit } = on.store;
    on.store.commit = (work, options) => {
      if (work.kind === 'accept') commits += 1;
      return commit(work, options);
    };
    await Promise.all([on.one('mail', { to: 'a@example.com' }), on.many('mail', { to: numbered(700) })]);
    expect(commits).toBe(2);
  });

  test('may hold 1,000; beyond that it is a broadcast', async () => {
    const on = trial();
    expect((await on.many('mail', { to: numbered(1000) })).accepted).toHaveLength(1000);
    expect(await refusal(() => on.many('mail', { to: numbered(1001) }))).toEqual({
      code: 'TOO_MANY_RECIPIENTS',
      path: 'to',
      message: '`to` has 1001 recipients; a send takes at most 1000. Use `broadcast` for more.',
    });
    const small = trial({ limits: { recipients: 2 } });
    expect(await refusal(() => small.many('mail', { to: numbered(3) }))).toMatchObject({ code: 'TOO_MANY_RECIPIENTS' });
  });

  test('that is empty is refused', async () => {
    const on = trial();
    expect(await refusal(() => on.many('mail', { to: [] }))).toEqual({
      code: 'MISSING_IDENTIFIER',
      path: 'to',
      message: '`to` is an empty list.',
    });
  });

  test('never throws for all of them', async () => {
    const on = trial();
    const result = await on.many('mail', { to: ['x@', 'y@'] });
    expect([result.accepted.length, result.rejected.length]).toEqual([0, 2]);
  });
});

describe('listeners', () => {
  const alert = defineEvent({
    templates: { email: { en: { subject: 'x', text: 'x' } } },
    listeners: ['ops@example.com', { email: 'boss@example.com', name: 'Boss' }],
  });

  test('are who it goes to without `to`', async () => {
    const on = trial({ events: { alert } });
    expect((await on.many('alert', {})).accepted.map(({ index }) => index)).toEqual([0, 1]);
    await on.engine.idle();
    expect(on.email.messages.map(({ to }) => to)).toEqual(['ops@example.com', 'boss@example.com']);
  });

  test('are not told where `to` says otherwise, be it by mistake null', async () => {
    const on = trial({ events: { alert } });
    await on.done('alert', { to: 'jane@example.com' });
    expect(await refusal(() => on.one('alert', { to: null }))).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: '`to` is null: give a string or an object of contact fields.',
    });
    await on.engine.idle();
    expect(on.email.messages.map(({ to }) => to)).toEqual(['jane@example.com']);
  });
});

describe('a recipient no channel can reach', () => {
  const to = { phone: '+46701234567', name: 'Jane' };
  const message = 'Event "mail" cannot reach this recipient: email: the contact has no address for it.';

  test('is refused and leaves nothing', async () => {
    const on = trial();
    expect(await refusal(() => on.one('mail', { to }))).toEqual({ code: 'MISSING_IDENTIFIER', message, path: 'to' });
    expect((await on.engine.contacts.list()).items).toEqual([]);
    expect((await on.engine.notifications.list()).items).toEqual([]);
  });

  test.each(['engine', 'send'])('is recorded where the %s says so', async (who) => {
    const record = { onUnroutable: 'record' } as const;
    const on = trial(who === 'engine' ? record : {});
    const sent = await on.one('mail', { to, ...(who === 'send' ? record : {}) });
    const error = { code: 'MISSING_IDENTIFIER', message };
    expect(sent).toMatchObject({ status: 'accepted', deliveries: [], error });
    expect(await on.engine.notifications.get(sent.id)).toMatchObject({ status: 'failed', error, messages: [] });
    expect(on.reported).toEqual([
      {
        name: 'notification.failed',
        event: 'mail',
        id: sent.id,
        contactId: null,
        error,
        scope: { tenant: 'default', mode: 'live' },
        at: new Date(on.clock.now()),
      },
    ]);
  });

  test('is recorded with its contact, or without what was sent, so that an erasure leaves none of it', async () => {
    const on = trial({ onUnroutable: 'record' });
    const message = { payload: { secret: 'canary' }, overrides: { email: { subject: 'canary' } } };
    const phone = '+46701111111';
    const { id: contactId } = await on.engine.contacts.upsert({ phone });
    const known = await on.one('mail', { to: phone, ...message });
    const unknown = await on.one('mail', { to, ...message });
    const read = async (): Promise<unknown> =>
      (await on.store.load({ notifications: [known, unknown].map(({ id }) => ({ scope: 1, id })) })).notifications;
    expect(await read()).toMatchObject([
      { id: known.id, contactId, payload: '{"secret":"canary"}' },
      { id: unknown.id, contactId: null, payload: '{}', options: null },
    ]);
    await on.engine.contacts.delete(phone);
    expect(JSON.stringify(await read())).not.toContain('canary');
  });

  test('a send may refuse what the engine would record', async () => {
    const on = trial({ onUnroutable: 'record' });
    expect(await refusal(() => on.one('mail', { to, onUnroutable: 'throw' }))).toMatchObject({ message });
  });

  test('in a list is accepted with its error', async () => {
    const on = trial();
    const result = await on.many('mail', { to: ['a@example.com', to, 'x@'], onUnroutable: 'record' });
    expect(result.rejected).toEqual([]);
    expect(result.accepted.map(({ error }) => error?.code)).toEqual([undefined, 'MISSING_IDENTIFIER', 'INVALID_EMAIL']);
  });
});
