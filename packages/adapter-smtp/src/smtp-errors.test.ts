import { describe, expect, it } from 'vitest';
import { outcomeOfError, refusedCopies } from './smtp-errors.ts';

const hide = { addresses: ['jane.doe@example.com', 'copy@example.net'], secrets: ['mailer', 'hunter22'] };

function reply(command: string, response: string, code = 'EENVELOPE'): Error {
  return Object.assign(new Error(`failed: ${response}`), {
    code,
    command,
    response,
    responseCode: Number(response.slice(0, 3)),
  });
}

function judge(error: unknown, handedOver = false) {
  return outcomeOfError({ error, handedOver }, hide);
}

describe('outcomeOfError', () => {
  it.each([
    ['RCPT TO', '550 5.1.1 no such user', 'badAddress'],
    ['RCPT TO', '550-5.1.1 no such\n550 5.1.1 user', 'badAddress'],
    ['RCPT TO', '550 5.1.2 no such host', 'badAddress'],
    ['RCPT TO', '550 5.1.10 null MX', 'badAddress'],
    ['RCPT TO', '550 5.2.1 mailbox disabled', 'badAddress'],
    ['RCPT TO', '550 no such user here', 'badAddress'],
    ['RCPT TO', '551 user not local', 'badAddress'],
    ['RCPT TO', '553 mailbox name not allowed', 'badAddress'],
    ['RCPT TO', '550 relay not permitted', 'rejected'],
    ['RCPT TO', '550 blocked by our spam policy', 'rejected'],
    ['RCPT TO', '550 5.7.1 not allowed', 'rejected'],
    ['RCPT TO', '550 5.1.8 bad sender domain', 'rejected'],
    ['RCPT TO', '552 5.2.2 mailbox full', 'rejected'],
    ['RCPT TO', '554 5.7.1 relay access denied', 'rejected'],
    ['RCPT TO', '530 5.7.0 authentication required', 'misconfigured'],
    ['MAIL FROM', '550 5.1.8 sender domain not found', 'misconfigured'],
    ['MAIL FROM', '552 5.3.4 too big', 'rejected'],
    ['MAIL FROM', '530 5.7.1 authenticate first', 'misconfigured'],
    ['DATA', '554 5.6.0 content refused', 'rejected'],
    ['DATA', '550 5.1.1 no such user', 'rejected'],
    ['CONN', '554 5.7.1 your address is listed', 'misconfigured'],
    ['RCPT TO', '503 5.5.1 bad sequence', 'retry'],
    ['CONN', '421 4.3.2 shutting down', 'retry'],
    ['RCPT TO', '450 4.2.0 busy', 'retry'],
    ['DATA', '451 4.3.0 try later', 'retry'],
    ['RCPT TO', '452 4.2.2 mailbox full', 'retry'],
  ])('reads %s %s as %s', (command, response, outcome) => {
    expect(judge(reply(command, response))).toMatchObject({
      outcome,
      code: expect.stringContaining(response.slice(0, 3)),
    });
    // an answer is an answer, also after the mail was handed over
    expect(judge(reply(command, response), true)).toMatchObject({ outcome });
  });

  it.each([
    ['ECONNECTION', 'Connection closed unexpectedly'],
    ['ESOCKET', 'read ECONNRESET'],
    ['ETIMEDOUT', 'Timeout'],
    ['EDNS', 'getaddrinfo ENOTFOUND'],
    ['ETLS', 'certificate has expired'],
    ['EPROTOCOL', 'Unexpected Response'],
    ['EABORT', 'Message sending aborted'],
    ['EMESSAGE', 'Message failed'],
  ])('%s is unknown once the mail was handed over, else retry', (code, message) => {
    const error = Object.assign(new Error(message), { code, command: 'CONN' });
    expect(judge(error, false)).toMatchObject({ outcome: 'retry', code });
    expect(judge(error, true)).toMatchObject({ outcome: 'unknown', code });
  });

  it.each([
    [reply('AUTH PLAIN', '535 5.7.8 no', 'EAUTH'), 'misconfigured'],
    [reply('AUTH PLAIN', '454 4.7.0 temporary failure', 'EAUTH'), 'retry'],
    [Object.assign(new Error('Missing credentials for "PLAIN"'), { code: 'EAUTH' }), 'misconfigured'],
    [Object.assign(new Error('connect ECONNREFUSED'), { code: 'EAUTH', originalCode: 'EFETCH' }), 'retry'],
    [Object.assign(new Error('REQUIRETLS not supported'), { code: 'EREQUIRETLS' }), 'misconfigured'],
    [reply('STARTTLS', '502 5.5.1 not implemented', 'ETLS'), 'misconfigured'],
    [Object.assign(new Error('File access rejected'), { code: 'EFILEACCESS' }), 'rejected'],
    [Object.assign(new Error('Invalid recipient'), { code: 'EENVELOPE', command: 'API' }), 'rejected'],
    [new Error('who knows'), 'retry'],
    ['no error at all', 'retry'],
    [undefined, 'retry'],
  ])('reads %s as %s', (error, outcome) => {
    expect(judge(error)).toMatchObject({ outcome });
  });

  it.each([
    ['450 4.7.1 Greylisted, see http://example.org', { afterMs: 300_000 }],
    ['450 4.2.0 Greylisting in action, please come back in 120 seconds', { afterMs: 120_000 }],
    ['451 4.7.1 graylisted, retry after 5 minutes', { afterMs: 300_000 }],
    ['450 4.7.1 wait 99999 seconds', { afterMs: 3_600_000 }],
    ['454 4.7.0 Throttling failure: Maximum sending rate exceeded', { lane: { pauseMs: 5_000 } }],
    ['421 4.7.0 Too many connections, try again later', { lane: { pauseMs: 5_000 } }],
  ])('waits as told: %s', (response, wait) => {
    expect(judge(reply('RCPT TO', response))).toMatchObject(wait);
  });

  it('does not wait where nothing was said', () => {
    const outcome = judge(reply('DATA', '451 4.3.0 local error'));
    expect(outcome).not.toHaveProperty('afterMs');
    expect(outcome).not.toHaveProperty('lane');
  });

  it("goes by the recipient's own reply when all were refused", () => {
    const error = Object.assign(reply('RCPT TO', '451 4.3.0 later'), {
      rejectedErrors: [reply('RCPT TO', '550 5.1.1 unknown'), reply('RCPT TO', '451 4.3.0 later')],
    });
    expect(judge(error)).toMatchObject({
      outcome: 'badAddress',
      refusedCopies: { count: 1, reason: '451 4.3.0 later' },
    });
  });

  it('shows neither addresses nor credentials', () => {
    const outcome = judge(
      reply(
        'RCPT TO',
        '550 5.1.1 <Jane.Doe@EXAMPLE.com>: mailer/hunter22 says jane.doe is unknown, ask other@example.org',
      ),
    );
    expect(outcome).toMatchObject({
      outcome: 'badAddress',
      reason: '550 5.1.1 <[address]>: [secret]/[secret] says [address] is unknown, ask [address]',
    });
  });

  it('keeps the reason short and on one line, however long the reply', () => {
    const outcome = judge(reply('DATA', `554 ${'a'.repeat(1_000_000)}@\r\n\u2028x`)) as { reason: string };
    expect(outcome.reason.length).toBeLessThanOrEqual(300);
    expect(outcome.reason).not.toMatch(/[\r\n\u2028]/);
  });

  it('names each reply to copies once', () => {
    const errors = [
      reply('RCPT TO', '550 5.1.1 <copy@example.net> unknown'),
      reply('RCPT TO', '550 5.1.1 <x@example.net> unknown'),
    ];
    expect(refusedCopies(errors, hide)).toEqual({ count: 2, reason: '550 5.1.1 <[address]> unknown' });
  });
});
