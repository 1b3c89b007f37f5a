import { expect, test } from 'vitest';
import { defineEvent } from '../define/define-event.ts';
import { unsupportedSteps } from './unsupported-steps.ts';

const templates = { email: { en: { subject: 'x', text: 'x' } } };

test('send steps are run', () => {
  expect(
    unsupportedSteps('welcome', defineEvent({ templates, sequence: (s) => s.send('a').send('b') }).steps),
  ).toBeUndefined();
});

test('any other is refused by event and step', () => {
  const error = unsupportedSteps(
    'welcome',
    defineEvent({ templates, sequence: (s) => s.send('a').wait('1 day') }).steps,
  );
  expect(error).toMatchObject({
    code: 'NOT_SUPPORTED',
    path: 'events["welcome"].sequence',
    message: 'events["welcome"]: step "wait1" is a wait step, which this version does not run; it runs send steps.',
    details: { event: 'welcome', step: 'wait1', kind: 'wait' },
  });
});
