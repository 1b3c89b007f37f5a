import { createHash } from 'node:crypto';
import type pg from 'pg';
import { addressOf, keyOf, nullProvider, orderOf } from '../work/work.ts';
import { collectBatches } from './collect-batches.ts';
import type { Desk } from './hand-rolled.ts';
import { sentLines } from './hand-rolled-one.ts';
import { newId } from './new-id.ts';
import { renderOrder } from './render-order.ts';
import { inTransaction, line } from './rows.ts';

const day = 86_400_000;

interface Loaded {
  readonly notification_id: string;
  readonly payload: string;
  readonly first_name: string;
}

interface Settled {
  readonly messageId: string;
  readonly notificationId: string;
  readonly content: string;
  readonly providerId: string;
}

/** Whole arrays with one statement for each table, prepared once; what the worker reads and writes is collected. */
export function batched(pool: pg.Pool, schema: string, most: number): Desk {
  let calls = 0;

  const load = collectBatches(most, async (ids: readonly string[]) => {
    const { rows } = await pool.query({
      name: 'load',
      text: `SELECT m.id, m.notification_id, n.payload, c.first_name FROM ${schema}.messages m
        JOIN ${schema}.notifications n ON n.id = m.notification_id JOIN ${schema}.contacts c ON c.id = m.contact_id
        WHERE m.id = ANY ($1::uuid[]) AND m.status = 'queued'`,
      values: [ids],
    });
    const found = new Map<string, Loaded>(rows.map((row) => [row.id, row]));
    return ids.map((id) => found.get(id));
  });

  const settle = collectBatches(most, async (items: readonly Settled[]) => {
    const now = Date.now();
    const ids = items.map(({ messageId }) => messageId);
    await inTransaction(pool, async (client) => {
      await client.query({
        name: 'contents',
        text: `INSERT INTO ${schema}.contents SELECT id, content, $3
          FROM unnest($1::uuid[], $2::text[]) AS i (id, content)`,
        values: [ids, items.map(({ content }) => content), now],
      });
      await client.query({
        name: 'sent',
        text: `UPDATE ${schema}.messages m SET status = 'sent', attempts = attempts + 1, due_at = NULL,
          provider = 'nowhere', provider_id = i.provider_id, sent_at = $4, timeline = m.timeline || i.lines
          FROM unnest($1::uuid[], $2::text[], $3::text[]) AS i (id, provider_id, lines) WHERE m.id = i.id`,
        values: [
          ids,
          items.map(({ providerId }) => providerId),
          items.map(({ providerId }) => sentLines(providerId)),
          now,
        ],
      });
      await client.query({
        name: 'completed',
        text: `UPDATE ${schema}.notifications SET status = 'completed', completed_at = $2 WHERE id = ANY ($1::uuid[])`,
        values: [items.map(({ notificationId }) => notificationId), now],
      });
    });
    return items;
  });

  return {
    async accept(numbers) {
      const emails = numbers.map(addressOf);
      const { rows } = await pool.query({
        name: 'contacts',
        text: `SELECT c.id, c.email, c.language, s.email IS NOT NULL AS suppressed FROM ${schema}.contacts c
          LEFT JOIN ${schema}.suppressions s ON s.email = c.email AND s.channel = 'email'
          WHERE c.email = ANY ($1::text[])`,
        values: [emails],
      });
      const contacts = new Map(rows.map((row) => [row.email, row]));
      const now = Date.now();
      const sends = numbers.flatMap((number) => {
        const contact = contacts.get(addressOf(number));
        if (!contact) throw new Error('No such contact.');
        const [id, messageId, payload] = [newId(), newId(), JSON.stringify(orderOf(number))];
        return contact.suppressed ? [] : [{ number, contact, id, messageId, payload, key: keyOf(schema, number) }];
      });
      return inTransaction(pool, async (client) => {
        const { rows: kept } = await client.query({
          name: 'keys',
          text: `INSERT INTO ${schema}.idempotency_keys SELECT 'confirmation', request_key, fingerprint, result, $4, $5
            FROM unnest($1::text[], $2::bytea[], $3::text[]) AS i (request_key, fingerprint, result)
            ON CONFLICT DO NOTHING RETURNING request_key`,
          values: [
            sends.map(({ key }) => key),
            sends.map(({ contact, payload }) => createHash('sha256').update(contact.email).update(payload).digest()),
            sends.map(({ id, messageId }) =>
              JSON.stringify({ id, deliveries: [{ id: messageId, channel: 'email', status: 'queued' }] }),
            ),
            now + day,
            now,
          ],
        });
        const keys = new Set(kept.map((row) => row.request_key));
        const fresh = sends.filter(({ key }) => keys.has(key));
        const ids = fresh.map(({ id }) => id);
        const contactIds = fresh.map(({ contact }) => contact.id);
        await client.query({
          name: 'notifications',
          text: `INSERT INTO ${schema}.notifications
            (id, event, contact_id, status, category, language, payload, created_at)
            SELECT id, 'confirmation', contact_id, 'running', 'transactional', language, payload, $5
            FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS i (id, contact_id, language, payload)`,
          values: [
            ids,
            contactIds,
            fresh.map(({ contact }) => contact.language),
            fresh.map(({ payload }) => payload),
            now,
          ],
        });
        await client.query({
          name: 'messages',
          text: `INSERT INTO ${schema}.messages
            (id, notification_id, contact_id, event, channel, address, status, attempts, due_at, timeline, created_at)
            SELECT id, notification_id, contact_id, 'confirmation', 'email', address, 'queued', 0, $6, $5, $6
            FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) AS i (id, notification_id, contact_id, address)`,
          values: [
            fresh.map(({ messageId }) => messageId),
            ids,
            contactIds,
            fresh.map(({ contact }) => contact.email),
            line('queued'),
            now,
          ],
        });
        return fresh.map(({ number, messageId }) => ({ number, messageId }));
      });
    },
    async deliver({ messageId }) {
      const row = await load(messageId);
      if (!row) return;
      const content = renderOrder(JSON.parse(row.payload), row.first_name);
      await nullProvider();
      calls += 1;
      await settle({ messageId, notificationId: row.notification_id, content, providerId: `nowhere-${calls}` });
    },
  };
}
