import { TidingsError } from '../spec/index.ts';

const slackUser = /^[UW][A-Z0-9]{8,29}$/;
const slackConversation = /^[CGD][A-Z0-9]{8,29}$/;
const slackChannelName = /^#[^\s#@,<>&\p{C}]{1,79}$/u;

/** A Slack member id: `U…` or `W…`. */
export function isSlackUser(text: string): boolean {
  return slackUser.test(text);
}

/** A Slack channel, which is nobody's own: an id `C…` or `G…`, or a name `#…`. */
export function isSlackChannel(text: string): boolean {
  return text.startsWith('#') ? slackChannelName.test(text) : text[0] !== 'D' && slackConversation.test(text);
}

/**
 * A Slack address is its own normal form: a member `U…` or `W…`, a conversation `D…`, `C…` or `G…`, or a name `#…`.
 *
 * @throws TidingsError `INVALID_ADDRESS`
 */
export function normalizeSlack(address: string, path = 'slack'): string {
  if (slackUser.test(address) || slackConversation.test(address) || slackChannelName.test(address)) return address;
  throw refusal(
    path,
    'a Slack address',
    'a member id such as U1234ABCD, a channel id such as C1234ABCD or a name such as #general',
  );
}

/**
 * A Telegram address is its own normal form: the number of a chat, or the `@name` of a public channel.
 *
 * @throws TidingsError `INVALID_ADDRESS`
 */
export function normalizeTelegram(address: string, path = 'telegram'): string {
  if (/^-?[1-9]\d{0,18}$/.test(address) || /^@[A-Za-z]\w{3,31}$/.test(address)) return address;
  throw refusal(
    path,
    'a Telegram address',
    'the number of a chat, such as 123456789, or the @name of a public channel',
  );
}

/**
 * A Discord address is its own normal form: an id of 17 to 20 digits.
 *
 * @throws TidingsError `INVALID_ADDRESS`
 */
export function normalizeDiscord(address: string, path = 'discord'): string {
  if (/^[1-9]\d{16,19}$/.test(address)) return address;
  throw refusal(path, 'a Discord id', '17 to 20 digits, as a string');
}

function refusal(path: string, what: string, form: string): TidingsError {
  return new TidingsError('INVALID_ADDRESS', `\`${path}\` is not ${what}: give ${form}.`, { path });
}
