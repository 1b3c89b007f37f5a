import { discord } from './discord.ts';
import { email } from './email.ts';
import { push } from './push.ts';
import { slack } from './slack.ts';
import { sms } from './sms.ts';
import { telegram } from './telegram.ts';
import { whatsapp } from './whatsapp.ts';

export type { EmailTemplate } from './email.ts';
export type { EmailAttachment, EmailOverrides } from './email-overrides.ts';
export type { PushOverrides, PushTemplate } from './push.ts';
export type { SlackBlock, SlackTemplate } from './slack.ts';
export type { SmsOverrides } from './sms.ts';
export { type SmsSegments, smsSegments } from './sms-segments.ts';
export type { TelegramTemplate } from './telegram.ts';
export type { NoOverrides, TextTemplate } from './text-template.ts';
export { discord, email, push, slack, sms, telegram, whatsapp };

/** The channels that need no set-up, by name. An interface, so that it prints as its name. */
export interface BuiltInChannels {
  readonly email: typeof email;
  readonly sms: typeof sms;
  readonly push: typeof push;
  readonly slack: typeof slack;
  readonly telegram: typeof telegram;
  readonly whatsapp: typeof whatsapp;
  readonly discord: typeof discord;
}

/** The values of {@link BuiltInChannels}. */
export const builtInChannels: BuiltInChannels = { email, sms, push, slack, telegram, whatsapp, discord };
