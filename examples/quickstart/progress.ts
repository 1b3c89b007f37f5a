import { styleText } from 'node:util';

/** Shows how much of a known number is done. */
export interface Progress {
  /** One more. */
  add(): void;
  end(): void;
}

const width = 40;

/** A bar on a terminal; elsewhere a line at each quarter, so that a log holds no control codes. */
export function showProgress(total: number, out: NodeJS.WriteStream = process.stderr): Progress {
  const step = Math.max(1, Math.floor(total / (out.isTTY ? 200 : 4)));
  let done = 0;
  return {
    add() {
      // what an interrupted run left over comes on top
      if (done === total) return;
      done += 1;
      if (done % step !== 0 && done !== total) return;
      const filled = Math.round((done / total) * width);
      const bar = `${styleText('green', '█'.repeat(filled))}${'░'.repeat(width - filled)}`;
      out.write(out.isTTY ? `\r${bar} ${done} of ${total}` : `${done} of ${total}\n`);
    },
    end() {
      if (out.isTTY) out.write('\n');
    },
  };
}
