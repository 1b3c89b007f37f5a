import type { Sample } from '../src/rig/sample.ts';

/** A case that measures nothing. */
export async function run({ count, fails }: { readonly count: number; readonly fails?: boolean }): Promise<Sample> {
  console.log('a word before');
  if (fails) throw new Error('the stub was told to fail');
  return { rate: count, gc: global.gc ? 1 : 0, source: process.execArgv.includes('--conditions=source') ? 1 : 0 };
}
