import { describe, expect, it } from 'vitest';
import { appendOtp } from './append-otp.ts';

const domain = 'example.com';

function append(text: string, payload: Record<string, unknown>, host: string | undefined = domain): string {
  return appendOtp(text, { domain: host, payload });
}

describe('appendOtp', () => {
  it.each(['otp', 'code', 'verificationCode', 'verification_code', 'pin', 'token', 'oneTimeCode', 'one_time_code'])(
    'takes the code from %s',
    (name) => {
      expect(append('Your code is 123456.', { [name]: '123456' })).toBe('Your code is 123456.\n\n@example.com #123456');
      expect(append('Your code is 123456.\n', { [name]: 123456 })).toBe('Your code is 123456.\n\n@example.com #123456');
    },
  );

  it('knows a code that is shown in groups', () => {
    expect(append('Code: 123 456', { code: '123456' })).toMatch(/#123456$/);
    expect(append('Code: 123-456', { code: '123456' })).toMatch(/#123456$/);
  });

  it.each([
    ['a coupon', 'Use SUMMER25', { code: 'SUMMER25' }],
    ['a number that is not shown', 'Your parcel is here', { code: '4021' }],
    ['a long token', 'x', { token: 'eyJhbGciOiJIUzI1NiJ9' }],
    ['a word', 'x', { otp: 'hello' }],
    ['a short one', 'x', { otp: '123' }],
    ['white space', 'x', { otp: '12 34 56' }],
    ['a line break', 'x', { otp: '1234\n#5' }],
    ['a fraction', 'x', { otp: 1234.5 }],
    ['a negative number', 'x', { otp: -12345 }],
    ['an object', 'x', { otp: { toString: () => '123456' } }],
    ['a function', 'x', { otp: () => '123456' }],
    ['nothing', 'x', {}],
  ])('leaves %s alone', (_, text, payload) => {
    expect(append(text, payload)).toBe(text);
  });

  it('ignores inherited codes', () => {
    expect(append('x', Object.create({ otp: '123456' }))).toBe('x');
    expect(appendOtp('x', { domain, payload: undefined })).toBe('x');
  });

  it('is not added twice', () => {
    const once = append('Your code is 123456.', { otp: '123456' });
    expect(append(once, { otp: '123456' })).toBe(once);
    expect(append('Hi\r\n@other.example #999999\r\n', { otp: '123456' })).toBe('Hi\r\n@other.example #999999\r\n');
  });

  it('stands alone when there is no text', () => {
    expect(append('', { otp: 'A1B2' })).toBe('@example.com #A1B2');
  });

  it.each(['', 'https://example.com', 'example.com/x', 'a b', 'x\n@evil.com', '-a.com', 'a..b'])(
    'needs a host name, not %j',
    (host) => {
      expect(append('x', { otp: '123456' }, host)).toBe('x');
      expect(appendOtp('x', { domain: undefined, payload: { otp: '123456' } })).toBe('x');
    },
  );
});
