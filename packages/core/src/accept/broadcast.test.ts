import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { refusal, type Trial, trial } from '../../test/engine-trial.ts';
import { type BroadcastProgress, type BroadcastResult, defineEvent } from '../index.ts';

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `p${from + index}@example.com`);

type Options = { readonly [option: string]: unknown };
function cast(on: Trial, source: unknown, options: Options = {}): Promise<BroadcastResult> {
  return on.engine.untyped.broadcast('mail', source as never, { id: 'news', ...options } as never);
}

describe('a broadcast', () => {
  test('reaches everybody once, in chunks, and says how far it is', async () => {
    const on = trial();
    const progress: BroadcastProgress[] = [];
    const rejected: unknown[] = [];
    const source = [...numbered(0, 700), 'nope@', ...numbered(0, 10), ...numbered(700, 1100)];
    const result = await cast(on, source, {
      onProgress: (now: BroadcastProgress) => progress.push(now),
      onRejected: ({ index, key, error }: { index: number; key: unknown; error: { code: string } }) =>
        rejected.push([index, key, error.code]),
    });
    const counts = { id: 'news', event: 'mail', accepted: 1100, rejected: 1, skipped: 10 };
    expect(result).toEqual({ ...counts, completed: true });
    expect(progress.map(({ accepted, rejected: refused, skipped }) => accepted + refused + skipped)).toEqual([
      500, 1000, 1111,
    ]);
    expect(on.reported.filter(({ name }) => name === 'broadcast.progress')).toHaveLength(3);
    expect(rejected).toEqual([[700, undefined, 'INVALID_EMAIL']]);
    await on.engine.idle();
    expect(new Set(on.email.messages.map(({ to }) => to)).size).toBe(1100);
    expect(on.email.messages).toHaveLength(1100);
  });

  test('run again skips those that were accepted', async () => {
    const on = trial();
    await cast(on, numbered(0, 3));
    expect(await cast(on, numbered(1, 5))).toEqual({
      id: 'news',
      event: 'mail',
      accepted: 5,
      rejected: 0,
      skipped: 2,
      completed: true,
    });
    expect(await cast(on, numbered(0, 5), { id: 'other' })).toMatchObject({ accepted: 5, skipped: 0 });
  });

  test('run again counts those it refuses once more', async () => {
    const on = trial();
    const source = [...numbered(0, 2), 'nope@'];
    expect(await cast(on, source)).toMatchObject({ accepted: 2, rejected: 1, skipped: 0 });
    expect(await cast(on, source)).toMatchObject({ accepted: 2, rejected: 1, skipped: 2 });
  });

  test('run again under a new secret still knows them', async () => {
    const before = trial({ secrets: ['the first secret of all'] });
    await cast(before, numbered(0, 3));
    const secrets = ['the second secret, newer', 'the first secret of all'];
    const after = trial({ store: before.store, clock: before.clock, secrets });
    expect(await cast(after, numbered(0, 4))).toMatchObject({ accepted: 4, skipped: 3 });
  });

  test('knows a recipient by its id, else by its first identifier, or as the host says', async () => {
    const on = trial();
    const same = [{ id: 'a', email: 'a@example.com' }, { id: 'a', email: 'b@example.com' }, 'a'];
    expect(await cast(on, same)).toMatchObject({ accepted: 1, skipped: 2 });
    const spelled = ['A@example.com', { email: 'a@EXAMPLE.com', name: 'A' }];
    expect(await cast(on, spelled, { id: 'two' })).toMatchObject({ accepted: 1, skipped: 1 });
    const byHouse = [
      { email: 'x@example.com', house: '1' },
      { email: 'y@example.com', house: '1' },
    ];
    const key = (to: { house: string }): string => to.house;
    expect(await cast(on, byHouse, { id: 'three', key })).toMatchObject({ accepted: 1, skipped: 1 });
  });

  test('a key that is none refuses that recipient alone', async () => {
    const on = trial();
    const errors: string[] = [];
    const onRejected = ({ error }: { error: Error }): number => errors.push(error.message);
    const key = (to: string): string => (to.startsWith('p1') ? '' : to);
    expect(await cast(on, numbered(0, 3), { key, onRejected })).toMatchObject({ accepted: 2, rejected: 1 });
    expect(errors).toEqual(['The key of source[1] must be a text of 1 to 255 bytes.']);
  });

  test('keeps no address as the key of a recipient', async () => {
    const on = trial();
    await cast(on, ['jane@example.com'], { key: (to: string) => to });
    const { items } = await on.store.listNotifications({ scope: 1, limit: 10 });
    expect(JSON.stringify(items)).not.toContain('jane');
    expect(items[0]?.recipientKey).toMatch(/^[\w-]{43}$/);
  });

  test('is one of its event: the id is taken for another', async () => {
    const on = trial();
    await cast(on, numbered(0, 1));
    expect(await refusal(() => on.engine.untyped.broadcast('any', [], { id: 'news' } as never))).toEqual({
      code: 'CONFLICT',
      path: 'id',
      message: 'The broadcast id is taken by a broadcast of "mail". Use another id for "any".',
    });
  });

  test('is bulk unless it says otherwise', async () => {
    const on = trial({ role: 'producer' });
    await cast(on, ['a@example.com']);
    await cast(on, ['a@example.com'], { id: 'two', priority: 'urgent' });
    const { items } = await on.store.listMessages({ scope: 1, limit: 10 });
    expect(items.map(({ priority }) => priority).sort()).toEqual([0, 2]);
  });
});

describe('the source', () => {
  test('is not read ahead by more than a chunk', async () => {
    const on = trial();
    let read = 0;
    let stored = 0;
    let furthest = 0;
    async function* source(): AsyncGenerator<string> {
      for (const to of numbered(0, 1600)) {
        read += 1;
        furthest = Math.max(furthest, read - stored);
        yield to;
      }
    }
    await cast(on, source(), {
      onProgress: async ({ accepted }: BroadcastProgress) => {
        stored = accepted;
      },
    });
    expect(furthest).toBe(500);
  });

  test('with cursors goes on where it was, which is stored with its chunk', async () => {
    const on = trial();
    const starts: unknown[] = [];
    const source = (fail: number) =>
      async function* (cursor: number | undefined): AsyncGenerator<{ to: string; cursor: number }> {
        starts.push(cursor);
        for (let n = (cursor ?? -1) + 1; n < 1200; n += 1) {
          if (n === fail) throw new Error('The list was cut off.');
          yield { to: `p${n}@example.com`, cursor: n };
        }
      };
    await expect(cast(on, source(700))).rejects.toThrow('The list was cut off.');
    expect(await cast(on, source(-1))).toMatchObject({ accepted: 1200, skipped: 0, completed: true });
    expect(starts).toEqual([undefined, 499]);
  });

  test('ended by a signal stops after what was read, and can be resumed', async () => {
    const on = trial();
    const aborter = new AbortController();
    const onProgress = (): void => aborter.abort();
    expect(await cast(on, numbered(0, 1200), { signal: aborter.signal, onProgress })).toMatchObject({
      accepted: 500,
      completed: false,
    });
    expect(await cast(on, numbered(0, 1200))).toMatchObject({ accepted: 1200, skipped: 500, completed: true });
  });

  test('may give each its own payload; what is wrong with one concerns it alone', async () => {
    const welcome = defineEvent({
      payload: z.object({ seats: z.number() }),
      templates: { email: { en: { subject: '{{seats}}', text: 'x' } } },
    });
    const on = trial({ events: { welcome } });
    const source = [
      { to: 'a@example.com', payload: { seats: 1 } },
      { to: 'b@example.com', payload: { seats: 'two' } },
      { to: 'c@example.com' },
    ];
    const run = (options: object): Promise<BroadcastResult> =>
      on.engine.untyped.broadcast('welcome', source as never, options as never);
    expect(await run({ id: 'own' })).toMatchObject({ accepted: 1, rejected: 2 });
    expect(await run({ id: 'common', payload: { seats: 9 } })).toMatchObject({ accepted: 2, rejected: 1 });
    await on.engine.idle();
    expect(on.email.messages.map(({ to, content }) => [to, content.subject])).toEqual([
      ['a@example.com', '1'],
      ['a@example.com', '1'],
      ['c@example.com', '9'],
    ]);
  });

  test('with `record` keeps what cannot be reached as failed, whatever was wrong with it', async () => {
    const on = trial({ onUnroutable: 'record' });
    const source = [{ to: 'a@example.com' }, { to: 'x@' }, { to: '+46701234567' }, { to: 'b@example.com', payload: 5 }];
    expect(await cast(on, source)).toMatchObject({ accepted: 4, rejected: 0 });
    expect((await on.engine.notifications.list({ status: 'failed' })).items).toHaveLength(3);
  });

  test.each([5, {}, null, () => 5])('that is none is refused: %s', async (source) => {
    const on = trial();
    expect(await refusal(() => cast(on, source))).toEqual({
      code: 'VALIDATION_ERROR',
      path: 'source',
      message: 'The source of a broadcast must be an iterable, an async iterable, or a function that returns one.',
    });
  });
});

describe('is refused', () => {
  test.each<[Options, string]>([
    [{ id: '' }, 'broadcast("mail"): id must not be empty.'],
    [{ id: 'x'.repeat(256) }, 'broadcast("mail"): id must be 1 to 255 bytes without NUL.'],
    [
      { idempotencyKey: 'k' },
      'broadcast("mail"): idempotencyKey is no option; there are id, key, payload, channel, overrides, language, from, onUnroutable, priority, requestId, onProgress, onRejected, signal, transaction.',
    ],
    [{ from: 5 }, 'broadcast("mail"): from must be an address that is not empty, or { address, name }, not 5.'],
    [{ requestId: 'x'.repeat(256) }, 'broadcast("mail"): requestId must be 1 to 255 bytes without NUL.'],
    [{ key: 'email' }, 'broadcast("mail"): key must be a function.'],
    [{ channel: 'fax' }, 'Event "mail" has no template for the channel "fax"; it has email.'],
  ])('for %o', async (options, message) => {
    const on = trial();
    expect(await refusal(() => cast(on, numbered(0, 1), options))).toMatchObject({ message });
  });

  test('for an unknown event, and a payload that does not fit', async () => {
    const on = trial();
    expect(await refusal(() => on.engine.untyped.broadcast('nope', [], { id: 'x' } as never))).toMatchObject({
      code: 'EVENT_NOT_FOUND',
    });
    expect(await refusal(() => cast(on, numbered(0, 1), { payload: 'text' as never }))).toMatchObject({
      code: 'PAYLOAD_INVALID',
    });
  });

  test('what a callback throws ends it, resumably', async () => {
    const on = trial();
    const onProgress = (): void => {
      throw new Error('enough');
    };
    await expect(cast(on, numbered(0, 600), { onProgress })).rejects.toThrow('enough');
    expect(await cast(on, numbered(0, 600))).toMatchObject({ accepted: 600, skipped: 500 });
  });

  test('once the engine has stopped, in the middle too', async () => {
    const on = trial();
    const onProgress = async (): Promise<void> => {
      void on.engine.stop();
    };
    expect(await refusal(() => cast(on, numbered(0, 1200), { onProgress }))).toMatchObject({ code: 'ENGINE_STOPPED' });
  });
});
