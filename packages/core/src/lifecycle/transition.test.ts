import { describe, expect, test } from 'vitest';
import type { MessageStatus, NewMessage, NotificationStatus } from '../spec/index.ts';
import { firstMessageStatuses, isFinal, isOpen, messageTransitions, notificationTransitions } from './states.ts';
import {
  type MessageState,
  moveMessage,
  moveNotification,
  type NotificationState,
  openMessage,
  runStatus,
} from './transition.ts';

// Written down a second time, so that a change of the table is a decision and not a slip.
const legal: Record<MessageStatus, string> = {
  queued: 'queued sent delivered failed suppressed bounced complained cancelled unknown',
  sent: 'sent delivered failed bounced complained',
  delivered: 'delivered bounced complained',
  bounced: 'bounced complained',
  complained: 'complained',
  unknown: 'unknown sent delivered failed bounced complained',
  failed: '',
  suppressed: '',
  cancelled: '',
};
const legalRuns: Record<NotificationStatus, string> = {
  running: 'running waiting completed failed stopped',
  waiting: 'waiting running completed failed stopped',
  completed: '',
  failed: '',
  stopped: '',
};
const statuses = Object.keys(legal) as MessageStatus[];
const runStatuses = Object.keys(legalRuns) as NotificationStatus[];

function message(status: MessageStatus): MessageState {
  return {
    scope: 1,
    id: 'm',
    epoch: 4,
    status,
    attempts: 2,
    lane: 'mailer',
    provider: 'mailer',
    providerId: 'p-1',
    reason: null,
    language: 'sv',
  };
}

function run(status: NotificationStatus): NotificationState {
  return { scope: 1, id: 'n', version: 3, status, cursors: '{}', openSteps: 1 };
}

describe('a message', () => {
  test.each(statuses.flatMap((from) => statuses.map((to) => [from, to] as const)))('%s → %s', (from, to) => {
    const allowed = legal[from].split(' ').includes(to);
    expect(messageTransitions[from].includes(to)).toBe(allowed);
    if (allowed) expect(moveMessage(message(from), to)).toMatchObject({ status: to, epoch: 4 });
    else expect(() => moveMessage(message(from), to)).toThrow(`A message cannot go from ${from} to ${to}.`);
  });

  test('keeps what a change does not name, and gives up its lease', () => {
    expect(moveMessage(message('queued'), 'sent', { attempts: 3 })).toEqual({
      scope: 1,
      id: 'm',
      epoch: 4,
      status: 'sent',
      attempts: 3,
      lane: 'mailer',
      dueIn: null,
      calling: false,
      leaseIn: null,
      provider: 'mailer',
      providerId: 'p-1',
      reason: null,
      errorCode: null,
      error: null,
      language: 'sv',
      reached: [],
      timeline: [],
    });
  });

  test('its key, epoch and status cannot be changed by the change', () => {
    const change = { id: 'other', epoch: 99, status: 'queued' } as object;
    expect(moveMessage(message('queued'), 'sent', change)).toMatchObject({ id: 'm', epoch: 4, status: 'sent' });
  });

  test('is only due while it is open', () => {
    expect(moveMessage(message('queued'), 'queued', { dueIn: 5 })).toMatchObject({ dueIn: 5 });
    expect(() => moveMessage(message('queued'), 'failed', { dueIn: 5 })).toThrow('A failed message cannot be due.');
    expect(statuses.filter(isOpen)).toEqual(['queued']);
  });

  test.each(statuses)('born %s', (status) => {
    const born = { status, dueIn: null, leaseIn: null } as NewMessage;
    if (firstMessageStatuses.includes(status)) expect(openMessage(born)).toBe(born);
    else expect(() => openMessage(born)).toThrow(`A message cannot go from nothing to ${status}.`);
    expect(firstMessageStatuses.includes(status)).toBe(['queued', 'suppressed', 'failed'].includes(status));
  });

  test.each([{ dueIn: 0 }, { leaseIn: 5 }])('born suppressed cannot be due: %o', (when) => {
    const born = { status: 'suppressed', dueIn: null, leaseIn: null, ...when } as NewMessage;
    expect(() => openMessage(born)).toThrow('A message born suppressed cannot be due.');
  });
});

describe('a notification', () => {
  test.each(runStatuses.flatMap((from) => runStatuses.map((to) => [from, to] as const)))('%s → %s', (from, to) => {
    const allowed = legalRuns[from].split(' ').includes(to);
    expect(notificationTransitions[from].includes(to)).toBe(allowed);
    const moved = moveNotification(run(from), to);
    if (allowed) expect(moved).toMatchObject({ status: to, version: 3, completed: legalRuns[to] === '' });
    // What has ended stays as it is: late feedback never reopens it.
    else expect(moved).toBeUndefined();
  });

  test('keeps what a change does not name', () => {
    expect(moveNotification(run('running'), 'failed', { openSteps: 0, errorCode: 'EXPIRED' })).toEqual({
      scope: 1,
      id: 'n',
      version: 3,
      status: 'failed',
      completed: true,
      cursors: '{}',
      openSteps: 0,
      dueIn: null,
      leaseIn: null,
      errorCode: 'EXPIRED',
      error: null,
    });
  });

  test('final statuses are those that lead nowhere', () => {
    expect(runStatuses.filter(isFinal)).toEqual(['completed', 'failed', 'stopped']);
  });

  test.each<[MessageStatus[], NotificationStatus]>([
    [[], 'completed'],
    [['queued'], 'running'],
    [['failed', 'queued'], 'running'],
    [['sent'], 'completed'],
    [['failed', 'failed'], 'failed'],
    [['failed', 'sent'], 'completed'],
    [['failed', 'suppressed'], 'completed'],
    [['suppressed'], 'completed'],
    [['cancelled'], 'stopped'],
    [['cancelled', 'sent'], 'completed'],
    [['unknown'], 'completed'],
    [['bounced'], 'completed'],
  ])('with messages %j is %s', (messages, status) => {
    expect(runStatus(messages)).toBe(status);
  });
});
