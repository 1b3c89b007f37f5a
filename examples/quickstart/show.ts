import { styleText } from 'node:util';
import type { MessageTrace } from '@tidings/core';
import type { ParsedMail } from 'mailparser';

/** One thing that was refused or failed, and why. */
export interface Refusal {
  readonly what: string;
  readonly code: string;
  readonly message: string;
}

export function showMail(mail: ParsedMail): void {
  heading('One message as received');
  const to = [mail.to ?? []].flat().map(({ text }) => text);
  field('From', mail.from?.text);
  field('To', to.join(', '));
  field('Subject', mail.subject);
  field('Date', mail.date?.toUTCString());
  field('Message-ID', mail.messageId);
  field('Language', mail.headers.get('content-language'));
  field('Parts', `text ${mail.text?.length ?? 0}, HTML ${mail.html ? mail.html.length : 0} characters; the text:`);
  console.log(`\n${(mail.text ?? '').trim().replace(/^(?=.)/gm, '    ')}`);
}

export function showTrace(title: string, trace: MessageTrace): void {
  heading(title);
  field('Message', trace.id);
  field('Event', `${trace.event}, by ${trace.channel} in ${trace.language}`);
  field('Status', trace.status);
  field('Routing', JSON.stringify(trace.routing));
  console.log();
  for (const { at, event, ...facts } of trace.timeline) {
    const after = `+${at.getTime() - trace.createdAt.getTime()} ms`;
    const details = Object.entries(facts).map(([name, value]) => `${name} ${String(value)}`);
    console.log(`    ${at.toISOString()} ${after.padStart(9)}  ${event.padEnd(9)}${details.join(', ')}`.trimEnd());
  }
}

/** By code: how many, the first of them, and what was said of the first. */
export function showRefusals(title: string, refusals: readonly Refusal[]): void {
  if (refusals.length === 0) return;
  heading(title);
  for (const code of new Set(refusals.map((refusal) => refusal.code))) {
    const all = refusals.filter((refusal) => refusal.code === code);
    const names = all.slice(0, 3).map(({ what }) => what);
    const more = all.length > 3 ? ` and ${all.length - 3} more` : '';
    console.log(`  ${String(all.length).padStart(3)} × ${code}: ${names.join(', ')}${more}`);
    console.log(`      “${all[0]?.message}”`);
  }
}

function heading(text: string): void {
  console.log(`\n${styleText('bold', text)}`);
}

function field(name: string, value: unknown): void {
  console.log(`  ${`${name}:`.padEnd(12)}${String(value)}`);
}
