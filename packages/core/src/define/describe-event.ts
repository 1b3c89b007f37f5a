import type { Step } from '../sequences/step.ts';
import type { EventDefinition } from './event-definition.ts';
import type { LoadedTemplates } from './load-templates.ts';
import type { EventView, StepView } from './views.ts';

/** An event for people and tools. `templates` are the event's own, loaded. */
export function describeEvent(event: string, definition: EventDefinition, templates: LoadedTemplates): EventView {
  const channels = [...new Set([...definition.route, ...Object.keys(definition.channels)])];
  return {
    event,
    name: definition.title ?? event,
    category: definition.category,
    channels,
    languages: Object.fromEntries(channels.map((channel) => [channel, Object.keys(templates[channel] ?? {})])),
    steps: definition.steps.map(describeStep),
    listeners: definition.listeners.length,
  };
}

function describeStep(step: Step): StepView {
  const { id, kind } = step;
  if (step.kind === 'when') return { id, kind, branches: [step.yes.map(describeStep), step.no.map(describeStep)] };
  if (step.kind === 'parallel') return { id, kind, branches: step.branches.map((branch) => branch.map(describeStep)) };
  return { id, kind };
}
