import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { TidingsError } from '@tidings/core/adapter';
import { createTransport } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import { smtp } from './index.ts';
import { readSmtpOptions } from './smtp-options.ts';

const host = 'mail.example.com';

function refusalOf(options: unknown): TidingsError {
  try {
    readSmtpOptions(options as never);
  } catch (error) {
    if (TidingsError.is(error, 'CONFIGURATION_INVALID')) return error;
    throw error;
  }
  throw new Error('It was accepted.');
}

describe('readSmtpOptions', () => {
  it('fills in the defaults', () => {
    const settings = readSmtpOptions({ host });
    expect(settings).toMatchObject({ name: 'smtp', lane: { slots: 5 }, deadlineMs: 15_000, secrets: [] });
    expect(settings.connection).toMatchObject({ host, port: 587, secure: false, requireTLS: false, maxConnections: 5 });
    expect(settings.lane).not.toHaveProperty('rate');
  });

  it('takes the slots of the lane from the pool', () => {
    const pool = { maxConnections: 12, maxMessages: 7 };
    const settings = readSmtpOptions({ host, pool, rate: { limit: 14, perMs: 1_000 } });
    expect(settings.lane).toEqual({ slots: 12, rate: { limit: 14, perMs: 1_000 } });
    expect(settings.connection).toMatchObject(pool);
  });

  it.each([
    [
      { host, secure: true },
      { port: 465, secure: true },
    ],
    [
      { host, port: 465 },
      { port: 465, secure: true },
    ],
    [
      { host, port: 465, secure: false },
      { port: 465, secure: false },
    ],
    [
      { host, port: 2525 },
      { port: 2525, secure: false },
    ],
    [{ url: 'smtp://mail.example.com' }, { host, port: 587, secure: false }],
    [{ url: 'smtps://mail.example.com' }, { host, port: 465, secure: true }],
    [{ url: 'smtp://a%40b:p%2Fw@[::1]:2525' }, { host: '::1', port: 2525, auth: { user: 'a@b', pass: 'p/w' } }],
  ])('reads where to connect: %j', (options, connection) => {
    expect(readSmtpOptions(options).connection).toMatchObject(connection);
  });

  it.each([
    [{ host, auth: { user: 'u', pass: 'p' } }, true],
    [{ host, auth: { user: 'u', pass: 'p' }, requireTls: false }, false],
    [{ host, requireTls: true }, true],
    [{ host: 'localhost', auth: { user: 'u', pass: 'p' } }, false],
    [{ url: 'smtp://u:p@mail.example.com' }, true],
    [{ url: 'smtps://u:p@mail.example.com' }, false],
  ])('keeps credentials from a server that offers no TLS: %j', (options, requireTLS) => {
    expect(readSmtpOptions(options).connection).toMatchObject({ requireTLS });
  });

  it.each([
    ['Ann Lee <ann@example.com>', { address: 'ann@example.com', name: 'Ann Lee' }],
    ['"Lee, Ann" <ann@example.com>', { address: 'ann@example.com', name: 'Lee, Ann' }],
    ['<ann@example.com>', { address: 'ann@example.com' }],
    [' ann@example.com ', { address: 'ann@example.com' }],
    [
      { address: 'ann@example.com', name: 'Ann' },
      { address: 'ann@example.com', name: 'Ann' },
    ],
  ])('reads the default sender %j', (from, sender) => {
    expect(readSmtpOptions({ host, from }).from).toEqual(sender);
    expect(smtp({ host, from }).defaultSender).toEqual(sender);
  });

  it.each([
    [undefined, 'options'],
    [{}, 'host'],
    [{ host: '' }, 'host'],
    [{ host: 'a b' }, 'host'],
    [{ host: 7 }, 'host'],
    [{ host, prot: 587 }, 'prot'],
    [{ host, port: 0 }, 'port'],
    [{ host, port: 65_536 }, 'port'],
    [{ host, port: '587' }, 'port'],
    [{ host, secure: 'yes' }, 'secure'],
    [{ host, requireTls: 1 }, 'requireTls'],
    [{ host, name: 'a b' }, 'name'],
    [{ host, auth: {} }, 'auth.user'],
    [{ host, auth: { user: 'u' } }, 'auth.pass'],
    [{ host, auth: { user: 'u', password: 'p' } }, 'auth.password'],
    [{ host, auth: { type: 'OAuth2', user: 'u' } }, 'auth'],
    [{ host, auth: { type: 'OAuth2', user: 'u', accessToken: 7 } }, 'auth.accessToken'],
    [{ host, pool: { maxConnections: 0 } }, 'pool.maxConnections'],
    [{ host, pool: { max: 1 } }, 'pool.max'],
    [{ host, pool: { maxMessages: 1.5 } }, 'pool.maxMessages'],
    [{ host, tls: 'off' }, 'tls'],
    [{ host, dkim: { domainName: 'example.com', keySelector: 'a', privateKey: 'x' } }, 'dkim.privateKey'],
    [{ host, dkim: [{ domainName: 'example com', keySelector: 'a', privateKey: 'x' }] }, 'dkim[0].domainName'],
    [{ host, from: 'Ann' }, 'from'],
    [{ host, from: { address: 'ann@example.com\r\nBcc: x@y.example' } }, 'from.address'],
    [{ host, from: { address: 'ann@example.com', name: 'A\r\nBcc: x@y.example' } }, 'from.name'],
    [{ host, deadlineMs: 0 }, 'deadlineMs'],
    [{ host, attempts: -1 }, 'attempts'],
    [{ host, rate: { limit: 10 } }, 'rate.perMs'],
    [{ host, url: 'smtp://mail.example.com' }, 'host'],
    [{ url: 'http://mail.example.com' }, 'url'],
    [{ url: 'smtp://mail.example.com/?pool=true' }, 'url'],
    [{ transport: {} }, 'transport'],
    [{ host, transport: createTransport({}) }, 'host'],
  ])('refuses %j and says where', (options, path) => {
    const error = refusalOf(options);
    expect(error.path).toBe(path);
    expect(error.message).toContain(path);
  });

  it('quotes no credential when it refuses', () => {
    for (const options of [
      { url: 'smtp://u:canary-1%zz@mail.example.com' },
      { url: 'ftp://u:canary-1@mail.example.com' },
      { host, auth: { user: 'u', pass: 'canary-1', extra: 'canary-1' } },
      { host, dkim: { domainName: 'example.com', keySelector: 'a', privateKey: 'canary-1' } },
    ]) {
      expect(inspect(refusalOf(options), { depth: null })).not.toContain('canary-1');
    }
  });

  it('takes a DKIM key', () => {
    const { privateKey } = generateKeyPairSync('ed25519', {
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const settings = readSmtpOptions({ host, dkim: { domainName: 'example.com', keySelector: 'a', privateKey } });
    expect(settings.connection.dkim).toMatchObject({
      keys: [{ domainName: 'example.com', keySelector: 'a', privateKey }],
    });
    expect(settings.secrets).toContain(privateKey);
  });
});
