// A medium of one's own, from definition to delivery. Run it: npm start
import { createEngine, memoryStore } from '@tidings/core';
import { z } from 'zod';
import { startGateway } from './gateway.ts';
import { defineEvent } from './teams.ts';
import { teamsAdapter } from './teams-adapter.ts';

const deployed = defineEvent({
  payload: z.object({ service: z.string(), version: z.string() }),
  templates: {
    teams: { en: { title: '{{service}} is live', text: 'Version {{version}} of {{service}} was deployed.' } },
  },
});

const token = 'a token of the gateway';
const gateway = await startGateway(token);

const engine = createEngine({
  store: memoryStore(),
  adapters: [teamsAdapter({ url: gateway.url, token })],
  events: { deployed },
});

await engine.send('deployed', {
  to: { id: 'ops', teamsRoom: 'operations' },
  payload: { service: 'billing', version: '1.4.0' },
});
await engine.idle();
await engine.stop();
await gateway.close();

export const { messages } = gateway;
for (const { room, title, text } of messages) console.log(`#${room}  ${title}: ${text}`);
