import { expect, it } from 'vitest';
import type { AdapterCall, OutgoingMessage } from '../spec/index.ts';
import { captureAdapter, hangUntilAborted } from './capture-adapter.ts';

const message = (id: string): OutgoingMessage => ({
  ...{ id, event: 'welcome', channel: 'email', to: 'jane@example.com', content: {}, overrides: {} },
  ...{ scope: { tenant: 'default', mode: 'test' as const }, language: 'en', category: 'default' },
});
const call = (signal: AbortSignal = new AbortController().signal): AdapterCall => ({
  signal,
  attempt: 1,
  key: 'k',
  tag: 'k.1',
});

it('keeps what it was given and accepts it', async () => {
  const adapter = captureAdapter({ name: 'capture', channel: 'email' });
  expect(await adapter.send(message('1'), call())).toEqual({ outcome: 'accepted', providerId: 'capture-1' });
  expect(await adapter.send(message('2'), call())).toEqual({ outcome: 'accepted', providerId: 'capture-2' });
  expect(adapter.messages.map(({ id }) => id)).toEqual(['1', '2']);
  expect(adapter.last()).toMatchObject({ id: '2', call: { attempt: 1, key: 'k', tag: 'k.1' } });
  adapter.clear();
  expect([adapter.messages, adapter.last()]).toEqual([[], undefined]);
});

it('keeps the last ones only', async () => {
  const adapter = captureAdapter({ name: 'capture', channel: 'email', keep: 3 });
  for (let index = 1; index <= 20; index += 1) {
    await adapter.send(message(`${index}`), call());
    expect(adapter.messages.length).toBe(Math.min(index, 3));
    expect(adapter.messages.at(-1)?.id).toBe(`${index}`);
  }
});

it('answers what it is told to', async () => {
  const adapter = captureAdapter({ name: 'capture', channel: 'email', outcome: { outcome: 'rejected', reason: 'no' } });
  expect((await adapter.send(message('1'), call())).outcome).toBe('rejected');
  adapter.fail(({ id }) => (id === '2' ? { outcome: 'retry', reason: 'later' } : { outcome: 'accepted' }));
  expect((await adapter.send(message('2'), call())).outcome).toBe('retry');
  adapter.fail(() => {
    throw new Error('thrown');
  });
  await expect(adapter.send(message('3'), call())).rejects.toThrow('thrown');
  adapter.fail();
  expect((await adapter.send(message('4'), call())).outcome).toBe('accepted');
  expect(adapter.messages).toHaveLength(4);
});

it('hangs until the call is aborted', async () => {
  const adapter = captureAdapter({ name: 'capture', channel: 'email', outcome: hangUntilAborted });
  const aborter = new AbortController();
  const hanging = adapter.send(message('1'), call(aborter.signal));
  aborter.abort();
  expect((await hanging).outcome).toBe('unknown');
  expect((await adapter.send(message('2'), call(aborter.signal))).outcome).toBe('unknown');
});
