import type { ErrorCode, SuppressionReason } from '../spec/index.ts';

/** What routing needs to know about one channel for one recipient. */
export interface ChannelOption {
  readonly channel: string;
  /** The recipient's addresses on it, each with what suppresses it. */
  readonly addresses: readonly RouteAddress[];
  /** The template language chosen, or null when no usable one exists; undefined when the event has no template for it. */
  readonly language: string | null | undefined;
  /** Name of the adapter it would go by; undefined when there is none. */
  readonly adapter: string | undefined;
  /** Why the sender cannot be used; undefined when it can. */
  readonly senderProblem: string | undefined;
  /** Adapters left out for want of a sender. */
  readonly passedOver: readonly { readonly adapter: string; readonly why: string }[];
}

/** An address on a channel. */
export interface RouteAddress {
  readonly address: string;
  readonly hash: Uint8Array;
  readonly suppressed: SuppressionReason | undefined;
}

/** A channel that was looked at, and what came of it; kept with the message as the routing decision. */
export interface RouteStep {
  readonly channel: string;
  readonly result: 'chosen' | 'suppressed' | 'skipped';
  /** A code and a sentence when it was skipped or suppressed. */
  readonly code?: ErrorCode | 'SUPPRESSED';
  readonly why?: string;
  /** Adapters of the channel left out, and why. */
  readonly passedOver?: ChannelOption['passedOver'];
}

/** Where a step goes. */
export type Route =
  | {
      readonly kind: 'send';
      readonly option: ChannelOption;
      /** Addresses to send to: those not suppressed. */
      readonly addresses: readonly RouteAddress[];
      readonly steps: readonly RouteStep[];
    }
  | {
      readonly kind: 'suppressed';
      readonly option: ChannelOption;
      readonly address: RouteAddress;
      readonly reason: SuppressionReason;
      readonly steps: readonly RouteStep[];
    }
  | { readonly kind: 'none'; readonly code: ErrorCode; readonly why: string; readonly steps: readonly RouteStep[] };

// The further a channel came, the more its reason says about what to mend.
const progress: readonly ErrorCode[] = [
  'MISSING_IDENTIFIER',
  'TEMPLATE_MISSING',
  'INTEGRATION_MISSING',
  'UNVERIFIED_SENDER',
];

/**
 * Picks the first channel, in order, that can reach the recipient: address, template, adapter, verified sender. Consent
 * and complaint stop at their channel; an address known to be dead counts as none, and when that leaves no channel at
 * all the first such one is suppressed. `none` names every channel tried and why, under the code of the channel that
 * came furthest.
 */
export function routing(options: readonly ChannelOption[], many = 'contact'): Route {
  const steps: RouteStep[] = [];
  let dead: { option: ChannelOption; address: RouteAddress; reason: SuppressionReason } | undefined;
  for (const option of options) {
    const obstacle = firstObstacle(option, many);
    if (obstacle) {
      steps.push({ channel: option.channel, result: 'skipped', ...obstacle });
      continue;
    }
    const alive = option.addresses.filter((address) => address.suppressed === undefined);
    if (alive.length > 0) {
      const { channel, passedOver } = option;
      steps.push({ channel, result: 'chosen', ...(passedOver.length > 0 ? { passedOver } : {}) });
      return { kind: 'send', option, addresses: alive, steps };
    }
    const refused = option.addresses.find((address) => address.suppressed && !isDead(address.suppressed));
    if (refused?.suppressed) {
      steps.push({ channel: option.channel, result: 'suppressed', code: 'SUPPRESSED', why: refused.suppressed });
      return { kind: 'suppressed', option, address: refused, reason: refused.suppressed, steps };
    }
    const first = option.addresses[0];
    if (first?.suppressed) {
      dead ??= { option, address: first, reason: first.suppressed };
      steps.push({ channel: option.channel, result: 'skipped', code: 'SUPPRESSED', why: first.suppressed });
    }
  }
  if (dead) return { kind: 'suppressed', ...dead, steps };
  return { kind: 'none', ...refusal(steps), steps };
}

/** A dead address counts as no address; the other reasons are the person's or the host's will. */
function isDead(reason: SuppressionReason): boolean {
  return reason === 'bounced' || reason === 'invalid';
}

function firstObstacle(option: ChannelOption, whom: string): { code: ErrorCode; why: string } | undefined {
  if (option.addresses.length === 0) return { code: 'MISSING_IDENTIFIER', why: `the ${whom} has no address for it` };
  if (option.language === undefined) return { code: 'TEMPLATE_MISSING', why: 'the event has no template for it' };
  if (option.language === null) return { code: 'TEMPLATE_MISSING', why: 'its template has no usable language' };
  if (option.adapter === undefined) return { code: 'INTEGRATION_MISSING', why: 'no adapter is configured for it' };
  if (option.senderProblem !== undefined) return { code: 'UNVERIFIED_SENDER', why: option.senderProblem };
  return undefined;
}

function refusal(steps: readonly RouteStep[]): { code: ErrorCode; why: string } {
  let code: ErrorCode = 'MISSING_IDENTIFIER';
  for (const step of steps) {
    if (step.code && progress.indexOf(step.code as ErrorCode) > progress.indexOf(code)) code = step.code as ErrorCode;
  }
  const why = steps.map((step) => `${step.channel}: ${step.why}`).join('; ');
  return { code, why: why === '' ? 'the event has no channel' : why };
}
