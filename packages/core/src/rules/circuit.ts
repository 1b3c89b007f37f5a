import type { Outcome } from '../spec/index.ts';

/** Whether an adapter's provider is called: always, or now and then to see whether it is back. */
export type Circuit =
  | {
      readonly state: 'closed';
      /** Failures of the provider since it last answered. */
      readonly failures: number;
    }
  | {
      readonly state: 'open';
      /** From then on one call probes, on the monotonic clock. */
      readonly until: number;
      /** How long it stays open this time, in ms. */
      readonly openMs: number;
    };

/** When a circuit opens, and for how long. */
export interface CircuitSettings {
  /** Failures in a row that open it. Default: 5. */
  readonly failures: number;
  /** How long it stays open before a call probes, in ms; twice as long after each probe that fails. Default: 30,000. */
  readonly openMs: number;
}

/** What a call says about its provider. */
export type Sign = 'works' | 'fails' | 'nothing';

/** The default of {@link CircuitSettings}. */
export const defaultCircuit: CircuitSettings = { failures: 5, openMs: 30_000 };

/** How an adapter begins. */
export const closedCircuit: Circuit = { state: 'closed', failures: 0 };

const longestOpenMs = 300_000;

/**
 * What an outcome says about the provider. Who refuses a message works. Who does not answer fails, whatever arrived; too
 * many calls (a pause of the lane) is no failure.
 */
export function signOf(outcome: Outcome): Sign {
  switch (outcome.outcome) {
    case 'accepted':
    case 'rejected':
    case 'badAddress':
      return 'works';
    case 'retry':
      return outcome.lane === undefined ? 'fails' : 'nothing';
    case 'misconfigured':
    case 'unknown':
      return 'fails';
  }
}

/** How many calls may begin: all, one that probes, or none. */
export function admits(circuit: Circuit, now: number): 'all' | 'probe' | 'none' {
  if (circuit.state === 'closed') return 'all';
  return now < circuit.until ? 'none' : 'probe';
}

/** The circuit after a call. `probe`: the call was the one let through to see whether the provider is back. */
export function afterCall(
  circuit: Circuit,
  sign: Sign,
  call: { readonly probe: boolean; readonly now: number },
  settings: CircuitSettings,
): Circuit {
  if (sign === 'works') return closedCircuit;
  if (circuit.state === 'closed') {
    if (sign === 'nothing') return circuit;
    const failures = circuit.failures + 1;
    return failures < settings.failures ? { state: 'closed', failures } : opened(settings.openMs, call.now);
  }
  // Calls that were under way when it opened say nothing new.
  if (!call.probe) return circuit;
  if (sign === 'nothing') return opened(circuit.openMs, call.now);
  return opened(Math.min(2 * circuit.openMs, Math.max(longestOpenMs, settings.openMs)), call.now);
}

function opened(openMs: number, now: number): Circuit {
  return { state: 'open', until: now + openMs, openMs };
}
