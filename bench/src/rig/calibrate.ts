import { createHash } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { median } from './median.ts';

/** How fast the machine is at one moment. */
export interface Calibration {
  /** Hashings of 4 KB a second. */
  readonly cpu: number;
  /** Overwrites of 4 KB, each written through to the disk, a second. */
  readonly fsync: number;
}

const slices = 5;
const sliceMs = 100;

/** Takes a second; each figure is the median of five slices, so that one hiccup does not count. */
export function calibrate(): Calibration {
  const block = Buffer.alloc(4096, 7);
  const cpu = perSecond(() => createHash('sha256').update(block).digest());
  const folder = mkdtempSync(join(tmpdir(), 'bench-calibration-'));
  const file = openSync(join(folder, 'block'), 'w');
  try {
    const overwrite = (): void => {
      writeSync(file, block, 0, block.length, 0);
      fdatasyncSync(file);
    };
    overwrite();
    return { cpu, fsync: perSecond(overwrite) };
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true, force: true });
  }
}

function perSecond(work: () => void): number {
  return median(
    Array.from({ length: slices }, () => {
      const begun = performance.now();
      let done = 0;
      for (; performance.now() - begun < sliceMs; done += 1) work();
      return (done * 1000) / (performance.now() - begun);
    }),
  );
}
