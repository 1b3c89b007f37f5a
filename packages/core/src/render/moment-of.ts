import { HelperFault } from './helper-fault.ts';

/** A point in time, or a calendar date that no time zone may shift. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly dateOnly: boolean;
}

const iso =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:[Zz]|([+-])(\d\d):?(\d\d))?)?$/;

// Beyond this no Date exists.
const mostMilliseconds = 8.64e15;

function fromText(text: string): Moment | undefined {
  const match = iso.exec(text.trim());
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as number[];
  const local = new Date(0);
  local.setUTCFullYear(year as number, (month as number) - 1, day);
  const exact = local.getUTCMonth() === (month as number) - 1 && local.getUTCDate() === day;
  if (!exact || (hour as number) > 23 || (minute as number) > 59 || (second as number) > 59) return undefined;
  const milliseconds = match[7] === undefined ? 0 : Math.floor(Number(`0.${match[7]}`) * 1000);
  local.setUTCHours(hour as number, minute, second, milliseconds);
  const offset = (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0)) * 60_000;
  return { time: local.getTime() - (match[8] === '-' ? -offset : offset), dateOnly: match[4] === undefined };
}

/**
 * The moment a value stands for: a Date, milliseconds since 1970, an ISO 8601 text, or `"now"`. A text without an offset is
 * in UTC, so that the result never depends on the machine.
 */
export function momentOf(value: unknown, now: () => number): Moment {
  let moment: Moment | undefined;
  if (value instanceof Date) moment = { time: Date.prototype.getTime.call(value), dateOnly: false };
  else if (typeof value === 'number') moment = { time: value, dateOnly: false };
  else if (value === 'now') moment = { time: now(), dateOnly: false };
  else if (typeof value === 'string') moment = fromText(value);
  if (moment === undefined || !(Math.abs(moment.time) <= mostMilliseconds)) {
    throw new HelperFault(
      'the value is not a date; pass a Date, milliseconds, or ISO 8601 text such as "2024-03-07T10:00:00Z"',
    );
  }
  return moment;
}
