import {
  type AdapterCall,
  type ChannelAdapter,
  defineAdapter,
  type Outcome,
  type OutgoingMessage,
} from '@tidings/core/adapter';
import { createTransport } from 'nodemailer';
import { outcomeOfError, outcomeOfRefusal, type Private, refusedCopies } from './smtp-errors.ts';
import { buildMail, type Mail, type MailContent, type MailOverrides } from './smtp-message.ts';
import type { SmtpSettings, SmtpTransport } from './smtp-options.ts';

/** What nodemailer says of a mail the server took. */
interface Receipt {
  readonly messageId?: unknown;
  readonly serverMessageId?: unknown;
  readonly envelope?: { readonly to?: unknown };
  readonly rejected?: readonly unknown[];
  readonly rejectedErrors?: readonly { readonly recipient?: unknown }[];
}

/** The adapter of these settings. Nothing of them hangs on the object it returns, so none can be printed. */
export function createSmtpAdapter(settings: SmtpSettings): ChannelAdapter<'email'> {
  const own = settings.transport === undefined ? createTransport({ ...settings.connection }) : undefined;
  const transport: SmtpTransport = settings.transport ?? (own as NonNullable<typeof own>);
  // what cannot be reported to a call must not end the process; the call gets the error itself
  own?.on('error', () => {});
  const handedOver = watchBodies(transport);
  let closed = false;

  async function send(message: OutgoingMessage<MailContent, MailOverrides>, call: AdapterCall): Promise<Outcome> {
    if (closed) return { outcome: 'retry', reason: 'The adapter was closed.', code: 'ECLOSED' };
    if (call.signal.aborted)
      return { outcome: 'retry', reason: 'The call was aborted before it began.', code: 'EABORT' };
    const built = buildMail(message, call, settings.from);
    if (!('mail' in built)) return built;
    const { mail } = built;
    const hide: Private = { addresses: mail.envelope.to.map(({ address }) => address), secrets: settings.secrets };
    const watched = handedOver(mail);
    try {
      return outcomeOfReceipt((await transport.sendMail({ ...mail, signal: call.signal })) as Receipt, mail, hide);
    } catch (error) {
      return outcomeOfError({ error, handedOver: watched() }, hide);
    }
  }

  return defineAdapter({
    name: settings.name,
    channel: 'email',
    lane: settings.lane,
    deadlineMs: settings.deadlineMs,
    ...(settings.attempts === undefined ? {} : { attempts: settings.attempts }),
    ...(settings.from === undefined ? {} : { defaultSender: settings.from }),
    send,
    async close() {
      closed = true;
      // the engine has waited for its calls, so what is still open answers nobody
      own?.close({ force: true });
    },
  });
}

/** The recipient decides; a copy that was refused is only reported. */
function outcomeOfReceipt(receipt: Receipt, mail: Mail, hide: Private): Outcome {
  const sentTo = receipt.envelope?.to;
  const recipient = Array.isArray(sentTo) ? sentTo[0] : mail.envelope.to[0]?.address;
  const errors = receipt.rejectedErrors ?? [];
  const own = errors.find((error) => error.recipient === recipient);
  if (own) return outcomeOfRefusal(own, hide);
  const id = receipt.serverMessageId ?? receipt.messageId ?? mail.messageId;
  const copies = errors.length > 0 ? errors : (receipt.rejected ?? []).map(() => ({ message: 'refused' }));
  return {
    outcome: 'accepted',
    providerId: String(id).replace(/^<(.*)>$/, '$1'),
    ...(copies.length === 0 ? {} : { refusedCopies: refusedCopies(copies, hide) }),
  };
}

interface Body {
  readonly readableEnded: boolean;
}

/**
 * Tells whether all of a mail had been handed to the connection: before that the server cannot have taken it, whatever
 * became of the connection. Without plugins of the transport there is no way to know, so the answer is yes.
 */
function watchBodies(transport: SmtpTransport): (mail: Mail) => () => boolean {
  if (typeof transport.use !== 'function') return () => () => true;
  const bodies = new WeakMap<object, Body[]>();
  transport.use('stream', (mail, done) => {
    const seen = bodies.get(mail.data.envelope);
    if (seen) {
      const { message } = mail;
      const create = message.createReadStream;
      message.createReadStream = (...options: unknown[]): Body => {
        const body = create.apply(message, options) as Body;
        seen.push(body);
        return body;
      };
    }
    done();
  });
  return (mail) => {
    const seen: Body[] = [];
    bodies.set(mail.envelope, seen);
    return () => seen.some((body) => body.readableEnded);
  };
}
