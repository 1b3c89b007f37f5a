import type { Context } from '../plan/context.ts';
import type { Circuit } from '../rules/circuit.ts';
import type { Lane } from './lane.ts';

/** Says in the log and to listeners that an adapter fails, or that it works again. */
export function reportCircuit(lane: Lane, circuit: Circuit, context: Context): void {
  const { name: adapter, channel } = lane.adapter;
  const openMs = circuit.state === 'open' ? circuit.openMs : null;
  if (openMs === null) context.log.info({ adapter, channel }, `Adapter "${adapter}" works again.`);
  else {
    context.log.warn(
      { adapter, channel, openMs },
      `Adapter "${adapter}" fails: it is not called for ${openMs} ms, then once to see whether it is back.`,
    );
  }
  context.report({
    name: 'adapter.circuit',
    scope: undefined,
    fields: { adapter, channel, state: circuit.state, openMs },
  });
}
