import type { AdapterCall, OutgoingMessage, Sender } from '@tidings/core/adapter';

/** What of an e-mail's content is used; each may be missing or wrong when it comes from a channel of the host. */
export interface MailContent {
  readonly subject?: unknown;
  readonly html?: unknown;
  readonly text?: unknown;
  readonly preheader?: unknown;
}

/** What of a send's overrides is used. */
export interface MailOverrides {
  readonly subject?: unknown;
  readonly replyTo?: unknown;
  readonly cc?: unknown;
  readonly bcc?: unknown;
  readonly headers?: unknown;
  readonly attachments?: unknown;
}

/** A message as nodemailer takes it. */
export interface Mail {
  readonly envelope: { readonly from: Address; readonly to: readonly Address[] };
  readonly [field: string]: unknown;
}

/** An address in the one form nodemailer does not parse, so that nothing in it can become a second address. */
export interface Address {
  readonly name: string;
  readonly address: string;
}

/** The mail, or why there is none to be made of this message. */
export type BuiltMail =
  | { readonly mail: Mail }
  | { readonly outcome: 'badAddress' | 'rejected' | 'misconfigured'; readonly reason: string };

const breaks = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
const breaksOrSurrogates = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;
const dotAtom = /^[^\s\p{Cc}\p{Zl}\p{Zp}\p{Cs}"(),.:;<>@[\\\]]+(?:\.[^\s\p{Cc}\p{Zl}\p{Zp}\p{Cs}"(),.:;<>@[\\\]]+)*$/u;
const quoted = /^"(?:[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}"\\<>]|\\[\x20-\x7e])*"$/u;
const domainName = /^[\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)*\.?$/u;
const domainLiteral = /^\[[0-9A-Za-z.:-]+\]$/;

// What the mail is made of or signed by, and what the adapter writes itself; a second one would contradict the first.
const reserved =
  /^(?:from|sender|to|cc|bcc|subject|reply-to|return-path|date|message-id|mime-version|received|authentication-results|x-tidings-tag|(?:content|resent|dkim|domainkey|arc)-.*)$/i;

/** Whether SMTP can carry the address as one recipient. It must have a domain; what the domain accepts is not asked. */
export function isSendable(address: unknown): address is string {
  if (typeof address !== 'string' || address.length > 320) return false;
  const at = address.lastIndexOf('@');
  if (at < 1) return false;
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  return (dotAtom.test(local) || quoted.test(local)) && (domainName.test(domain) || domainLiteral.test(domain));
}

/** Builds the mail. Line breaks in a name or subject become spaces; in a custom header they refuse the message. */
export function buildMail(
  message: OutgoingMessage<MailContent, MailOverrides>,
  call: Pick<AdapterCall, 'tag'>,
  defaultSender: Sender | undefined,
): BuiltMail {
  const from = message.from ?? defaultSender;
  if (!from)
    return {
      outcome: 'misconfigured',
      reason: 'There is no sender: set `from` of the adapter or `senders` of the engine.',
    };
  if (!isSendable(from.address))
    return { outcome: 'misconfigured', reason: 'The sender is no e-mail address SMTP can carry.' };
  if (!isSendable(message.to))
    return { outcome: 'badAddress', reason: 'The recipient is no e-mail address SMTP can carry.' };
  try {
    return { mail: assemble(message, call.tag, addressOf(from.address, from.name)) };
  } catch (error) {
    if (error instanceof Unfit) return { outcome: 'rejected', reason: error.message };
    throw error;
  }
}

/** A message that can never be sent as it is. */
class Unfit extends Error {}

function assemble(message: OutgoingMessage<MailContent, MailOverrides>, tag: string, from: Address): Mail {
  const { content, overrides } = message;
  const to = addressOf(message.to, message.toName);
  const cc = addressesAt('overrides.cc', overrides.cc);
  const bcc = addressesAt('overrides.bcc', overrides.bcc);
  const replyTo = addressesAt('overrides.replyTo', overrides.replyTo);
  const html = textAt('content.html', content.html);
  const text = textAt('content.text', content.text);
  const preheader = textAt('content.preheader', content.preheader);
  const attachments = attachmentsAt('overrides.attachments', overrides.attachments);
  if (html === undefined && text === undefined) throw new Unfit('content has neither `html` nor `text`.');
  return {
    from,
    to: [to],
    ...(cc.length === 0 ? {} : { cc }),
    ...(replyTo.length === 0 ? {} : { replyTo }),
    // bcc is in the envelope alone, so no copy of the mail can show it
    envelope: { from: bare(from), to: [to, ...cc, ...bcc].map(bare) },
    subject: oneLine(
      textAt('overrides.subject', overrides.subject) ?? textAt('content.subject', content.subject) ?? '',
    ),
    ...(text === undefined ? {} : { text }),
    ...(html === undefined ? {} : { html: preheader ? withPreheader(html, preheader) : html }),
    ...(attachments.length === 0 ? {} : { attachments }),
    headers: {
      ...headersAt('overrides.headers', overrides.headers),
      ...(/^[A-Za-z0-9-]{1,35}$/.test(message.language) ? { 'Content-Language': message.language } : {}),
      'X-Tidings-Tag': oneLine(tag),
    },
    messageId: `<${message.id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`,
    xMailer: false,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function addressOf(address: string, name?: string): Address {
  return { address, name: oneLine(name ?? '') };
}

function bare({ address }: Address): Address {
  return { address, name: '' };
}

/** Text of a header: one line, and parted by a space without width where readers would decode it as an encoded word. */
function oneLine(text: string): string {
  return wellFormed(text.replace(breaks, ' ')).replaceAll('=?', '=\u200b?').trim();
}

/** Half a surrogate pair has no form in UTF-8. */
function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\uFFFD');
}

function textAt(path: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return wellFormed(value);
  throw new Unfit(`${path} is no text.`);
}

function addressesAt(path: string, value: unknown): Address[] {
  if (value === undefined) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((address, index) => {
    if (isSendable(address)) return addressOf(address);
    throw new Unfit(`${path}[${index}] is no e-mail address SMTP can carry.`);
  });
}

function headersAt(path: string, value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Unfit(`${path} is no object.`);
  for (const [name, text] of Object.entries(value)) {
    const at = `${path}[${JSON.stringify(name.slice(0, 80))}]`;
    if (!/^[A-Za-z0-9-]{1,76}$/.test(name))
      throw new Unfit(`${at} is no header name: letters, digits and hyphens only.`);
    if (reserved.test(name)) throw new Unfit(`${at} is a header the mail itself is made of; use its own field.`);
    if (typeof text !== 'string') throw new Unfit(`${at} is no text.`);
    if (breaksOrSurrogates.test(text)) throw new Unfit(`${at} holds a line break or control character.`);
    if (text.length > 998) throw new Unfit(`${at} is longer than 998 characters.`);
    // encoded words are not allowed in these, so anything else than ASCII would arrive unreadable
    if (/^list-/i.test(name) && /[^\x20-\x7e]/.test(text)) throw new Unfit(`${at} must be ASCII.`);
  }
  return { ...(value as Record<string, string>) };
}

const attachmentFields = ['filename', 'content', 'encoding', 'contentType', 'cid'];

function attachmentsAt(path: string, value: unknown): object[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new Unfit(`${path} is no list.`);
  return value.map((file: unknown, index) => {
    const at = `${path}[${index}]`;
    if (typeof file !== 'object' || file === null) throw new Unfit(`${at} is no object.`);
    for (const key of Object.keys(file)) {
      if (attachmentFields.includes(key)) continue;
      throw new Unfit(`${at}.${key.slice(0, 40)} is no field; attachments come from memory, as filename and content.`);
    }
    const { filename, content, encoding, contentType, cid } = file as Record<string, unknown>;
    if (
      typeof filename !== 'string' ||
      filename === '' ||
      /[/\\]/.test(filename) ||
      breaksOrSurrogates.test(filename)
    ) {
      throw new Unfit(`${at}.filename is no file name.`);
    }
    if (encoding !== undefined && encoding !== 'utf8' && encoding !== 'base64') {
      throw new Unfit(`${at}.encoding is neither utf8 nor base64.`);
    }
    if (typeof content !== 'string' && !(content instanceof Uint8Array))
      throw new Unfit(`${at}.content is neither text nor bytes.`);
    if (
      contentType !== undefined &&
      !/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:; ?charset=[\w-]+)?$/.test(String(contentType))
    ) {
      throw new Unfit(`${at}.contentType is no media type such as application/pdf.`);
    }
    if (cid !== undefined && !/^[\w.@+-]{1,255}$/.test(String(cid))) throw new Unfit(`${at}.cid is no content id.`);
    return {
      filename,
      content: typeof content === 'string' ? Buffer.from(content, encoding ?? 'utf8') : Buffer.from(content),
      ...(contentType === undefined ? {} : { contentType }),
      ...(cid === undefined ? {} : { cid }),
    };
  });
}

const htmlEntities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Puts the preheader first in the body, hidden, and after it blank space that keeps the body out of the preview. */
function withPreheader(html: string, preheader: string): string {
  const shown = wellFormed(preheader).replace(/[&<>"']/g, (character) => htmlEntities[character] as string);
  const hidden =
    '<div style="display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;mso-hide:all" aria-hidden="true">' +
    `${shown}${'&#847;&zwnj;&nbsp;'.repeat(30)}</div>`;
  const at = endOfBodyTag(html);
  return html.slice(0, at) + hidden + html.slice(at);
}

/** Just behind `<body …>`; without one, behind the doctype or at the start. Reads the html once. */
function endOfBodyTag(html: string): number {
  let from = 0;
  let fallback = 0;
  while (true) {
    const open = html.indexOf('<', from);
    if (open < 0) return fallback;
    if (html.startsWith('<!--', open)) {
      const end = html.indexOf('-->', open + 4);
      if (end < 0) return fallback;
      from = end + 3;
      continue;
    }
    const close = endOfTag(html, open);
    if (close < 0) return fallback;
    const tag = html.slice(open + 1, open + 9).toLowerCase();
    if (/^body[\s/>]/.test(tag)) return close;
    if (tag.startsWith('!doctype')) fallback = close;
    // a script or style in the head may hold a `<` that is no tag
    const raw = /^(script|style|title)[\s/>]/.exec(tag)?.[1];
    from = raw === undefined ? close : behindClosing(html, raw, close);
    if (from < 0) return fallback;
  }
}

function endOfTag(html: string, open: number): number {
  let quote = '';
  for (let i = open + 1; i < html.length; i++) {
    const character = html[i] as string;
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '>') return i + 1;
    else if ((character === '"' || character === "'") && html[i - 1] === '=') quote = character;
  }
  return -1;
}

function behindClosing(html: string, name: string, from: number): number {
  const closing = new RegExp(`</${name}`, 'gi');
  closing.lastIndex = from;
  return closing.test(html) ? closing.lastIndex : -1;
}
