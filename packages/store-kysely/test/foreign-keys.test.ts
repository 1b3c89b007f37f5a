import { databases, newId, newMessage, notificationUpdate, write } from '@tidings/testing';
import { describe, expect, it } from 'vitest';
import { fill } from './fill.ts';
import { places, type Server } from './subjects.ts';

describe.each(databases(['sqlite', 'postgres', 'mariadb']) as readonly Server[])('foreign keys on %s', (name) => {
  it('let through what core writes and refuse a message without its notification', async () => {
    const place = await places[name]();
    const store = place.open({ foreignKeys: true });
    const scope = await store.scope('tenant', 'live');
    await fill(store, scope, 1);
    const { items } = await store.listContacts({ scope, limit: 1 });
    const contact = items[0]?.row ?? { scope, id: '' };
    const { items: runs } = await store.listNotifications({ scope, contactId: contact.id, limit: 10 });
    const update = runs.map((run) => notificationUpdate(run, { status: 'stopped', completed: true }));
    await write(store, { notifications: { update } });
    while (!(await store.erase(contact, 10)).done);
    const orphan = newMessage({ scope, notificationId: newId() });
    await expect(
      store.commit({
        kind: 'accept',
        reads: {},
        decide: () => ({ writes: { messages: { insert: [orphan] } }, result: null }),
      }),
    ).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    await store.close();
    await place.drop();
  }, 30_000);
});
