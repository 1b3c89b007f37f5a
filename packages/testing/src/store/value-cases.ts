import { TidingsError } from '@tidings/core/spec';
import { expect } from 'vitest';
import { type ContractCase, rejectsWith } from '../contract-case.ts';
import { naughtyStrings } from './naughty-strings.ts';
import {
  addressHash,
  newId,
  newIdempotency,
  newNotification,
  newSuppression,
  only,
  putContact,
  putMessage,
  readKey,
  readMessage,
  readNotification,
  write,
} from './rows.ts';
import type { StoreTrial } from './store-trial.ts';

/** Writes a text into every column that takes free text, and reads it back from each. */
async function roundTrip({ store, scope }: StoreTrial, text: string): Promise<string[]> {
  const hash = addressHash('note', newId());
  const contact = await putContact(store, scope, 'externalId', newId(), { data: text });
  const message = await putMessage(
    store,
    scope,
    { address: text, error: text, routing: text, timeline: [{ event: 'queued', reason: text }], contactId: contact.id },
    { payload: text, options: text, cursors: text, error: text },
  );
  const key = newIdempotency({ scope, result: text });
  await write(store, {
    contents: [{ scope, messageId: message.id, content: text }],
    idempotency: [key],
    suppressions: { put: [newSuppression({ scope, hash, address: text, note: text })] },
    broadcasts: [
      { scope, id: message.id, event: 'welcome', cursor: text, status: 'running', accepted: 0, rejected: 0 },
    ],
  });
  const run = { scope, id: message.notificationId };
  const facts = await store.load({
    contacts: [contact],
    notifications: [run],
    contents: [message],
    suppressions: [{ scope, hash }],
    broadcasts: [message],
  });
  const [sent, notification, suppression] = [only(facts.messages), only(facts.notifications), only(facts.suppressions)];
  return [
    only(facts.contacts).row.data,
    ...[sent.address, sent.error, sent.routing, only(sent.timeline).reason, notification.payload, notification.options],
    ...[notification.cursors, notification.error, only(facts.contents).content, suppression.address, suppression.note],
    ...[only(await readKey(store, scope, key.key)).result, only(facts.broadcasts).cursor],
  ].map(String);
}

/** What values come back as. */
export const valueCases: readonly ContractCase<StoreTrial>[] = [
  {
    name: 'S38 unicode: naughty strings unchanged in every text column',
    async run(trial) {
      const texts = await naughtyStrings();
      expect(texts.length).toBeGreaterThan(100);
      for (let start = 0; start < texts.length; start += 10) {
        await Promise.all(
          texts.slice(start, start + 10).map(async (text) => {
            expect(new Set(await roundTrip(trial, text))).toEqual(new Set([text]));
          }),
        );
      }
    },
  },
  {
    name: 'S38 unicode: four bytes, combining marks, edges of planes',
    async run(trial) {
      const texts = [
        '😀👩‍👩‍👧‍👦',
        'e\u0301 is not é',
        '\u{10ffff}\u{ffff}\ufeff',
        "'; DROP TABLE messages; --",
        '\\"\\n\r\n\t',
        '',
        ' ',
        '\u2028\u2029',
      ];
      for (const text of texts) expect(new Set(await roundTrip(trial, text))).toEqual(new Set([text]));
    },
  },
  {
    name: 'S38 unicode: 1 MB',
    async run(trial) {
      const text = JSON.stringify({ text: 'åäö😀'.repeat(100_000) });
      const message = await putMessage(trial.store, trial.scope, {}, { payload: text });
      await write(trial.store, { contents: [{ scope: trial.scope, messageId: message.id, content: text }] });
      const run = { scope: trial.scope, id: message.notificationId };
      const facts = await trial.store.load({ notifications: [run], contents: [message] });
      expect(only(facts.notifications).payload === text).toBe(true);
      expect(only(facts.contents).content === text).toBe(true);
    },
  },
  {
    name: 'S38 unicode: what cannot be kept as it is, is refused',
    async run(trial) {
      for (const text of ['nul \0 inside', 'half a pair \ud83d']) {
        try {
          expect(new Set(await roundTrip(trial, text))).toEqual(new Set([text]));
        } catch (error) {
          if (!TidingsError.is(error, 'STORE_REFUSED')) throw error;
        }
      }
    },
  },
  {
    name: 'values-of-a-wrong-type-are-refused',
    async run({ store, scope }) {
      const wrong = [{ a: 1 }, 1, undefined, Buffer.from('{}')] as unknown as string[];
      for (const payload of wrong) {
        const run = newNotification({ scope, payload });
        const error = await rejectsWith('STORE_REFUSED', write(store, { notifications: { insert: [run] } }));
        expect(error.retryable).toBe(false);
        expect((await store.load({ notifications: [run] })).notifications).toEqual([]);
      }
    },
  },
  {
    name: 'S39 time-precision: whole milliseconds, far and near',
    async run({ store, scope }) {
      const century = 36_525 * 86_400_000;
      for (const expiresIn of [0, 1, 999, 86_399_999, 2 ** 31, century + 1]) {
        const run = newNotification({ scope, expiresIn });
        await write(store, { notifications: { insert: [run] } });
        const { createdAt, expiresAt } = await readNotification(store, run);
        expect(Number.isInteger(createdAt)).toBe(true);
        expect((expiresAt ?? 0) - createdAt).toBe(expiresIn);
      }
    },
  },
  {
    name: 'S39 time-precision: the clock of the store, in every row',
    needs: ['advance'],
    async run({ store, scope, advance }) {
      const { now } = await store.load({});
      await advance(1);
      expect((await store.load({})).now).toBe(now + 1);
      expect((await readMessage(store, await putMessage(store, scope))).createdAt).toBe(now + 1);
      expect((await store.claim({ lanes: [], leaseMs: 1_000 })).now).toBe(now + 1);
    },
  },
  {
    name: 'hashes-are-bytes',
    async run({ store, scope }) {
      const hash = new Uint8Array(32).map((_, index) => [0, 255, 128, 39, 92, 10][index % 6] ?? 0);
      const message = await putMessage(store, scope, { addressHash: hash });
      await write(store, { suppressions: { put: [newSuppression({ scope, hash })] } });
      const facts = await store.load({ messages: [message], suppressions: [{ scope, hash }] });
      expect(Buffer.from(only(facts.messages).addressHash ?? []).equals(hash)).toBe(true);
      expect(Buffer.from(only(facts.suppressions).hash).equals(hash)).toBe(true);
    },
  },
];
