import { describe, expect, it } from 'vitest';
import { normalizeDiscord, normalizeSlack, normalizeTelegram } from './chat-address.ts';
import { normalizeIdentifier, normalizePushToken } from './identifier.ts';

describe('normalizeIdentifier', () => {
  it('keeps every byte', () => {
    for (const id of ['abc', 'ABC', 'abc ', 'ábc', 'a\u0301bc', '0', '💥']) expect(normalizeIdentifier(id)).toBe(id);
  });

  it('takes 255 bytes and not one more', () => {
    expect(normalizeIdentifier('a'.repeat(255))).toHaveLength(255);
    expect(normalizeIdentifier(`${'é'.repeat(127)}a`)).toHaveLength(128);
    expect(() => normalizeIdentifier('a'.repeat(256), 'to.externalId')).toThrow(
      '`to.externalId` is longer than 255 bytes.',
    );
    expect(() => normalizeIdentifier('é'.repeat(128))).toThrow('`externalId` is longer than 255 bytes.');
  });

  it('refuses what no database keeps apart', () => {
    expect(() => normalizeIdentifier('')).toThrow('`externalId` is empty; leave it out, or give null to remove it.');
    expect(() => normalizeIdentifier('a\0b')).toThrow('`externalId` holds a NUL character.');
    expect(() => normalizeIdentifier('a\uD800')).toThrow('`externalId` holds half a surrogate pair.');
  });
});

describe('normalizePushToken', () => {
  it('takes 512 bytes and not one more', () => {
    expect(normalizePushToken('ExponentPushToken[xxx]')).toBe('ExponentPushToken[xxx]');
    expect(normalizePushToken('t'.repeat(512))).toHaveLength(512);
    expect(() => normalizePushToken('t'.repeat(513))).toThrow(
      '`pushToken` is longer than the 512 bytes a push token may have.',
    );
  });

  it.each(['', ' ', 'a b', 'a\n', 'a\0', 'a\u200B'])('refuses %j', (token) => {
    expect(() => normalizePushToken(token, 'to.pushTokens[0]')).toThrow(
      '`to.pushTokens[0]` is not a push token: it is empty or holds a space or an invisible character.',
    );
  });
});

describe('chat addresses', () => {
  it.each(['U1234ABCD', 'W1234ABCD', 'D1234ABCD', 'C1234ABCD', 'G1234ABCD', '#general', '#équipe-1'])(
    'Slack takes %s',
    (id) => {
      expect(normalizeSlack(id)).toBe(id);
    },
  );

  it.each(['', 'u1234abcd', 'U1234', 'X1234ABCD', '#', '#a b', '#<!channel>', '@jane', `#${'a'.repeat(80)}`])(
    'Slack refuses %j',
    (id) => {
      expect(() => normalizeSlack(id, 'to.slack')).toThrow(
        '`to.slack` is not a Slack address: give a member id such as U1234ABCD, a channel id such as C1234ABCD or a name such as #general.',
      );
    },
  );

  it('Telegram takes chat numbers and public channels', () => {
    for (const id of ['123456789', '-1001234567890', '@news_channel']) expect(normalizeTelegram(id)).toBe(id);
    for (const id of ['', '0', '-', '1.5', '@a', 'jane', '1'.repeat(20)]) {
      expect(() => normalizeTelegram(id)).toThrow(
        '`telegram` is not a Telegram address: give the number of a chat, such as 123456789, or the @name of a public channel.',
      );
    }
  });

  it('Discord takes ids of 17 to 20 digits', () => {
    for (const id of ['12345678901234567', '12345678901234567890']) expect(normalizeDiscord(id)).toBe(id);
    for (const id of ['', '1234567890123456', '123456789012345678901', 'jane#1234']) {
      expect(() => normalizeDiscord(id)).toThrow('`discord` is not a Discord id: give 17 to 20 digits, as a string.');
    }
  });
});
