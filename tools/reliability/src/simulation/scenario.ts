import type { Engine, EventMap } from '@tidings/core';
import type { Client } from './client.ts';
import type { Answer, Question } from './ports.ts';

/** Something an application does, and how the provider behaves meanwhile. */
export interface Scenario {
  readonly name: string;
  /** Names of the processes that run, each with an engine on the one store. Default: `a`. */
  readonly hosts?: readonly string[];
  /** Default: accepts everything. */
  readonly provider?: (question: Question) => Answer;
  /** Called with each engine that is made. */
  readonly prepare?: (engine: Engine<EventMap>) => void;
  run(client: Client): Promise<void>;
}
