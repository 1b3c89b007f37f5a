import type { ChannelAdapter } from '@tidings/core/adapter';
import { createSmtpAdapter } from './smtp-adapter.ts';
import { readSmtpOptions, type SmtpOptions } from './smtp-options.ts';

export type { SmtpDkimKey, SmtpOAuth2, SmtpOptions, SmtpPassword, SmtpPool, SmtpTransport } from './smtp-options.ts';

/**
 * Delivers e-mail over SMTP with nodemailer. Connections are opened at the first message and pooled; nothing is ever
 * sent twice by the adapter itself.
 *
 * @throws TidingsError `CONFIGURATION_INVALID` naming the option that is wrong. No message holds a credential.
 *
 * @example
 * smtp({ host: 'mail.example.com', auth: { user, pass }, from: 'Example <hello@example.com>' })
 */
export function smtp(options: SmtpOptions): ChannelAdapter<'email'> {
  return createSmtpAdapter(readSmtpOptions(options));
}
