import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { AdapterCall, OutgoingMessage } from '../spec/channel-adapter.ts';
import { TidingsError } from '../spec/errors.ts';
import { defineAdapter } from './define-adapter.ts';
import { defineChannel } from './define-channel.ts';

const matrix = defineChannel({ name: 'matrix', address: 'matrixId', template: z.object({ body: z.string() }) });
const send = async () => ({ outcome: 'accepted' }) as const;
const least = { name: 'matrix.org', channel: matrix, send };
const message = {} as OutgoingMessage;
const call = {} as AdapterCall;

function refusal(options: unknown): { path: string | undefined; message: string } {
  try {
    defineAdapter(options as never);
  } catch (error) {
    if (TidingsError.is(error, 'CONFIGURATION_INVALID')) return { path: error.path, message: error.message };
    throw error;
  }
  throw new Error('accepted');
}

test('defaults', () => {
  const adapter = defineAdapter(least);
  expect(adapter).toEqual({
    specVersion: 1,
    name: 'matrix.org',
    channel: 'matrix',
    lane: { slots: 200 },
    deadlineMs: 15_000,
    attempts: 5,
    send: expect.any(Function),
  });
  expect(Object.isFrozen(adapter)).toBe(true);
  expect(defineAdapter({ name: 'own', channel: 'email', send }).channel).toBe('email');
});

test('methods may use `this`', async () => {
  const options = {
    name: 'matrix.org',
    channel: matrix,
    lane: { slots: 3, rate: { limit: 10, perMs: 1000 } },
    deadlineMs: 1,
    attempts: 1,
    defaultSender: { address: 'a' },
    calls: undefined,
    senders: async () => [{ address: 'b' }],
    async send(this: { name: string }) {
      return { outcome: 'accepted', providerId: this.name } as const;
    },
    async sendMany(this: { name: string }) {
      return [{ outcome: 'accepted', providerId: this.name } as const];
    },
    async close(this: { name: string }) {
      if (this.name !== 'matrix.org') throw new Error('lost this');
    },
  };
  const { calls: _calls, ...given } = options;
  const adapter = defineAdapter(given);
  expect(await adapter.send(message, call)).toEqual({ outcome: 'accepted', providerId: 'matrix.org' });
  expect(await adapter.sendMany?.([message], call)).toEqual([{ outcome: 'accepted', providerId: 'matrix.org' }]);
  await adapter.close?.();
  expect(await adapter.senders?.()).toEqual([{ address: 'b' }]);
  expect(adapter).toMatchObject({
    lane: { slots: 3, rate: { limit: 10, perMs: 1000 } },
    deadlineMs: 1,
    attempts: 1,
    defaultSender: { address: 'a' },
  });
});

describe('refusals', () => {
  const name = 'must be up to 64 letters, digits, ., - and _, beginning with a letter or digit';
  const whole = 'must be a whole number from 1';
  test.each<[unknown, string, string]>([
    [null, 'options', 'must be an object'],
    [
      { ...least, timeout: 3 },
      'timeout',
      'is no option; there are name, channel, lane, deadlineMs, attempts, defaultSender, senders, send, sendMany, close',
    ],
    [{ ...least, name: 'matrix org' }, 'name', name],
    [{ ...least, name: undefined }, 'name', name],
    [{ ...least, channel: undefined }, 'channel', 'must be a channel, or the name of a built-in one'],
    [{ ...least, channel: { name: 'matrix' } }, 'channel', 'must be a channel, or the name of a built-in one'],
    [{ ...least, deadlineMs: 0 }, 'deadlineMs', whole],
    [{ ...least, attempts: 1.5 }, 'attempts', whole],
    [{ ...least, lane: 3 }, 'lane', 'must be an object'],
    [{ ...least, lane: { slot: 3 } }, 'lane.slot', 'is no option; there are slots, rate'],
    [{ ...least, lane: { slots: -1 } }, 'lane.slots', whole],
    [{ ...least, lane: { rate: { limit: 10 } } }, 'lane.rate.perMs', whole],
    [{ ...least, lane: { rate: { limit: '10', perMs: 1 } } }, 'lane.rate.limit', whole],
    [
      { ...least, lane: { rate: { limit: 1, perMs: 1, per: 1 } } },
      'lane.rate.per',
      'is no option; there are limit, perMs',
    ],
    [{ ...least, defaultSender: 42 }, 'defaultSender', 'must be an address or { address, name }'],
    [{ ...least, send: undefined }, 'send', 'must be a function'],
    [{ ...least, sendMany: true }, 'sendMany', 'must be a function'],
    [{ ...least, senders: [] }, 'senders', 'must be a function'],
    [{ ...least, close: true }, 'close', 'must be a function'],
  ])('%#: %j', (options, path, problem) => {
    const named = typeof (options as { name?: unknown } | null)?.name === 'string';
    const owner = named ? `defineAdapter "${(options as { name: string }).name}"` : 'defineAdapter';
    expect(refusal(options)).toEqual({ path, message: `${owner}: ${path} ${problem}.` });
  });
});
