import type { MessageRow, NotificationRow } from '@tidings/core/spec';
import { describe, expect, it } from 'vitest';
import { duplicates, unknownOutcomes } from '../src/invariants/called-once.ts';
import { checkHistory } from '../src/invariants/check-history.ts';
import { emptyHistory, type History, type ProviderCall } from '../src/invariants/history.ts';
import { indexHistory } from '../src/invariants/index-history.ts';
import type { InvariantId } from '../src/invariants/violation.ts';

const scope = { tenant: 'default', mode: 'live' } as const;

const message: MessageRow = {
  scope: 1,
  id: 'm1',
  notificationId: 'n1',
  contactId: 'c1',
  event: 'note',
  step: 'send',
  channel: 'email',
  lane: 'mail',
  priority: 1,
  address: 'ada@example.com',
  addressHash: null,
  status: 'sent',
  epoch: 5,
  attempts: 2,
  dueAt: null,
  leaseUntil: null,
  callingAt: null,
  provider: 'mail',
  providerId: 'p2',
  reason: null,
  errorCode: null,
  error: null,
  language: 'en',
  routing: null,
  timeline: [
    { event: 'queued', at: 0 },
    { event: 'attempt', attempt: 1, outcome: 'retry', delayMs: 500, at: 10 },
    { event: 'retry', at: 10 },
    { event: 'attempt', attempt: 2, outcome: 'accepted', at: 520 },
    { event: 'sent', at: 520 },
  ],
  sequence: 0,
  createdAt: 0,
  sentAt: 520,
  deliveredAt: null,
  openedAt: null,
  clickedAt: null,
  expiresAt: null,
};

const notification: NotificationRow = {
  scope: 1,
  id: 'n1',
  event: 'note',
  contactId: 'c1',
  status: 'completed',
  version: 2,
  category: 'transactional',
  language: null,
  payload: '{}',
  options: null,
  cursors: null,
  openSteps: 0,
  dueAt: null,
  leaseUntil: null,
  broadcastId: 'b1',
  recipientKey: 'k1',
  activeKey: null,
  traceparent: null,
  requestId: null,
  errorCode: null,
  error: null,
  createdAt: 0,
  completedAt: 520,
  expiresAt: null,
};

const send: History['sends'][number] = {
  beganAt: 1,
  ackedAt: 2,
  scope,
  event: 'note',
  idempotencyKey: 'key',
  request: '{"text":"x"}',
  reply: '{"id":"n1"}',
  replayed: false,
  notifications: [{ id: 'n1', messages: ['m1'] }],
};

const refused: ProviderCall = {
  messageId: 'm1',
  attempt: 1,
  channel: 'email',
  address: 'ada@example.com',
  scope,
  process: 'p1',
  beganAt: 3,
  storeTime: 5,
  outcome: 'refused',
};
const accepted: ProviderCall = { ...refused, attempt: 2, beganAt: 6, storeTime: 515, outcome: 'accepted' };

const sound: History = {
  ...emptyHistory,
  sends: [send, { ...send, beganAt: 8, ackedAt: 9, replayed: true }],
  calls: [refused, accepted],
  broadcasts: [{ id: 'b1', scope, recipients: 2, completed: true, accepted: 1, rejected: 1 }],
  stops: [
    {
      ...{ kind: 'suppress', scope, resolvedAt: 5, cancelled: 0, alreadyHandedOver: 1 },
      ...{ addresses: ['ada@example.com'], channel: '*', messages: [], removedAt: null, words: ['Lovelace'] },
    },
  ],
  shutdowns: [{ process: 'p1', at: 10, timers: 0, sockets: 0, leases: [] }],
  writes: [{ messageId: 'm1', at: 7, guard: 4, found: 4 }],
  texts: [{ where: 'rows', text: 'nothing' }],
  channels: [{ channel: 'email', unknown: 'retry', attempts: 5 }],
  rows: {
    ...emptyHistory.rows,
    scopes: [
      { id: 1, ...scope },
      { id: 2, tenant: 'other', mode: 'live' },
    ],
    messages: [message],
    notifications: [notification],
    broadcasts: [
      {
        ...{ scope: 1, id: 'b1', event: 'note', cursor: null, status: 'completed', accepted: 1, rejected: 1 },
        ...{ createdAt: 0, completedAt: 1 },
      },
    ],
  },
};

const withRows = (rows: Partial<History['rows']>): History => ({ ...sound, rows: { ...sound.rows, ...rows } });
const withMessage = (change: Partial<MessageRow>): History => withRows({ messages: [{ ...message, ...change }] });
const timelineOf = (...events: MessageRow['timeline'][number]['event'][]): MessageRow['timeline'] =>
  events.map((event) => ({ event, at: 0 }));

const broken: readonly (readonly [InvariantId, string, History])[] = [
  ['I1', 'an acknowledged notification is missing', withRows({ notifications: [], messages: [] })],
  ['I1', 'an acknowledged message is missing', withRows({ messages: [] })],
  ['I2', 'a message is still queued', withMessage({ status: 'queued', sentAt: null, timeline: timelineOf('queued') })],
  ['I2', 'a notification still runs', withRows({ notifications: [{ ...notification, status: 'running' }] })],
  [
    'I2',
    'a notification failed and its message did not',
    withRows({ notifications: [{ ...notification, status: 'failed' }] }),
  ],
  ['I3', 'one attempt is called twice', { ...sound, calls: [refused, accepted, accepted] }],
  ['I3', 'an accepted call is repeated', { ...sound, calls: [{ ...accepted, attempt: 1, storeTime: 5 }, accepted] }],
  [
    'I3',
    'a channel that holds repeats an unknown outcome',
    {
      ...sound,
      channels: [{ channel: 'email', unknown: 'hold', attempts: 5 }],
      calls: [{ ...refused, outcome: 'late' }, accepted],
    },
  ],
  ['I3', 'more calls than allowed', { ...sound, channels: [{ channel: 'email', unknown: 'retry', attempts: 1 }] }],
  [
    'I4',
    'a call nobody had in hand',
    { ...sound, stops: sound.stops.map((stop) => ({ ...stop, alreadyHandedOver: 0 })) },
  ],
  ['I4', 'a retry after a suppression', { ...sound, stops: sound.stops.map((stop) => ({ ...stop, resolvedAt: 2 })) }],
  ['I5', 'two first replies', { ...sound, sends: [send, send] }],
  ['I5', 'another reply', { ...sound, sends: [send, { ...send, replayed: true, reply: '{"id":"n2"}' }] }],
  ['I5', 'another request', { ...sound, sends: [send, { ...send, replayed: true, request: '{"text":"y"}' }] }],
  [
    'I6',
    'the end is followed by an attempt',
    withMessage({ timeline: [...message.timeline, { event: 'attempt', attempt: 3, at: 530 }], attempts: 3 }),
  ],
  ['I6', 'failed and then sent', withMessage({ timeline: [...timelineOf('queued', 'failed', 'sent')], attempts: 0 })],
  ['I6', 'another status than its timeline says', withMessage({ status: 'cancelled', sentAt: null })],
  [
    'I7',
    'a recipient twice',
    withRows({ notifications: [notification, { ...notification, id: 'n2' }], broadcasts: [] }),
  ],
  ['I7', 'a recipient left out', { ...sound, broadcasts: [{ ...sound.broadcasts[0], recipients: 3 } as never] }],
  ['I8', 'a stale change is taken', { ...sound, writes: [{ messageId: 'm1', at: 7, guard: 3, found: 4 }] }],
  [
    'I8',
    'an attempt is recorded twice',
    withMessage({ timeline: [...message.timeline.slice(0, 2), ...message.timeline.slice(1)] }),
  ],
  ['I8', 'an attempt is not counted', withMessage({ attempts: 1 })],
  ['I9', 'a retry begins early', { ...sound, calls: [refused, { ...accepted, storeTime: 509 }] }],
  ['I10', 'a message of another tenant', withMessage({ scope: 2 })],
  [
    'I10',
    'a call for the mode test',
    { ...sound, calls: [refused, { ...accepted, scope: { ...scope, mode: 'test' } }] },
  ],
  ['I11', 'a word of an erased person', { ...sound, texts: [{ where: 'log', text: 'Ada LOVELACE' }] }],
  [
    'I13',
    'a timer after stop',
    { ...sound, shutdowns: [{ process: 'p1', at: 10, timers: 1, sockets: 0, leases: [] }] },
  ],
  [
    'I13',
    'a lease after stop',
    { ...sound, shutdowns: [{ process: 'p1', at: 10, timers: 0, sockets: 0, leases: ['m1'] }] },
  ],
  ['I13', 'a call after stop', { ...sound, shutdowns: [{ process: 'p1', at: 4, timers: 0, sockets: 0, leases: [] }] }],
];

describe('checkHistory', () => {
  it('finds nothing in a sound history', () => {
    expect(checkHistory(sound)).toEqual([]);
  });

  it.for(broken)('%s: %s', ([invariant, , history]) => {
    expect(checkHistory(history).map((violation) => violation.invariant)).toContain(invariant);
  });

  it('takes a repeated call after an unknown outcome, a kill or a stall for what was promised', () => {
    const first = { ...accepted, attempt: 1, beganAt: 3, storeTime: 5 };
    const late: History = { ...sound, calls: [{ ...first, outcome: 'late' }, accepted] };
    expect(checkHistory(late)).toEqual([]);
    expect(duplicates(indexHistory(late))).toBe(1);
    expect(unknownOutcomes(indexHistory(late))).toBe(1);
    for (const kind of ['kill', 'stall'] as const) {
      const excuses = [{ kind, process: 'p1', from: 4, until: 4 }];
      expect(checkHistory({ ...sound, excuses, calls: [first, accepted] })).toEqual([]);
    }
  });

  it('asks nothing to have ended before there was time', () => {
    const { status, sentAt, timeline } = { status: 'queued' as const, sentAt: null, timeline: timelineOf('queued') };
    const history = withMessage({ status, sentAt, timeline, attempts: 0 });
    expect(checkHistory({ ...history, quiet: false })).toEqual([]);
  });
});
