import type pg from 'pg';
import { addressOf, nameOf, people } from '../work/work.ts';
import { newId } from './new-id.ts';

/** Makes the tables a team would have: what the engine keeps of a message, without what only the engine needs. */
export async function createTables(pool: pg.Pool, schema: string): Promise<void> {
  await pool.query(`
    CREATE SCHEMA ${schema};
    CREATE TABLE ${schema}.contacts (
      id uuid PRIMARY KEY, email text NOT NULL UNIQUE, first_name text, language text NOT NULL,
      created_at bigint NOT NULL, updated_at bigint NOT NULL
    );
    CREATE TABLE ${schema}.suppressions (
      email text NOT NULL, channel text NOT NULL, reason text NOT NULL, created_at bigint NOT NULL,
      PRIMARY KEY (email, channel)
    );
    CREATE TABLE ${schema}.idempotency_keys (
      event text NOT NULL, request_key text NOT NULL, fingerprint bytea NOT NULL, result text NOT NULL,
      expires_at bigint NOT NULL, created_at bigint NOT NULL, PRIMARY KEY (event, request_key)
    );
    CREATE INDEX ON ${schema}.idempotency_keys (expires_at);
    CREATE TABLE ${schema}.notifications (
      id uuid PRIMARY KEY, event text NOT NULL, contact_id uuid NOT NULL, status text NOT NULL, category text NOT NULL,
      language text, payload text NOT NULL, error text, created_at bigint NOT NULL, completed_at bigint
    );
    CREATE INDEX ON ${schema}.notifications (contact_id, id);
    CREATE TABLE ${schema}.messages (
      id uuid PRIMARY KEY, notification_id uuid NOT NULL, contact_id uuid NOT NULL, event text NOT NULL,
      channel text NOT NULL, address text NOT NULL, status text NOT NULL, attempts int NOT NULL, due_at bigint,
      provider text, provider_id text, error text, timeline text NOT NULL, created_at bigint NOT NULL, sent_at bigint
    );
    CREATE INDEX ON ${schema}.messages (notification_id);
    CREATE INDEX ON ${schema}.messages (contact_id, id);
    CREATE INDEX ON ${schema}.messages (due_at) WHERE due_at IS NOT NULL;
    CREATE INDEX ON ${schema}.messages (provider, provider_id) WHERE provider_id IS NOT NULL;
    CREATE TABLE ${schema}.contents (message_id uuid PRIMARY KEY, content text NOT NULL, created_at bigint NOT NULL)`);
}

/** Makes the contacts that the sends go to. */
export async function seedContacts(pool: pg.Pool, schema: string): Promise<void> {
  const all = Array.from({ length: people }, (_, person) => person);
  await pool.query(
    `INSERT INTO ${schema}.contacts SELECT id, email, first_name, 'en', $4, $4
     FROM unnest($1::uuid[], $2::text[], $3::text[]) AS c (id, email, first_name)`,
    [all.map(() => newId()), all.map(addressOf), all.map(nameOf), Date.now()],
  );
  await pool.query(`ANALYZE ${schema}.contacts`);
}

/** Runs statements in one transaction. */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (err) {
    await client.query('ROLLBACK');
    throw err;
  } finally {
    client.release();
  }
}

/** One line of a timeline. */
export const line = (event: string, more: object = {}): string =>
  `${JSON.stringify({ at: Date.now(), event, ...more })}\n`;
