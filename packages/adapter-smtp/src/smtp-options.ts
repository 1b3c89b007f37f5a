import { createPrivateKey } from 'node:crypto';
import { type LaneOptions, type Sender, TidingsError } from '@tidings/core/adapter';
import { isSendable } from './smtp-message.ts';

/**
 * What `smtp` takes: exactly one of `host`, `url` and `transport`, everything else as wanted. An option that does not
 * exist is refused.
 */
export interface SmtpOptions {
  /** Unique within an engine; stands in traces. Default: `smtp`. */
  readonly name?: string;
  /** The server's name or IP address. */
  readonly host?: string;
  /** Default: 465 with `secure`, else 587. */
  readonly port?: number;
  /** TLS from the first byte; otherwise STARTTLS, see `requireTls`. Default: true on port 465, else false. */
  readonly secure?: boolean;
  /**
   * Sends nothing, credentials included, before STARTTLS has succeeded. Default: true when there is `auth` and the
   * server is not on this machine; otherwise STARTTLS is used where the server offers it.
   */
  readonly requireTls?: boolean;
  /** `smtp://user:password@host:port` or `smtps://…`, instead of `host`, `port`, `secure` and `auth`. */
  readonly url?: string;
  /** A nodemailer transporter of yours, instead of a server. It stays open when the engine stops. */
  readonly transport?: SmtpTransport;
  /** Default: none. */
  readonly auth?: SmtpPassword | SmtpOAuth2;
  /** Settings of `tls.connect`, such as `ca` or `servername`. */
  readonly tls?: Readonly<Record<string, unknown>>;
  readonly pool?: SmtpPool;
  /** Signs every message; with several keys, once with each. Default: none. */
  readonly dkim?: SmtpDkimKey | readonly SmtpDkimKey[];
  /** Used when neither the send nor the engine names a sender: `Ann <ann@example.com>`, or an address and a name. */
  readonly from?: string | Sender;
  /** Longest a message may take, in ms, before its outcome counts as unknown. Default: 15,000. */
  readonly deadlineMs?: number;
  /** Attempts in all, the first included. Default: 5. */
  readonly attempts?: number;
  /** What the server allows, over all processes together. Default: no limit. */
  readonly rate?: NonNullable<LaneOptions['rate']>;
}

/** Name and password. */
export interface SmtpPassword {
  readonly user: string;
  readonly pass: string;
}

/** OAuth 2: an access token, or what is needed to fetch one. */
export interface SmtpOAuth2 {
  readonly type: 'OAuth2';
  readonly user: string;
  readonly accessToken?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly refreshToken?: string;
  /** Where tokens are fetched. */
  readonly accessUrl?: string;
}

/** How many connections are kept and for how long. */
export interface SmtpPool {
  /** Connections at once, and so messages at once. Default: 5. */
  readonly maxConnections?: number;
  /** Messages sent over a connection before it is replaced. Default: 100. */
  readonly maxMessages?: number;
}

/** A DKIM key, published at `<keySelector>._domainkey.<domainName>`. */
export interface SmtpDkimKey {
  readonly domainName: string;
  readonly keySelector: string;
  /** PEM. */
  readonly privateKey: string;
}

/** As much of a nodemailer transporter as is used. */
export interface SmtpTransport {
  // biome-ignore lint/suspicious/noExplicitAny: a nodemailer message
  sendMail(mail: any): Promise<any>;
  /**
   * Lets a lost connection count as `retry` when the message had not been handed over. Without it every lost connection
   * counts as `unknown`.
   */
  // biome-ignore lint/suspicious/noExplicitAny: a nodemailer plugin
  use?(step: 'stream', plugin: (mail: any, done: (error?: Error | null) => void) => void): unknown;
}

/** Validated settings with every default filled in. */
export interface SmtpSettings {
  readonly name: string;
  readonly lane: LaneOptions;
  readonly deadlineMs: number;
  readonly attempts: number | undefined;
  readonly from: Sender | undefined;
  /** A transporter of the host's, or what nodemailer is to create one with. */
  readonly transport: SmtpTransport | undefined;
  readonly connection: Readonly<Record<string, unknown>>;
  /** Texts that must never appear in an outcome. */
  readonly secrets: readonly string[];
}

const known = [
  'name',
  'host',
  'port',
  'secure',
  'requireTls',
  'url',
  'transport',
  'auth',
  'tls',
  'pool',
  'dkim',
  'from',
  'deadlineMs',
  'attempts',
  'rate',
] as const;
/** Options that say how to connect, so they mean nothing beside a finished transporter. */
const connecting = ['host', 'port', 'secure', 'requireTls', 'url', 'auth', 'tls', 'dkim'] as const;
const inUrl = ['host', 'port', 'secure', 'auth'] as const;
const oauth2 = ['type', 'user', 'accessToken', 'clientId', 'clientSecret', 'refreshToken', 'accessUrl'] as const;

/** Fields nodemailer signs by default, and the one a one-click unsubscribe needs signed as well (RFC 8058). */
const signedFields = [
  'From:Sender:Reply-To:Subject:Date:Message-ID:To:Cc:MIME-Version:Content-Type:Content-Transfer-Encoding:Content-ID',
  'Content-Description:In-Reply-To:References:List-Id:List-Help:List-Unsubscribe:List-Unsubscribe-Post:List-Subscribe',
  'List-Post:List-Owner:List-Archive',
].join(':');

/** Checks what `smtp` was given and fills in the defaults. */
export function readSmtpOptions(given: SmtpOptions): SmtpSettings {
  const options = objectAt('options', given, known);
  const name = options.name ?? 'smtp';
  if (typeof name !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    refuse('name', 'must be up to 64 letters, digits, ., - and _, beginning with a letter or digit');
  }
  const pool = objectAt('pool', options.pool ?? {}, ['maxConnections', 'maxMessages']);
  const maxConnections = countAt('pool.maxConnections', pool.maxConnections) ?? 5;
  const maxMessages = countAt('pool.maxMessages', pool.maxMessages) ?? 100;
  const deadlineMs = countAt('deadlineMs', options.deadlineMs) ?? 15_000;
  const rate = rateAt('rate', options.rate);
  const common = {
    name,
    lane: Object.freeze({ slots: maxConnections, ...(rate === undefined ? {} : { rate }) }),
    deadlineMs,
    attempts: countAt('attempts', options.attempts),
    from: senderAt('from', options.from),
  };
  if (options.transport !== undefined) {
    return { ...common, transport: transportAt(options), connection: {}, secrets: [] };
  }
  const server = serverOf(options);
  const dkim = dkimAt('dkim', options.dkim);
  return {
    ...common,
    transport: undefined,
    connection: {
      pool: true,
      maxConnections,
      maxMessages,
      // once: for a pooled connection that the server had closed meanwhile, before anything of the message was sent
      maxRequeues: 1,
      idleTimeout: 60_000,
      socketCloseTimeout: 1_000,
      connectionTimeout: deadlineMs,
      greetingTimeout: deadlineMs,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...server.connection,
      ...(options.tls === undefined ? {} : { tls: { ...objectAt('tls', options.tls) } }),
      ...(dkim === undefined ? {} : { dkim: { keys: dkim, headerFieldNames: signedFields } }),
    },
    secrets: [...server.secrets, ...(dkim ?? []).map((key) => key.privateKey)],
  };
}

function refuse(path: string, problem: string): never {
  throw new TidingsError('CONFIGURATION_INVALID', `smtp: ${path} ${problem}.`, { path });
}

function transportAt(options: Readonly<Record<string, unknown>>): SmtpTransport {
  for (const key of connecting) {
    if (options[key] !== undefined) refuse(key, 'cannot stand beside `transport`, which is already set up');
  }
  const transport = options.transport;
  if (typeof (transport as Partial<SmtpTransport> | null)?.sendMail === 'function') return transport as SmtpTransport;
  return refuse('transport', 'must be a nodemailer transporter, as createTransport(…) returns one');
}

interface Server {
  readonly connection: Readonly<Record<string, unknown>>;
  readonly secrets: readonly string[];
}

function serverOf(options: Readonly<Record<string, unknown>>): Server {
  if (options.url !== undefined) {
    for (const key of inUrl) {
      if (options[key] !== undefined) refuse(key, 'cannot stand beside `url`, which says it');
    }
    return serverOf({ ...partsOf(options.url), requireTls: options.requireTls });
  }
  const host = options.host;
  if (host === undefined) refuse('host', 'is missing; give `host`, `url` or `transport`');
  if (typeof host !== 'string' || !/^[\p{L}\p{N}.:_-]{1,255}$/u.test(host))
    refuse('host', 'must be a host name or IP address');
  const port = countAt('port', options.port, 65_535);
  const secure = booleanAt('secure', options.secure) ?? port === 465;
  const auth = authAt('auth', options.auth);
  const local = host === 'localhost' || host === '::1' || host.startsWith('127.');
  const requireTLS = booleanAt('requireTls', options.requireTls) ?? (auth !== undefined && !local);
  return {
    connection: {
      host,
      port: port ?? (secure ? 465 : 587),
      secure,
      requireTLS: requireTLS && !secure,
      ...(auth === undefined ? {} : { auth }),
    },
    secrets: secretsOf(auth ?? {}),
  };
}

/** What a connection URL says. What is wrong with it is told without quoting it: it holds the password. */
function partsOf(url: unknown): Record<string, unknown> {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || (parsed.protocol !== 'smtp:' && parsed.protocol !== 'smtps:')) {
    return refuse('url', 'must begin with smtp:// or smtps://');
  }
  if (parsed.search !== '' || parsed.hash !== '' || parsed.pathname.length > 1) {
    return refuse('url', 'must end after the port; give further settings as options');
  }
  const secure = parsed.protocol === 'smtps:';
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === '') refuse('url', 'names no host');
  const parts = { host, secure, ...(parsed.port === '' ? {} : { port: Number(parsed.port) }) };
  if (parsed.username === '') return parts;
  try {
    return { ...parts, auth: { user: decodeURIComponent(parsed.username), pass: decodeURIComponent(parsed.password) } };
  } catch {
    return refuse('url', 'has a user or password that is not percent-encoded correctly');
  }
}

function authAt(path: string, given: unknown): Record<string, unknown> | undefined {
  if (given === undefined) return undefined;
  const isOAuth2 = (given as { type?: unknown } | null)?.type === 'OAuth2';
  const auth = objectAt(path, given, isOAuth2 ? oauth2 : ['user', 'pass']);
  for (const key of isOAuth2 ? ['user'] : ['user', 'pass']) {
    if (typeof auth[key] !== 'string' || auth[key] === '') refuse(`${path}.${key}`, 'must be a text that is not empty');
  }
  for (const [key, value] of Object.entries(auth)) {
    if (value !== undefined && typeof value !== 'string') refuse(`${path}.${key}`, 'must be a text');
  }
  if (isOAuth2 && auth.accessToken === undefined && auth.refreshToken === undefined) {
    refuse(path, 'needs an accessToken, or a refreshToken with clientId, clientSecret and accessUrl');
  }
  return { ...auth };
}

/** Secrets as they stand, and as they would look on the wire. */
function secretsOf(auth: Readonly<Record<string, unknown>>): string[] {
  const { user, pass } = auth;
  const plain = Object.entries(auth).flatMap(([key, value]) =>
    typeof value === 'string' && key !== 'type' && key !== 'accessUrl' ? [value] : [],
  );
  return [...plain, ...(typeof pass === 'string' ? [`\0${user}\0${pass}`] : [])].flatMap((text) => [
    text,
    Buffer.from(text).toString('base64'),
    encodeURIComponent(text),
  ]);
}

function dkimAt(path: string, given: unknown): { privateKey: string }[] | undefined {
  if (given === undefined) return undefined;
  const keys = Array.isArray(given) ? given : [given];
  return keys.map((each: unknown, index) => {
    const at = Array.isArray(given) ? `${path}[${index}]` : path;
    const key = objectAt(at, each, ['domainName', 'keySelector', 'privateKey']);
    for (const part of ['domainName', 'keySelector'] as const) {
      const value = key[part];
      if (typeof value !== 'string' || !/^[A-Za-z0-9._-]{1,253}$/.test(value))
        refuse(`${at}.${part}`, 'must be a domain name');
    }
    try {
      createPrivateKey(key.privateKey as string);
    } catch {
      refuse(`${at}.privateKey`, 'must be a private key in PEM form, without a passphrase');
    }
    return { ...key, privateKey: key.privateKey as string };
  });
}

function senderAt(path: string, given: unknown): Sender | undefined {
  if (given === undefined) return undefined;
  const sender = typeof given === 'string' ? parseSender(given) : objectAt(path, given, ['address', 'name']);
  const { address, name } = sender;
  const where = typeof given === 'string' ? path : `${path}.address`;
  if (!isSendable(address)) refuse(where, 'must hold an e-mail address, such as Ann <ann@example.com>');
  if (name === undefined) return Object.freeze({ address });
  if (typeof name !== 'string' || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(name)) {
    refuse(`${path}.name`, 'must be a text without line breaks and control characters');
  }
  return Object.freeze({ address, name });
}

function parseSender(text: string): { address: unknown; name?: unknown } {
  const end = text.trimEnd();
  const open = end.lastIndexOf('<');
  if (open < 0 || !end.endsWith('>')) return { address: text.trim() };
  const name = text
    .slice(0, open)
    .trim()
    .replace(/^"(.*)"$/, '$1');
  return { address: end.slice(open + 1, -1), ...(name === '' ? {} : { name }) };
}

function rateAt(path: string, given: unknown): NonNullable<LaneOptions['rate']> | undefined {
  if (given === undefined) return undefined;
  const rate = objectAt(path, given, ['limit', 'perMs']);
  return Object.freeze({
    limit: countAt(`${path}.limit`, rate.limit ?? null) as number,
    perMs: countAt(`${path}.perMs`, rate.perMs ?? null) as number,
  });
}

function objectAt(path: string, given: unknown, keys?: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) refuse(path, 'must be an object');
  for (const key of Object.keys(given)) {
    if (keys === undefined || keys.includes(key)) continue;
    refuse(path === 'options' ? key : `${path}.${key}`, `is no option; there are ${keys.join(', ')}`);
  }
  return given as Readonly<Record<string, unknown>>;
}

function countAt(path: string, given: unknown, max = 2_147_483_647): number | undefined {
  if (given === undefined) return undefined;
  if (Number.isSafeInteger(given) && (given as number) >= 1 && (given as number) <= max) return given as number;
  return refuse(path, max === 65_535 ? 'must be a port from 1 to 65535' : 'must be a whole number from 1');
}

function booleanAt(path: string, given: unknown): boolean | undefined {
  if (given === undefined || typeof given === 'boolean') return given;
  return refuse(path, 'must be true or false');
}
