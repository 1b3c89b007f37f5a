import { afterEach, expect, it, vi } from 'vitest';
import { consoleLogger } from './console-logger.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

it('writes warnings and errors as a line of JSON, and nothing below', () => {
  const lines: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
  consoleLogger.debug({}, 'debug');
  consoleLogger.info({}, 'info');
  consoleLogger.warn({ lane: 'ses', big: 10n }, 'paused');
  consoleLogger.error({ error: new Error('lost', { cause: new TypeError('underneath') }) }, 'failed');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'warn', message: 'paused', lane: 'ses', big: '10' },
    {
      level: 'error',
      message: 'failed',
      error: { message: 'lost', cause: { name: 'TypeError', message: 'underneath' } },
    },
  ]);
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  consoleLogger.warn(circular, 'circular');
  expect(JSON.parse(lines[2] ?? '')).toMatchObject({ level: 'warn', message: 'circular' });
  expect(lines.join('')).not.toContain('\n');
});
