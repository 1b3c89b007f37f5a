import type { Random } from '../spec/index.ts';

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const mostInCounter = 0xfff;
// A clock that steps back further than this, in ms, is another clock: one of a test, say.
const stepBack = 10_000;

let lastMs = -1;
let counter = 0;

/**
 * A UUID of version 7, in lower case. Ids of one process rise, also within a millisecond and when its clock steps back a little:
 * the 12 bits after the time count, and when they are used up the time is taken one millisecond ahead.
 */
export function uuidv7(nowMs: number, random: Random): string {
  const bytes = Buffer.from(random.bytes(10));
  if (nowMs > lastMs || nowMs < lastMs - stepBack) {
    lastMs = nowMs;
    // half the range is left to count in
    counter = bytes.readUInt16BE(0) & 0x7ff;
  } else if (counter < mostInCounter) counter += 1;
  else {
    lastMs += 1;
    counter = bytes.readUInt16BE(0) & 0x7ff;
  }
  const time = lastMs.toString(16).padStart(12, '0');
  const version = (0x7000 | counter).toString(16);
  const variant = (0x8000 | (bytes.readUInt16BE(2) & 0x3fff)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${variant}-${bytes.toString('hex', 4)}`;
}

/** Whether it has the form of a UUID, in either case. */
export function isUuid(value: string): boolean {
  return form.test(value);
}
