import type { ChildProcess } from 'node:child_process';
import type { FaultEntry } from './entries.ts';
import type { Ledger } from './ledger.ts';
import { monotonic } from './monotonic.ts';
import type { Role, WorkerOrder } from './settings.ts';
import { endProgram, startProgram } from './start-program.ts';
import type { Failpoint } from './worker/failpoints.ts';
import type { WorkerCommand, WorkerReport } from './worker/main.ts';

/** One worker process. */
export interface Member {
  readonly name: string;
  readonly pid: number;
  /** Where it answers; null until it does. */
  readonly port: number | null;
  /** The client may ask it. */
  readonly accepts: boolean;
  readonly exited: Promise<void>;
  /** SIGKILL, now. */
  kill(by: string): void;
  /** SIGTERM; ended well means: by itself, with code 0. */
  term(): void;
  arm(point: Failpoint, hits: number): void;
  /** SIGSTOP, and after `ms` SIGCONT. */
  pause(ms: number): Promise<void>;
}

/** The workers of a run: a place that becomes empty is filled again at once. */
export interface Fleet {
  /** Resolves when every place has a worker that answers. */
  whole(): Promise<void>;
  /** Those that answer; waits for the first. */
  ready(): Promise<readonly Member[]>;
  /** Lets each end by SIGTERM and fills no place again. */
  stop(): Promise<void>;
  /** Rejects when workers end as soon as they start. */
  readonly broken: Promise<never>;
  /** SIGKILL for what is left, at the end of a run that went wrong. */
  abandon(): Promise<void>;
}

const mostCrashes = 20;

type Changing = { port: number | null; child: ChildProcess; ended: boolean } & Member;

/** `changed` is told of the ports that answer, whenever they change. */
export function createFleet(
  places: number,
  order: Omit<WorkerOrder, 'name' | 'role'>,
  ledger: Ledger<FaultEntry>,
  changed: (ports: readonly number[]) => void,
  progress: (accepted: number) => void,
): Fleet {
  const members: (Changing | undefined)[] = [];
  const started: number[] = [];
  let stopping = false;
  let crashesInARow = 0;
  let waiting: (() => void)[] = [];
  let giveUp: (error: Error) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  broken.catch(() => {});

  function tell(): void {
    changed(
      answering()
        .filter(({ accepts }) => accepts)
        .map(({ port }) => Number(port)),
    );
    const all = waiting;
    waiting = [];
    for (const one of all) one();
  }

  function answering(): Changing[] {
    return members.filter((member) => member !== undefined).filter(({ port, ended }) => port !== null && !ended);
  }

  function start(place: number): void {
    const generation = (started[place] ?? 0) + 1;
    started[place] = generation;
    const name = `w${place}.${generation}`;
    const role = roleOf(place, order);
    const child = startProgram('worker/main.ts', 'TIDINGS_CHAOS_WORKER', { ...order, name, role }, order.folder);
    let asked: { readonly how: 'kill' | 'term'; readonly by: string; readonly from: number } | undefined;
    const write = (entry: FaultEntry): void => void ledger.write(entry);
    const exited = new Promise<void>((resolve) => {
      child.on('exit', (code, signal) => {
        member.ended = true;
        const at = monotonic();
        const from = asked?.from ?? at;
        if (asked?.how === 'term') write({ kind: 'ended', process: name, from, at, code: code ?? -1 });
        else if (signal === 'SIGKILL') write({ kind: 'killed', process: name, from, at, by: asked?.by ?? 'failpoint' });
        else write({ kind: 'crashed', process: name, at, code: String(signal ?? code) });
        crashesInARow = asked || signal === 'SIGKILL' ? 0 : crashesInARow + 1;
        if (!stopping && crashesInARow < mostCrashes) start(place);
        if (crashesInARow >= mostCrashes) giveUp(new Error(`Workers end as soon as they start; ${name} did so last.`));
        tell();
        resolve();
      });
    });
    child.on('message', (report: WorkerReport) => {
      if ('progress' in report) {
        progress(report.progress);
        return;
      }
      member.port = report.ready;
      write({ kind: 'ready', process: name, delivers: role !== 'producer', at: monotonic() });
      tell();
    });
    const member: Changing = {
      name,
      pid: child.pid ?? -1,
      port: null,
      accepts: role !== 'worker',
      ended: false,
      child,
      exited,
      kill(by) {
        if (member.ended) return;
        asked ??= { how: 'kill', by, from: monotonic() };
        child.kill('SIGKILL');
      },
      term() {
        if (member.ended) return;
        asked ??= { how: 'term', by: 'SIGTERM', from: monotonic() };
        // asked no more, so that the client turns to others
        member.port = null;
        child.kill('SIGTERM');
        tell();
      },
      arm(point, hits) {
        const command: WorkerCommand = { arm: point, hits };
        if (child.connected) child.send(command, () => {});
      },
      async pause(ms) {
        const from = monotonic();
        child.kill('SIGSTOP');
        await new Promise((resolve) => setTimeout(resolve, ms));
        child.kill('SIGCONT');
        write({ kind: 'stalled', process: name, from, at: monotonic() });
      },
    };
    members[place] = member;
  }

  for (let place = 0; place < places; place += 1) start(place);

  const change = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  const alive = (): Changing[] => members.filter((member) => member !== undefined).filter(({ ended }) => !ended);

  return {
    broken,
    async whole() {
      while (answering().length < places) {
        await Promise.race([change(), broken]);
      }
    },
    async ready() {
      while (answering().length === 0) {
        await Promise.race([change(), broken]);
      }
      return answering();
    },
    async stop() {
      stopping = true;
      const last = alive();
      for (const member of last) member.term();
      await Promise.all(last.map(({ exited }) => exited));
    },
    async abandon() {
      stopping = true;
      await Promise.all(alive().map(({ child }) => endProgram(child)));
    },
  };
}

function roleOf(place: number, { queue }: Pick<WorkerOrder, 'queue'>): Role {
  if (queue === 'in-process') return 'both';
  return place % 2 === 0 ? 'producer' : 'worker';
}
