import { type SchemaIssue, type StandardSchema, TidingsError } from '../spec/index.ts';

/** The payload as the event's schema gives it; an event without a schema takes none. */
export async function parsePayload(
  event: string,
  schema: StandardSchema | undefined,
  payload: unknown,
): Promise<unknown> {
  // PHP clients write an empty object as an empty array.
  const given = payload === undefined || (Array.isArray(payload) && payload.length === 0) ? {} : payload;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TidingsError('PAYLOAD_INVALID', `The payload of "${event}" must be an object.`, { path: 'payload' });
  }
  if (!schema) {
    const [extra] = Object.keys(given);
    if (extra === undefined) return {};
    throw new TidingsError(
      'PAYLOAD_INVALID',
      `Event "${event}" takes no payload, but got payload.${extra}. Give the event a payload schema.`,
      {
        path: `payload.${extra}`,
      },
    );
  }
  const result = await schema['~standard'].validate(given);
  if (!result.issues) return result.value;
  const said = result.issues.slice(0, 5).map((issue) => `${pathOf(issue)}: ${issue.message.replace(/\.$/, '')}`);
  const [first] = result.issues;
  throw new TidingsError('PAYLOAD_INVALID', `The payload of "${event}" does not fit its schema: ${said.join('; ')}.`, {
    path: first ? pathOf(first) : 'payload',
    details: { issues: result.issues.map((issue) => ({ path: pathOf(issue), message: issue.message })) },
  });
}

function pathOf(issue: SchemaIssue): string {
  const parts = issue.path ?? [];
  return ['payload', ...parts.map((part) => String(typeof part === 'object' ? part.key : part))].join('.');
}
