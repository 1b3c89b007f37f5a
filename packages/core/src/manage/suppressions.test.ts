import { describe, expect, test } from 'vitest';
import { messageOf, refusal, trial } from '../../test/engine-trial.ts';

const jane = 'jane@example.com';
const both = { email: jane, phone: '+46701234567' };

describe('a send to a suppressed address', () => {
  test.each(['unsubscribed', 'complained', 'manual'] as const)(
    '%s: is accepted, suppressed, and goes nowhere else',
    async (reason) => {
      const on = trial();
      await on.engine.suppressions.add({ address: 'JANE@example.com', reason });
      const sent = await on.done('any', { to: both });
      expect(sent.deliveries).toMatchObject([{ channel: 'email', status: 'suppressed', reason }]);
      expect(await messageOf(on, sent)).toMatchObject({ status: 'suppressed', reason, attempts: 0, channel: 'email' });
      expect(await on.engine.notifications.get(sent.id)).toMatchObject({ status: 'completed' });
      expect([...on.email.messages, ...on.sms.messages]).toEqual([]);
      expect(on.reported.map(({ name, reason: why }) => [name, why])).toEqual([
        ['message.suppressed', reason],
        ['notification.completed', undefined],
      ]);
    },
  );

  test.each(['bounced', 'invalid'] as const)(
    '%s: counts as no address, so the next channel is used',
    async (reason) => {
      const on = trial();
      await on.engine.suppressions.add({ address: jane, reason });
      const sent = await on.done('any', { to: both });
      expect(sent.deliveries).toMatchObject([{ channel: 'sms', status: 'queued' }]);
      expect((await messageOf(on, sent)).routing).toMatchObject({
        tried: [{ channel: 'email', code: 'SUPPRESSED' }, {}],
      });
    },
  );

  test('dead on every channel: suppressed on the first', async () => {
    const on = trial();
    await on.engine.suppressions.add({ address: jane, reason: 'bounced' });
    await on.engine.suppressions.add({ address: both.phone, reason: 'invalid' });
    const sent = await on.done('any', { to: both });
    expect(sent.deliveries).toMatchObject([{ channel: 'email', status: 'suppressed', reason: 'bounced' }]);
  });

  test('holds for the channel it was made for, and there alone', async () => {
    const on = trial();
    await on.engine.suppressions.add({ address: both.phone, channel: 'whatsapp' });
    expect((await on.done('text', { to: both.phone })).deliveries).toMatchObject([{ status: 'queued' }]);
    await on.engine.suppressions.add({ address: both.phone, channel: 'sms' });
    expect((await on.done('text', { to: both.phone })).deliveries).toMatchObject([{ status: 'suppressed' }]);
  });

  test('stays in its tenant', async () => {
    const on = trial();
    await on.engine.for({ tenant: 'other' }).suppressions.add({ address: jane });
    expect((await on.one('mail', { to: jane })).deliveries).toMatchObject([{ status: 'queued' }]);
  });
});

describe('adding', () => {
  test('ends what waits for that address, and nothing else', async () => {
    const on = trial({ answer: { outcome: 'retry', reason: 'busy' } });
    const waiting = await on.done('mail', { to: jane });
    const other = await on.done('mail', { to: 'joe@example.com' });
    on.reported.length = 0;
    expect(await on.engine.suppressions.add({ address: jane, reason: 'complained' })).toEqual({
      cancelled: 1,
      alreadyHandedOver: 0,
    });
    expect(await messageOf(on, waiting)).toMatchObject({ status: 'suppressed', reason: 'complained' });
    expect(await on.engine.notifications.get(waiting.id)).toMatchObject({ status: 'completed' });
    expect(await messageOf(on, other)).toMatchObject({ status: 'queued' });
    expect(on.reported.map(({ name }) => name)).toEqual(['message.suppressed', 'notification.completed']);
    on.email.fail();
    await on.clock.advance(60_000);
    expect(on.email.messages.filter(({ to }) => to === jane)).toHaveLength(1);
  });

  test('counts what is already in hand', async () => {
    let answer: () => void = () => {};
    const on = trial({
      answer: () =>
        new Promise((resolve) => {
          answer = () => resolve({ outcome: 'accepted' });
        }),
    });
    const sent = await on.one('mail', { to: jane });
    await on.clock.advance(1);
    expect(await on.engine.suppressions.add({ address: jane })).toEqual({ cancelled: 0, alreadyHandedOver: 1 });
    answer();
    await on.engine.idle();
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent' });
  });

  test('goes through more than a page of them', async () => {
    const on = trial({ role: 'producer' });
    const to = Array.from({ length: 450 }, () => jane);
    await on.many('mail', { to });
    expect(await on.engine.suppressions.add({ address: jane })).toEqual({ cancelled: 450, alreadyHandedOver: 0 });
    expect((await on.engine.messages.list({ status: 'queued' })).items).toEqual([]);
  });

  test('a second time replaces reason and note and keeps the date', async () => {
    const on = trial();
    await on.engine.suppressions.add({ address: jane, reason: 'manual', note: 'first' });
    const at = new Date(on.clock.now());
    await on.clock.advance(5000);
    await on.engine.suppressions.add({ address: jane, reason: 'bounced' });
    expect(await on.engine.suppressions.check({ address: jane })).toEqual([
      { address: jane, channel: '*', reason: 'bounced', source: 'api', note: null, createdAt: at },
    ]);
  });

  test.each<[object, string, string]>([
    [{ address: '' }, 'address', 'A suppression: address must not be empty.'],
    [
      { address: jane, until: 1 },
      'until',
      'A suppression: until is no option; there are address, channel, reason, note.',
    ],
    [
      { address: jane, reason: 'bored' },
      'reason',
      'A suppression: reason must be bounced, complained, unsubscribed, invalid or manual, not a string',
    ],
    [
      { address: jane, channel: 'fax' },
      'channel',
      'There is no channel "fax"; there are email, sms, push, slack, telegram, whatsapp, discord.',
    ],
    [undefined as never, '', 'A suppression is missing; it must be an object.'],
    ['jane' as never, '', 'A suppression must be an object, not a string.'],
    [{ address: 'token-one' }, 'channel', 'An address that is neither e-mail nor phone needs a `channel`.'],
  ])('%o is refused', async (given, path, message) => {
    const on = trial();
    const said = await refusal(() => on.engine.suppressions.add(given as never));
    expect(said).toMatchObject({ code: 'VALIDATION_ERROR', path });
    expect(said.message).toContain(message);
  });

  test('an address that is none is refused', async () => {
    const on = trial();
    expect(await refusal(() => on.engine.suppressions.add({ address: 'jane@' }))).toMatchObject({
      code: 'INVALID_EMAIL',
    });
  });

  test('`transaction` is not left unread', async () => {
    const on = trial();
    for (const call of ['add', 'remove'] as const) {
      expect(
        await refusal(() => on.engine.suppressions[call]({ address: jane }, { transaction: {} } as never)),
      ).toEqual({
        code: 'VALIDATION_ERROR',
        path: 'transaction',
        message: `suppressions.${call}: transaction is not supported by this store.`,
      });
    }
  });
});

describe('checking, listing and removing', () => {
  test('with a channel concerns that channel; without, all of the address', async () => {
    const on = trial();
    const { suppressions } = on.engine;
    await suppressions.add({ address: both.phone, channel: 'sms' });
    await suppressions.add({ address: both.phone, channel: 'whatsapp', reason: 'complained' });
    const channels = async (given: { channel?: string }): Promise<string[]> =>
      (await suppressions.check({ address: both.phone, ...given })).map(({ channel }) => channel).sort();
    expect(await channels({})).toEqual(['sms', 'whatsapp']);
    expect(await channels({ channel: 'sms' })).toEqual(['sms']);
    expect(await suppressions.remove({ address: both.phone, channel: 'sms' })).toBe(true);
    expect(await suppressions.remove({ address: both.phone, channel: 'sms' })).toBe(false);
    expect(await channels({})).toEqual(['whatsapp']);
    expect(await suppressions.remove({ address: both.phone })).toBe(true);
    expect(await channels({})).toEqual([]);
  });

  test('removed is sent to again, be it suppressed by hand or by a provider', async () => {
    const on = trial({ answer: { outcome: 'badAddress', reason: 'gone' } });
    await on.done('mail', { to: jane });
    expect((await on.one('mail', { to: jane })).deliveries).toMatchObject([
      { status: 'suppressed', reason: 'invalid' },
    ]);
    expect(await on.engine.suppressions.remove({ address: jane })).toBe(true);
    expect((await on.one('mail', { to: jane })).deliveries).toMatchObject([{ status: 'queued' }]);
  });

  test('pages of the list meet each suppression once', async () => {
    const on = trial();
    for (let n = 0; n < 7; n += 1) {
      await on.engine.suppressions.add({ address: `p${n}@example.com`, reason: n % 2 ? 'bounced' : 'manual' });
    }
    const seen: (string | null)[] = [];
    let cursor: string | undefined;
    do {
      const page = await on.engine.suppressions.list({ limit: 3, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map(({ address }) => address));
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen.sort()).toEqual([0, 1, 2, 3, 4, 5, 6].map((n) => `p${n}@example.com`));
    expect((await on.engine.suppressions.list({ reason: 'bounced' })).items).toHaveLength(3);
    expect((await on.engine.suppressions.list({ channel: 'sms' })).items).toEqual([]);
    expect(await refusal(() => on.engine.suppressions.list({ reason: 'bored' as never }))).toMatchObject({
      message: 'reason must be one of bounced, complained, unsubscribed, invalid, manual.',
    });
  });
});

describe('with a new secret', () => {
  const older = 'the first secret of all';
  const newer = 'the second secret, newer';

  test('what an older one suppressed still holds, and can be removed', async () => {
    const before = trial({ secrets: [older] });
    await before.engine.suppressions.add({ address: jane });
    const after = trial({ store: before.store, clock: before.clock, secrets: [newer, older] });
    expect((await after.one('mail', { to: jane })).deliveries).toMatchObject([{ status: 'suppressed' }]);
    expect(await after.engine.suppressions.check({ address: jane })).toHaveLength(1);
    expect(await after.engine.suppressions.remove({ address: jane })).toBe(true);
    expect((await after.one('mail', { to: jane })).deliveries).toMatchObject([{ status: 'queued' }]);
  });

  test('a contact stored under the older one is found, and suppressed under either', async () => {
    const before = trial({ secrets: [older] });
    await before.engine.contacts.upsert({ externalId: 'a', email: jane });
    await before.engine.contacts.upsert({ externalId: 'b', email: 'joe@example.com' });
    await before.engine.contacts.upsert({ externalId: 'c', email: 'ann@example.com' });
    await before.engine.suppressions.add({ address: 'joe@example.com' });
    const after = trial({ store: before.store, clock: before.clock, secrets: [newer, older] });
    await after.engine.suppressions.add({ address: jane });
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((to) => after.one('mail', { to })));
    expect([a, b, c].map((sent) => sent?.deliveries[0]?.status)).toEqual(['suppressed', 'suppressed', 'queued']);
  });

  test('a send that must read twice still leases no more than there is room for', async () => {
    const before = trial({ secrets: [older] });
    await before.engine.contacts.upsert({ externalId: 'a', email: jane });
    const after = trial({ store: before.store, clock: before.clock, secrets: [newer, older] });
    await after.done('mail', { to: 'a' });
    expect(after.email.messages.map(({ to }) => to)).toEqual([jane]);
  });
});
