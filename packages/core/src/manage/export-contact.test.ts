import { expect, test } from 'vitest';
import { z } from 'zod';
import { refusal, type Trial, trial } from '../../test/engine-trial.ts';
import { type ContactExportPart, defineEvent } from '../index.ts';

const event = defineEvent({
  payload: z.looseObject({}),
  templates: { email: { en: { subject: 'For {{contact.name}}', text: 'Secret {{secret}}' } } },
});
const secrets = ['the second secret, newer', 'the first secret of all'];

/** Every field of a contact, each with a word of its own, and a history. */
const fields = {
  externalId: 'canary-id',
  email: 'canary-mail@example.com',
  phone: '+46701234567',
  name: 'canary-name',
  firstName: 'canary-first',
  lastName: 'canary-last',
  username: 'canary-user',
  avatar: 'https://example.com/canary-avatar.png',
  slack: 'U0CANARY1',
  telegram: '424242424',
  discord: '123456789012345678',
  pushToken: 'canary-token',
  language: 'sv',
  timezone: 'Europe/Stockholm',
  meta: { plan: 'canary-meta' },
};

async function lived(): Promise<Trial> {
  const older = trial({ events: { event }, secrets: ['the first secret of all'] });
  await older.engine.suppressions.add({ address: fields.phone, channel: 'sms', note: 'canary-older-note' });
  const on = trial({ store: older.store, clock: older.clock, events: { event }, secrets });
  await on.done('event', {
    to: { ...fields, email: 'canary-former@example.com' },
    payload: { secret: 'canary-payload' },
    overrides: { email: { cc: 'canary-copy@example.com' } },
    requestId: 'canary-request',
  });
  on.email.fail({ outcome: 'rejected', reason: 'canary-reason', code: '550' });
  await on.done('event', { to: fields, payload: { secret: 'canary-second' } });
  await on.engine.suppressions.add({ address: 'canary-former@example.com', note: 'canary-former-note' });
  await on.engine.suppressions.add({ address: fields.email, note: 'canary-note', reason: 'complained' });
  // Of others, who must not be in it.
  await on.engine.suppressions.add({ address: 'stranger@example.com', note: 'stranger' });
  await on.done('event', { to: { email: 'stranger@example.org', name: 'stranger' }, payload: { secret: 'stranger' } });
  const elsewhere = on.engine.for({ tenant: 'stranger' });
  await elsewhere.contacts.upsert({ ...fields, name: 'stranger' });
  await elsewhere.untyped.send('event', { to: fields.externalId, payload: { secret: 'stranger' } });
  await on.engine.idle();
  return on;
}

test('an export holds everything about a person and nothing of anybody else', async () => {
  const on = await lived();
  const exported = await on.engine.contacts.export(fields.externalId);
  const text = JSON.stringify(exported);
  const words = [
    ...Object.values(fields).flatMap((value) => (typeof value === 'string' ? [value] : Object.values(value))),
    ...['canary-payload', 'canary-copy', 'canary-request', 'canary-reason', 'canary-second', 'Secret canary-payload'],
    ...['canary-note', 'canary-former@example.com', 'canary-former-note', 'canary-older-note', 'For canary-name'],
  ];
  for (const word of words) expect(text).toContain(word);
  expect(text).not.toContain('stranger');
  expect(JSON.parse(text)).toEqual(exported);
  expect(exported).toMatchObject({
    format: 1,
    exportedAt: new Date(on.clock.now()).toISOString(),
    tenant: 'default',
    mode: 'live',
    contact: { email: fields.email },
    notifications: [
      { event: 'event', payload: { secret: 'canary-second' }, messages: [{ status: 'failed' }] },
      { payload: { secret: 'canary-payload' }, messages: [{ status: 'sent', timeline: [{}, {}, {}] }] },
    ],
  });
  expect(exported.suppressions).toHaveLength(3);
});

test('a long history comes piece by piece, whole and in order', async () => {
  const on = trial({ role: 'producer' });
  await on.many('mail', { to: Array.from({ length: 450 }, () => 'jane@example.com') });
  const parts: ContactExportPart[] = [];
  for await (const part of on.engine.contacts.exportParts('jane@example.com')) parts.push(part);
  const { kind, ...head } = parts[0] as Extract<ContactExportPart, { kind: 'contact' }>;
  expect([kind, head.contact.email]).toEqual(['contact', 'jane@example.com']);
  const ids = parts.flatMap((part) => (part.kind === 'notification' ? [part.id] : []));
  expect(new Set(ids).size).toBe(450);
  expect(ids).toEqual([...ids].sort().reverse());
  const whole = await on.engine.contacts.export('jane@example.com');
  expect(whole.notifications.map(({ id }) => id)).toEqual(ids);
});

test('there is none of nobody', async () => {
  const on = trial();
  expect(await refusal(() => on.engine.contacts.export('nobody'))).toMatchObject({ code: 'NOT_FOUND', path: 'who' });
});
