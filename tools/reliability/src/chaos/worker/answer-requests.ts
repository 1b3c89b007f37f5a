import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Engine, type Scope, TidingsError } from '@tidings/core';
import type { events } from './events.ts';

/** What the client asks a worker to do. */
export type ClientRequest =
  | { readonly do: 'send'; readonly scope: Scope; readonly event: string; readonly message: Record<string, unknown> }
  | { readonly do: 'suppress'; readonly scope: Scope; readonly address: string }
  | { readonly do: 'erase'; readonly scope: Scope; readonly email: string }
  | { readonly do: 'broadcast'; readonly scope: Scope; readonly id: string; readonly recipients: number };

/** What a worker answers. */
export type ClientAnswer =
  | { readonly result: unknown }
  | { readonly error: { readonly code: string; readonly message: string; readonly retryable: boolean } };

type RunEngine = Engine<typeof events>;

/** Answers one request of the client, after what it asked for is done. */
export async function answerRequests(
  engine: RunEngine,
  request: IncomingMessage,
  response: ServerResponse,
  progress: (accepted: number) => void,
): Promise<void> {
  let answer: ClientAnswer;
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const asked = JSON.parse(Buffer.concat(chunks).toString()) as ClientRequest;
    answer = { result: await act(engine.for(asked.scope), asked, progress) };
  } catch (error) {
    const known = TidingsError.is(error) ? error : new TidingsError('INTERNAL', String(error));
    answer = { error: { code: known.code, message: known.message, retryable: known.retryable } };
  }
  response.end(JSON.stringify(answer));
}

function act(engine: RunEngine, asked: ClientRequest, progress: (accepted: number) => void): Promise<unknown> {
  switch (asked.do) {
    case 'send':
      return engine.untyped.send(asked.event, asked.message);
    case 'suppress':
      return engine.suppressions.add({ address: asked.address });
    case 'erase':
      return engine.contacts.delete(asked.email);
    case 'broadcast':
      return engine.broadcast('notice', (after) => recipients(asked, Number(after ?? 0)), {
        id: asked.id,
        onProgress: ({ accepted }) => progress(accepted),
      });
  }
}

async function* recipients(
  { id, recipients: count }: Extract<ClientRequest, { do: 'broadcast' }>,
  after: number,
): AsyncGenerator<{
  to: { email: string; name: string };
  payload: { number: number; secret: string };
  cursor: number;
}> {
  for (let number = after + 1; number <= count; number += 1) {
    const to = { email: `${id}-${number}@example.com`, name: `Reader ${number}` };
    yield { to, payload: { number, secret: id }, cursor: number };
  }
}
