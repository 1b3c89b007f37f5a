import { appendOtp } from '../render/append-otp.ts';
import type { Renderer } from '../render/renderer.ts';

/** Adds what a template may leave out: an e-mail's text part, and the line that lets phones fill in a one-time code. */
export function completeContent(
  content: Record<string, unknown>,
  on: {
    readonly channel: string;
    readonly payload: Readonly<Record<string, unknown>>;
    readonly otpDomain: string | undefined;
    readonly renderer: Renderer;
  },
): void {
  const { html, text } = content;
  if (on.channel === 'email' && typeof html === 'string' && text === undefined) {
    content.text = on.renderer.textFromHtml(html);
  }
  if (on.channel === 'sms' && typeof text === 'string' && on.otpDomain !== undefined) {
    content.text = appendOtp(text, { domain: on.otpDomain, payload: on.payload });
  }
}
