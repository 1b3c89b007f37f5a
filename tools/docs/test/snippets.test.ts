import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { atMost } from '../src/at-most.ts';
import { root } from '../src/pages.ts';
import { runCommand } from '../src/run-command.ts';
import { smtpSink } from '../src/smtp-sink.ts';
import type { Snippet } from '../src/snippets.ts';
import { folder, writeSnippets } from '../src/write-snippets.ts';

const snippets = writeSnippets();
const bin = join(root, 'node_modules', '.bin');
const preload = fileURLToPath(new URL('../src/loopback-only.ts', import.meta.url));
// Before 22.18 Node runs TypeScript only when told to.
const typescript = process.features.typescript === false ? ['--experimental-strip-types'] : [];
// Most of a short run is reading the sources; the second time they are there already.
const cache = join(root, 'node_modules', '.cache', 'docs-check');
const cwd = mkdtempSync(join(tmpdir(), 'tidings-docs-'));
const limited = atMost(availableParallelism());
let mail: Awaited<ReturnType<typeof smtpSink>>;

beforeAll(async () => {
  mail = await smtpSink();
});
afterAll(async () => {
  await mail.close();
  rmSync(cwd, { recursive: true, force: true });
});

/** A place in a generated file as the place in the documentation it came from. */
function placeOf(file: string, line: number): string {
  const snippet = snippets.find(({ path }) => path === file);
  const at = snippet?.lineOf(line);
  return snippet ? `${snippet.block.page}:${at ?? `${snippet.block.line} (in its prelude)`}` : `${file}:${line}`;
}

function named(use: Snippet['use']): readonly Snippet[] {
  return snippets.filter((snippet) => snippet.use === use);
}

describe('the snippets of the documentation', () => {
  it('compile', { timeout: 120_000 }, async () => {
    const { output } = await runCommand(join(bin, 'tsc'), ['--project', '.', '--pretty', 'false'], {
      cwd: folder,
      timeoutMs: 110_000,
    });
    // what is wrong in the sources of the packages is reported by `npm run typecheck`
    const own = output.replaceAll(/^\.\.\/.*\n(?: .*\n)*/gm, '');
    expect(own.replaceAll(/^(\S+?)\((\d+),\d+\)/gm, (_all, file, line) => placeOf(file, Number(line)))).toBe('');
  });

  it.concurrent.each(named('run').map((snippet) => [`${snippet.block.page}:${snippet.block.line}`, snippet] as const))(
    '%s runs',
    { timeout: 180_000 },
    async (_place, { path, prints }) => {
      const own = mkdtempSync(join(cwd, 'run-'));
      const args = [...typescript, '--disable-warning=ExperimentalWarning', '--conditions=source', '--import', preload];
      const { code, stdout, output } = await limited(() =>
        runCommand(process.execPath, [...args, join(folder, path)], {
          cwd: own,
          env: { SMTP_URL: mail.url, FORCE_COLOR: '0', NODE_OPTIONS: '', NODE_COMPILE_CACHE: cache },
          timeoutMs: 50_000,
        }),
      );
      expect(code, output).toBe(0);
      if (prints !== undefined) expect(stdout, output).toBe(prints);
    },
  );

  it('that are tests pass', { timeout: 120_000 }, async () => {
    const files = named('test').map(({ path }) => path);
    expect(files).not.toEqual([]);
    const { code, output } = await runCommand(
      join(bin, 'vitest'),
      [
        'run',
        '--root',
        folder,
        '--no-color',
        '--config',
        fileURLToPath(new URL('../snippets.config.ts', import.meta.url)),
      ],
      { cwd: folder, env: { VITEST: undefined, CI: 'true', TIDINGS_EFFORT: 'quick' }, timeoutMs: 110_000 },
    );
    expect(code, output).toBe(0);
  });
});
