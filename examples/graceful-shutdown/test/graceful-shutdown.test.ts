import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
// before Node 22.18 only a flag lets it read TypeScript
const flags = process.features.typescript ? [] : ['--experimental-strip-types'];

let folder: string;
let orders: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-shutdown-'));
  orders = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
}

async function start(): Promise<Running> {
  const args = [...flags, '--no-warnings', '--conditions=source', main, join(folder, 'orders.db'), deliveriesFile()];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, port: Number(line.split(' ').at(-1)), ended };
}

const deliveriesFile = (): string => join(folder, 'deliveries.txt');

function delivered(): string[] {
  if (!existsSync(deliveriesFile())) return [];
  const lines = readFileSync(deliveriesFile(), 'utf8').trim().split('\n');
  return lines.map((line) => line.split(' ')[0] ?? '');
}

/** Orders until the server is gone; the addresses that were answered with 202. */
async function order(port: number): Promise<string[]> {
  const taken: string[] = [];
  const customer = async (): Promise<void> => {
    for (;;) {
      orders += 1;
      const to = `p${orders}@example.com`;
      const answer = await fetch(`http://127.0.0.1:${port}/orders`, { method: 'POST', body: to }).catch(
        () => undefined,
      );
      if (answer?.status === 202) taken.push(to);
      else return;
    }
  };
  await Promise.all(Array.from({ length: 8 }, customer));
  return taken;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s: ends with 0, and every order that was taken is delivered, once',
  {
    timeout: 60_000,
  },
  async (signal) => {
    const { child, port, ended } = await start();
    const taking = order(port);
    await until(() => delivered().length > 20);
    child.kill(signal);
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(delivered().sort()).toEqual((await taking).sort());
  },
);

test('a second signal ends at once, and the next process delivers the rest', { timeout: 60_000 }, async () => {
  const first = await start();
  const taking = order(first.port);
  await until(() => delivered().length > 20);
  first.child.kill('SIGTERM');
  first.child.kill('SIGINT');
  expect((await first.ended).code).toBeOneOf([0, 130]);
  const taken = await taking;
  const second = await start();
  await until(() => taken.every((to) => delivered().includes(to)));
  second.child.kill('SIGTERM');
  expect(await second.ended).toEqual({ code: 0, signal: null });
});

test('SIGKILL: every order that was taken is delivered by the next process', { timeout: 60_000 }, async () => {
  const first = await start();
  const taking = order(first.port);
  await until(() => delivered().length > 20);
  first.child.kill('SIGKILL');
  await first.ended;
  const taken = await taking;
  const second = await start();
  await until(() => taken.every((to) => delivered().includes(to)));
  second.child.kill('SIGTERM');
  expect(await second.ended).toEqual({ code: 0, signal: null });
});
