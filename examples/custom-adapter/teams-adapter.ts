import { type ChannelAdapter, defineAdapter, type Outcome } from '@tidings/core/adapter';
import { teams } from './teams.ts';

const unsent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

export function teamsAdapter({ url, token }: { url: string; token: string }): ChannelAdapter<'teams'> {
  return defineAdapter({
    name: 'teams-gateway',
    channel: teams,
    async send({ to, content }, { signal, key }): Promise<Outcome> {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'idempotency-key': key };
      const body = JSON.stringify({ room: to, ...content });
      try {
        const response = await fetch(`${url}/messages`, { method: 'POST', headers, body, signal, redirect: 'error' });
        const reason = `The gateway answered ${response.status}.`;
        if (response.ok) return idIn((await response.json()) as { id?: unknown });
        if (response.status === 404) return { outcome: 'badAddress', reason };
        if (response.status === 401 || response.status === 403) return { outcome: 'misconfigured', reason };
        if (response.status === 429)
          return { outcome: 'retry', reason, ...waitIn(response.headers.get('retry-after')) };
        return { outcome: response.status >= 500 ? 'retry' : 'rejected', reason };
      } catch (error) {
        const code = (error as { cause?: { code?: string } }).cause?.code ?? '';
        if (unsent.has(code)) return { outcome: 'retry', reason: 'The gateway could not be reached.', code };
        return { outcome: 'unknown', reason: 'The gateway gave no answer that can be understood.', code };
      }
    },
  });
}

function idIn(answer: { id?: unknown }): Outcome {
  if (typeof answer.id === 'string') return { outcome: 'accepted', providerId: answer.id };
  return { outcome: 'unknown', reason: 'The gateway answered without an id.' };
}

const waitIn = (value: string | null): { afterMs?: number } =>
  value === null ? {} : { afterMs: Number(value) * 1_000 || Math.max(0, Date.parse(value) - Date.now()) || 0 };
