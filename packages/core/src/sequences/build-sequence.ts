import { checkKeys, refuse } from '../define/check-options.ts';
import { durationMs } from '../define/duration.ts';
import type { SequenceEnd } from './sequence.ts';
import type { SendStep, Step } from './step.ts';

/** What the builder leaves to the definition: to check `send`'s options against the event's channels. */
export type CheckSend = (path: string, options: unknown) => Omit<SendStep, 'id' | 'kind'>;

/** Where a builder stands. */
interface Place {
  readonly steps: readonly Step[];
  /** Before ids made here: `when1.then/`. */
  readonly path: string;
  /** A run may have rested before this place. */
  readonly rested: boolean;
  /** A builder is a value: what is chained to it twice, or to one that was not returned, would be lost. */
  continued: boolean;
}

/**
 * Runs a sequence's callback once and returns its steps, frozen.
 *
 * @throws TidingsError `CONFIGURATION_INVALID` naming the step, for a wrong option, a repeated id, a step without an id
 * after a wait, a builder that is not returned or continued twice, or no step at all.
 */
export function buildSequence(owner: string, write: unknown, checkSend: CheckSend): readonly Step[] {
  if (typeof write !== 'function') refuse(owner, 'sequence', 'must be a function: (s) => s.send(…)');
  const places = new WeakMap<object, Place>();
  const ids = new Set<string>();
  const steps = branch(write as Branch, '', false).steps;
  if (steps.length === 0) refuse(owner, 'sequence', 'has no step');
  return steps;

  type Branch = (builder: object) => unknown;

  function branch(write: Branch, path: string, rested: boolean): Place {
    const end = write(builder({ steps: [], path, rested, continued: false }));
    const place = typeof end === 'object' && end !== null ? places.get(end) : undefined;
    const where = path === '' ? 'sequence' : `sequence: ${path.slice(0, -1)}`;
    if (place?.path !== path) refuse(owner, where, 'must return the sequence it was given, continued by chaining');
    if (place.continued)
      refuse(owner, where, 'returns a sequence that was continued elsewhere; return the end of the chain');
    return place;
  }

  function builder(place: Place): object {
    const made = {
      steps: place.steps,
      send: (id?: unknown, options: unknown = {}) => {
        const at = claim(place, 'send', id, true);
        return add(place, { id: at, kind: 'send', ...checkSend(`sequence: ${at}`, options) });
      },
      wait: (time: unknown, id?: unknown) => {
        const at = claim(place, 'wait', id, true);
        if (typeof time !== 'function') durationMs(owner, `sequence: ${at}`, time);
        return add(place, { id: at, kind: 'wait', duration: time } as Step, true);
      },
      when: (test: unknown, then: unknown, otherwise?: unknown) => {
        const at = claim(place, 'when', undefined, false);
        checkFunction(at, 'the test', test);
        checkFunction(at, 'then', then);
        if (otherwise !== undefined) checkFunction(at, 'otherwise', otherwise);
        const yes = branch(then as Branch, `${at}.then/`, place.rested);
        const no = otherwise === undefined ? undefined : branch(otherwise as Branch, `${at}.otherwise/`, place.rested);
        const step = { id: at, kind: 'when', test, yes: yes.steps, no: no?.steps ?? Object.freeze([]) } as Step;
        return add(place, step, yes.rested || no?.rested);
      },
      parallel: (...branches: unknown[]) => {
        const at = claim(place, 'parallel', undefined, false);
        const given = branches.filter((each) => each !== undefined);
        if (given.length < 2) refuse(owner, `sequence: ${at}`, 'needs two branches or more');
        const ends = given.map((each, index) => {
          checkFunction(at, `branch ${index + 1}`, each);
          return branch(each as Branch, `${at}.${index + 1}/`, place.rested);
        });
        const step: Step = { id: at, kind: 'parallel', branches: Object.freeze(ends.map((end) => end.steps)) };
        return add(
          place,
          step,
          ends.some((end) => end.rested),
        );
      },
      digest: (id: unknown, options: unknown) => {
        if (id === undefined) refuse(owner, `sequence: ${place.path}digest`, 'needs an id');
        const at = claim(place, 'digest', id, true);
        const known = stepOptions(at, options, ['window', 'max', 'key']);
        durationMs(owner, `sequence: ${at}.window`, known.window);
        if (known.max !== undefined) checkCount(at, 'max', known.max);
        if (known.key !== undefined) checkFunction(at, 'key', known.key);
        return add(place, { ...known, id: at, kind: 'digest' } as Step, true);
      },
      throttle: (options: unknown) => {
        const { id, ...known } = stepOptions(`${place.path}throttle`, options, ['limit', 'per', 'key', 'id']);
        const at = claim(place, 'throttle', id, true);
        checkCount(at, 'limit', known.limit);
        durationMs(owner, `sequence: ${at}.per`, known.per);
        if (known.key !== undefined) checkFunction(at, 'key', known.key);
        return add(place, { ...known, id: at, kind: 'throttle' } as Step);
      },
      end: (reason?: unknown): SequenceEnd<unknown, unknown> => {
        const at = claim(place, 'end', undefined, false);
        if (reason !== undefined && typeof reason !== 'string')
          refuse(owner, `sequence: ${at}`, 'takes a text as reason');
        const step: Step = { id: at, kind: 'end', ...(reason === undefined ? {} : { reason }) };
        const steps = Object.freeze([...place.steps, Object.freeze(step)]);
        const ended = Object.freeze({ steps });
        places.set(ended, { steps, path: place.path, rested: place.rested, continued: false });
        return ended;
      },
    };
    Object.freeze(made);
    places.set(made, place);
    return made;
  }

  function add(place: Place, step: Step, rests = false): object {
    const steps = Object.freeze([...place.steps, Object.freeze(step)]);
    return builder({ steps, path: place.path, rested: place.rested || rests, continued: false });
  }

  function claim(place: Place, kind: Step['kind'], given: unknown, named: boolean): string {
    const made = `${place.path}${kind}${place.steps.filter((step) => step.kind === kind).length + 1}`;
    if (place.continued) {
      refuse(
        owner,
        `sequence: ${made}`,
        'continues a place that was continued before, which would lose a step; chain the calls',
      );
    }
    place.continued = true;
    if (given !== undefined && (typeof given !== 'string' || !/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(given))) {
      refuse(owner, `sequence: ${made}`, 'has no usable id; an id is a letter, then up to 63 letters, digits, _ or -');
    }
    if (given === undefined && named && place.rested) {
      refuse(
        owner,
        `sequence: ${made}`,
        `comes after a wait and needs an id of its own, so that waiting runs find it; such as ${sample[kind]}`,
      );
    }
    const id = given ?? made;
    if (ids.has(id)) refuse(owner, `sequence: ${id}`, 'is an id that is already used');
    ids.add(id);
    return id;
  }

  function stepOptions(at: string, options: unknown, known: readonly string[]): Record<string, unknown> {
    checkKeys(owner, `sequence: ${at}`, options, known);
    return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  }

  function checkFunction(at: string, what: string, value: unknown): void {
    if (typeof value !== 'function') refuse(owner, `sequence: ${at}`, `needs a function as ${what}`);
  }

  function checkCount(at: string, what: string, value: unknown): void {
    if (!Number.isSafeInteger(value) || (value as number) < 1)
      refuse(owner, `sequence: ${at}.${what}`, 'must be a whole number from 1');
  }
}

const sample: Readonly<Record<Step['kind'], string>> = {
  send: ".send('reminder')",
  wait: ".wait('3 days', 'pause')",
  throttle: ".throttle({ id: 'cap', … })",
  digest: ".digest('batch', …)",
  when: '',
  parallel: '',
  end: '',
};
