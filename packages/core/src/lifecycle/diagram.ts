import { firstMessageStatuses, messageTransitions, notificationTransitions } from './states.ts';

// What docs/lifecycle.md shows is made from the table, so that it cannot say anything else.

/** The life of a message, as Mermaid draws it. */
export function messageDiagram(): string {
  return diagram(firstMessageStatuses, messageTransitions);
}

/** The life of a notification, as Mermaid draws it. It is born `running`, or with its end where nothing is left to do. */
export function notificationDiagram(): string {
  return diagram(['running', 'completed', 'failed'], notificationTransitions);
}

function diagram(first: readonly string[], transitions: Readonly<Record<string, readonly string[]>>): string {
  const lines = ['stateDiagram-v2', ...first.map((status) => `  [*] --> ${status}`)];
  for (const [from, targets] of Object.entries(transitions)) {
    for (const to of targets) lines.push(`  ${from} --> ${to}`);
    if (targets.every((to) => to === from)) lines.push(`  ${from} --> [*]`);
  }
  return lines.join('\n');
}
