/**
 * Every error this project throws is a `TidingsError` with a stable `code`. The table says what each code means; the
 * sentence in `message` may change between versions, the code may not.
 */
export const errorCodes = {
  // what the caller asked for
  VALIDATION_ERROR: 'An option or field has the wrong form; `path` says which.',
  EVENT_NOT_FOUND: 'No event of that name is defined.',
  NOT_FOUND: 'No such contact, notification or message in this scope.',
  CONFLICT: 'The identifiers given belong to different contacts; nothing was changed.',
  MISSING_IDENTIFIER: 'The contact has no address for any channel that could be used.',
  TEMPLATE_MISSING: 'The event has no template for the channel, or none in a usable language.',
  INTEGRATION_MISSING: 'No adapter is configured for the channel.',
  UNVERIFIED_SENDER: 'The sender is not listed, not an adapter default and not confirmed by the provider.',
  INVALID_EMAIL: 'Not an e-mail address.',
  INVALID_PHONE: 'Not a phone number in E.164 form.',
  INVALID_ADDRESS: 'Not an address this channel can use.',
  TOO_MANY_RECIPIENTS: 'An array of recipients is longer than allowed; use `broadcast`.',
  IDEMPOTENCY_MISMATCH: 'The idempotency key was used before with another request.',
  PAYLOAD_INVALID: 'The payload does not match the schema of the event.',
  PAYLOAD_TOO_LARGE: 'The payload is larger than allowed.',
  // templates and content
  TEMPLATE_INVALID: 'A template cannot be compiled; event, channel, language, field and line are named.',
  TEMPLATE_VARIABLE_MISSING: 'Strict rendering met a variable that has no value.',
  TEMPLATE_LIMIT: 'A template exceeded its output, depth or time limit.',
  TEMPLATE_FAILED: 'A template threw while rendering.',
  CONTENT_TOO_LONG: 'Rendered content is longer than the channel allows; nothing was sent.',
  // configuration
  CONFIGURATION_INVALID: 'An engine, adapter, channel or event option is wrong; the message has its path.',
  NOT_SUPPORTED: 'This version, store or adapter cannot do what was asked.',
  // running
  ENGINE_STOPPED: 'The engine was stopped and takes no more work.',
  STORE_UNAVAILABLE: 'The database cannot be reached or did not answer in time.',
  STORE_BUSY: 'The database stayed locked for longer than the budget.',
  STORE_CONFLICT: 'The transaction lost a race too often; nothing was written.',
  STORE_REFUSED: 'The database refused a value; nothing of this item was written.',
  STORE_FAILED: 'The database failed in a way that is not known to be temporary.',
  QUEUE_UNAVAILABLE: 'The broker of the queue did not take wake-ups; the due poll finds their rows.',
  PROVIDER_REJECTED: 'The provider refused the message for good.',
  PROVIDER_UNAVAILABLE: 'The provider failed in a way that may pass.',
  PROVIDER_MISCONFIGURED: 'The provider refused our credentials or settings.',
  PROVIDER_TIMEOUT:
    'The provider did not answer before the deadline, or the adapter threw or returned no outcome; whether it sent is unknown.',
  BAD_ADDRESS: 'The provider says the address does not exist or cannot receive.',
  EXPIRED: 'The message was no longer of use when its turn came, and no provider had taken it.',
  ATTEMPTS_EXHAUSTED: 'No allowed attempt was accepted; the last error is the cause.',
  INTERNAL: 'A fault of this library; please report it.',
} as const;

/** A code of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

const brand = Symbol.for('tidings.error');

/** What accompanies an error: all optional. */
export interface ErrorDetails {
  /** The error underneath, if any. */
  readonly cause?: unknown;
  /** Whether the same call may succeed later unchanged. Default: false. */
  readonly retryable?: boolean;
  /** Path of the option or field at fault, such as `adapters[1].name` or `payload.company`. */
  readonly path?: string;
  /** Facts for programs: never an address, never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The one error base. Recognise it with {@link TidingsError.is}, which also works when two copies of the library are
 * installed, or by `code`. Messages never hold addresses or secrets, but for what an adapter or template of the host's said
 * in its own words.
 */
export class TidingsError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly path?: string;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: ErrorCode, message: string, extra: ErrorDetails = {}) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause });
    this.name = 'TidingsError';
    this.code = code;
    this.retryable = extra.retryable ?? false;
    if (extra.path !== undefined) this.path = extra.path;
    this.details = extra.details ?? {};
    Object.defineProperty(this, brand, { value: true });
  }

  /** True for a `TidingsError` of any copy of this library; with `code`, only for that code. */
  static is(error: unknown, code?: ErrorCode): error is TidingsError {
    if (typeof error !== 'object' || error === null || !(brand in error)) return false;
    return code === undefined || ('code' in error && error.code === code);
  }
}
