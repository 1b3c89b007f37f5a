import { describe, expect, test } from 'vitest';
import { messageOf, trial } from '../../test/engine-trial.ts';
import { defineEvent, type Outcome } from '../index.ts';

type Trace = Awaited<ReturnType<typeof messageOf>>;

/** How a message ends whose first attempt is unknown and whose others come to this. */
async function afterUnknown(next: Outcome, expiry: { expiresIn?: '1 second' } = {}): Promise<Trace> {
  let calls = 0;
  const code = defineEvent({ templates: { email: { en: { subject: 'Code', text: 'Text' } } }, ...expiry });
  const on = trial({
    events: { code },
    answer: () => {
      calls += 1;
      return calls === 1 ? { outcome: 'unknown', reason: 'reset' } : next;
    },
  });
  const sent = await on.one('code', { to: 'jane@example.com' });
  await on.clock.advance(3_600_000);
  await on.engine.idle();
  return messageOf(on, sent);
}

describe('a message that an earlier attempt may have sent', () => {
  test('ends as unknown, not failed, when its attempts are used up', async () => {
    const trace = await afterUnknown({ outcome: 'retry', reason: 'busy' });
    expect(trace).toMatchObject({ status: 'unknown', attempts: 5, error: { code: 'ATTEMPTS_EXHAUSTED' } });
  });

  test('ends as unknown when it is of no more use', async () => {
    const trace = await afterUnknown({ outcome: 'retry', reason: 'busy' }, { expiresIn: '1 second' });
    expect(trace).toMatchObject({ status: 'unknown', attempts: 1, error: { code: 'EXPIRED' } });
    expect(trace.timeline.at(-1)).toMatchObject({ event: 'unknown', code: 'EXPIRED' });
  });

  test('fails when the provider refuses the message itself', async () => {
    const trace = await afterUnknown({ outcome: 'rejected', reason: 'no' });
    expect(trace).toMatchObject({ status: 'failed', attempts: 2, error: { code: 'PROVIDER_REJECTED' } });
  });
});
