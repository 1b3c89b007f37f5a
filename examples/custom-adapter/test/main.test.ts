import { expect, it } from 'vitest';

it('posts to the room', async () => {
  const { messages } = await import('../main.ts');
  expect(messages).toMatchObject([
    { room: 'operations', title: 'billing is live', text: 'Version 1.4.0 of billing was deployed.' },
  ]);
});
