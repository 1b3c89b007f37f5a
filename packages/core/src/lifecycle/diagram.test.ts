import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { messageDiagram, notificationDiagram } from './diagram.ts';

test('docs/lifecycle.md shows the table', () => {
  const page = readFileSync(new URL('../../../../docs/lifecycle.md', import.meta.url), 'utf8');
  const shown = [...page.matchAll(/```mermaid\n([\s\S]*?)\n```/g)].map(([, diagram]) => diagram);
  expect(shown).toEqual([messageDiagram(), notificationDiagram()]);
});
