// The fake provider of a chaos run: writes down each call before it answers, and misbehaves as it was told. Never killed.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ledgerFiles, type ProviderEntry } from './entries.ts';
import { openLedger } from './ledger.ts';
import { monotonic } from './monotonic.ts';
import { type Seeded, seeded } from './seeded.ts';
import { type Manners, settings } from './settings.ts';
import type { CallBody } from './worker/provider-adapter.ts';

/** What the provider is told when it starts. */
export interface ProviderOrder {
  readonly folder: string;
  readonly seed: number;
  readonly manners: Manners;
}

type Answer = 'accepted' | 'busy' | 'tooMany' | 'late' | 'closed' | 'stalled';

const { folder, seed, manners } = JSON.parse(process.env.TIDINGS_CHAOS_PROVIDER ?? '{}') as ProviderOrder;
const random = seeded(seed, 'provider');
const ledger = await openLedger<ProviderEntry>(join(folder, ledgerFiles.provider));
let calls = 0;

const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
  const beganAt = monotonic();
  const storeTime = Date.now();
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    // the caller was killed while it spoke: nothing was asked
    return;
  }
  const {
    message,
    attempt,
    channel,
    to,
    scope,
    process: caller,
  } = JSON.parse(Buffer.concat(chunks).toString()) as CallBody;
  calls += 1;
  const id = `p-${calls}`;
  const answer = choose(random, manners);
  const slow = random.below(manners.slowMs + 1);
  await ledger.write({
    messageId: message,
    attempt,
    channel,
    address: to,
    scope,
    process: caller,
    beganAt,
    storeTime,
    outcome: outcomes[answer],
  });
  await wait(slow);
  await reply(answer, response, id);
});
server.listen(0, '127.0.0.1', () => process.send?.({ ready: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit(0));

const outcomes: Readonly<Record<Answer, ProviderEntry['outcome']>> = {
  accepted: 'accepted',
  busy: 'refused',
  tooMany: 'refused',
  late: 'late',
  closed: 'none',
  stalled: 'none',
};

function choose(numbers: Seeded, shares: Manners): Answer {
  let left = numbers.fraction();
  for (const name of ['busy', 'tooMany', 'late', 'closed', 'stalled'] as const) {
    left -= shares[name];
    if (left < 0) return name;
  }
  return 'accepted';
}

async function reply(answer: Answer, response: ServerResponse, id: string): Promise<void> {
  if (answer === 'busy') response.writeHead(503).end();
  else if (answer === 'tooMany') response.writeHead(429, { 'retry-after': '1' }).end();
  else if (answer === 'closed') response.destroy();
  // whoever waits gives up at the deadline
  else if (answer === 'stalled') response.on('close', () => {});
  else {
    if (answer === 'late') await wait(settings.deadlineMs + 300, undefined, { ref: false });
    response.end(id);
  }
}
