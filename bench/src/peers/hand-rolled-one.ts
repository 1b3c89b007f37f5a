import { createHash } from 'node:crypto';
import type pg from 'pg';
import { addressOf, keyOf, nullProvider, orderOf } from '../work/work.ts';
import type { Desk } from './hand-rolled.ts';
import { newId } from './new-id.ts';
import { renderOrder } from './render-order.ts';
import { inTransaction, line } from './rows.ts';

const day = 86_400_000;

/** One statement after the other, one message at a time, as guides show it. */
export function oneByOne(pool: pg.Pool, schema: string): Desk {
  let calls = 0;
  return {
    async accept([number = 0]) {
      const email = addressOf(number);
      const { rows: contacts } = await pool.query(`SELECT id, language FROM ${schema}.contacts WHERE email = $1`, [
        email,
      ]);
      const [contact] = contacts;
      if (!contact) throw new Error('No such contact.');
      const { rowCount: suppressed } = await pool.query(
        `SELECT 1 FROM ${schema}.suppressions WHERE email = $1 AND channel = 'email'`,
        [email],
      );
      if (suppressed) return [];

      const payload = JSON.stringify(orderOf(number));
      const [notificationId, messageId, now] = [newId(), newId(), Date.now()];
      return inTransaction(pool, async (client) => {
        const { rowCount: fresh } = await client.query(
          `INSERT INTO ${schema}.idempotency_keys VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
          [
            'confirmation',
            keyOf(schema, number),
            createHash('sha256').update(email).update(payload).digest(),
            JSON.stringify({ id: notificationId, deliveries: [{ id: messageId, channel: 'email', status: 'queued' }] }),
            now + day,
            now,
          ],
        );
        if (!fresh) return [];
        await client.query(
          `INSERT INTO ${schema}.notifications (id, event, contact_id, status, category, language, payload, created_at)
           VALUES ($1, 'confirmation', $2, 'running', 'transactional', $3, $4, $5)`,
          [notificationId, contact.id, contact.language, payload, now],
        );
        await client.query(
          `INSERT INTO ${schema}.messages
           (id, notification_id, contact_id, event, channel, address, status, attempts, due_at, timeline, created_at)
           VALUES ($1, $2, $3, 'confirmation', 'email', $4, 'queued', 0, $5, $6, $5)`,
          [messageId, notificationId, contact.id, email, now, line('queued')],
        );
        return [{ number, messageId }];
      });
    },
    async deliver({ messageId }) {
      const { rows } = await pool.query(
        `SELECT m.notification_id, n.payload, c.first_name FROM ${schema}.messages m
         JOIN ${schema}.notifications n ON n.id = m.notification_id JOIN ${schema}.contacts c ON c.id = m.contact_id
         WHERE m.id = $1 AND m.status = 'queued'`,
        [messageId],
      );
      const [row] = rows;
      if (!row) return;
      const content = renderOrder(JSON.parse(row.payload), row.first_name);
      await nullProvider();
      calls += 1;
      const providerId = `nowhere-${calls}`;
      const now = Date.now();
      await inTransaction(pool, async (client) => {
        await client.query(`INSERT INTO ${schema}.contents VALUES ($1, $2, $3)`, [messageId, content, now]);
        await client.query(
          `UPDATE ${schema}.messages SET status = 'sent', attempts = attempts + 1, due_at = NULL, provider = 'nowhere',
           provider_id = $2, sent_at = $3, timeline = timeline || $4 WHERE id = $1`,
          [messageId, providerId, now, sentLines(providerId)],
        );
        await client.query(`UPDATE ${schema}.notifications SET status = 'completed', completed_at = $2 WHERE id = $1`, [
          row.notification_id,
          now,
        ]);
      });
    },
  };
}

/** What a sent message adds to its timeline. */
export const sentLines = (providerId: string): string =>
  line('attempt', { attempt: 1, adapter: 'nowhere', outcome: 'accepted', providerId }) + line('sent');
