import { randomUUID } from 'node:crypto';
import { testAdapter } from '@tidings/testing';
import { teamsAdapter } from '../teams-adapter.ts';
import { startMisbehavingGateway } from './misbehaving-gateway.ts';

testAdapter(async () => {
  const token = `token-${randomUUID()}`;
  const { gateway, provider } = await startMisbehavingGateway(token);
  return {
    adapter: teamsAdapter({ url: gateway.url, token }),
    message: (text = 'Hello') => ({
      id: randomUUID(),
      event: 'deployed',
      channel: 'teams',
      to: 'operations',
      toName: 'Operations',
      content: { title: text, text },
      overrides: {},
      scope: { tenant: 'default', mode: 'live' },
      language: 'en',
      category: 'transactional',
    }),
    provider,
    secrets: [token],
    close: () => gateway.close(),
  };
});
