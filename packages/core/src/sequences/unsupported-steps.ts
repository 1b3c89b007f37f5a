import { TidingsError } from '../spec/errors.ts';
import type { Step } from './step.ts';

/** Kinds of steps the engine runs. */
const supported: ReadonlySet<Step['kind']> = new Set<Step['kind']>(['send']);

/** The error to throw at creation when an event has a step that this version cannot run; undefined when it can run all. */
export function unsupportedSteps(event: string, steps: readonly Step[]): TidingsError | undefined {
  const step = steps.find((each) => !supported.has(each.kind));
  if (!step) return undefined;
  return new TidingsError(
    'NOT_SUPPORTED',
    `events["${event}"]: step "${step.id}" is a ${step.kind} step, which this version does not run; it runs ${[...supported].join(', ')} steps.`,
    { path: `events["${event}"].sequence`, details: { event, step: step.id, kind: step.kind } },
  );
}
