import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tidings-quickstart-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start(database: string, limit: number): Promise<{ code: number | null; out: string; progress: string }> {
  const path = join(folder, database);
  const args = ['--conditions=source', main, '--database', path, '--limit', String(limit)];
  const { FORCE_COLOR: _, ...env } = process.env;
  const child = spawn(process.execPath, args, { env });
  const code = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [out, progress] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, out, progress };
}

function lastLine(out: string): string | undefined {
  return out.trimEnd().split('\n').at(-1);
}

test('Every row is sent once, however often it runs, and the last line counts the run.', {
  timeout: 60_000,
}, async () => {
  // of these rows two have no e-mail address, two a malformed one, and two one whose mailbox is closed
  const first = await start('twice.db', 60);
  expect(lastLine(first.out)).toBe('accepted 56 · sent 54 · failed 2 · rejected 4 · received 54');
  expect(first.code).toBe(0);

  const again = await start('twice.db', 60);
  expect(lastLine(again.out)).toBe('accepted 0 · sent 0 · failed 0 · rejected 4 · received 0');
  expect(again.out).toContain(
    'An earlier run accepted 56; their idempotency keys are known: nothing goes out twice.\n',
  );
  expect(again.code).toBe(0);

  const more = await start('twice.db', 80);
  expect(lastLine(more.out)).toBe('accepted 20 · sent 20 · failed 0 · rejected 4 · received 20');
  expect(more.code).toBe(0);
});

test('It shows a mail, its trace and why rows were refused, without control codes in a log.', {
  timeout: 60_000,
}, async () => {
  const { out, progress } = await start('shown.db', 12);
  expect(out).toContain('Subject:    Välkommen till Larkspur Tea, Lars');
  expect(out).toContain('Hej Lars!');
  expect(out).toMatch(/Z +\+\d+ ms {2}sent$/m);
  expect(out).toContain('1 × BAD_ADDRESS: c-0010');
  expect(out).toContain('1 × INVALID_EMAIL: c-0011');
  expect(out).toMatch(/1 × INTEGRATION_MISSING: c-0012\n.*sms: no adapter is configured for it/);
  expect(progress).toContain('12 of 12');
  expect(`${out}${progress}`).not.toMatch(/[\r\u001b]/);
});
