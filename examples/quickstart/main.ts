// Sends `welcome` to everyone in contacts.csv through a real SMTP server, and shows what became of it.
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openEngine } from './engine.ts';
import { startMailServer } from './mail-server.ts';
import { showProgress } from './progress.ts';
import { readContacts } from './read-contacts.ts';
import { sendWelcome } from './send-welcome.ts';
import { showMail, showRefusals, showTrace } from './show.ts';

const { values } = parseArgs({
  options: {
    /** The SQLite file. */
    database: { type: 'string', default: fileURLToPath(new URL('./tidings.db', import.meta.url)) },
    /** Only so many rows. Default: all. */
    limit: { type: 'string' },
  },
});
if (values.limit !== undefined && !/^[1-9]\d*$/.test(values.limit)) {
  throw new Error(`--limit must be a whole number from 1, not ${values.limit}.`);
}

const contacts = readContacts(new URL('./contacts.csv', import.meta.url)).slice(0, Number(values.limit ?? Infinity));
const database = relative('', values.database);
const server = await startMailServer();
const engine = openEngine(values.database, server.port);
console.log(`${contacts.length} contacts · SMTP server on 127.0.0.1:${server.port} · database ${database}`);

const run = await sendWelcome(engine, contacts, showProgress(contacts.length));
const mails = await server.mails();

const [mail] = mails;
if (mail) {
  showMail(mail);
  // the tag is the message's id and the number of the attempt
  const [id = ''] = String(mail.headers.get('x-tidings-tag')).split('.');
  showTrace('Its trace', await engine.messages.trace(id));
} else {
  const { items } = await engine.messages.list({ event: 'welcome', status: 'sent', limit: 1 });
  if (items[0]) showTrace('The trace of a message sent by an earlier run', await engine.messages.trace(items[0].id));
}
showRefusals('Failed', run.failed);
showRefusals('Rejected', run.rejected);
const queued = await engine.messages.list({ status: 'queued', limit: 1, total: true });

await engine.stop();
await server.close();

console.log(`\nThe database stays; delete it to start over. To look into it:`);
console.log(`  sqlite3 ${database} 'SELECT address, language, timeline FROM tidings_messages LIMIT 3'`);
if (queued.total) console.log(`${queued.total} messages are still queued and go out with the next run.`);
if (run.repeated > 0) {
  const left = run.sent > run.accepted ? ' What it had left undelivered went out now.' : '';
  console.log(
    `An earlier run accepted ${run.repeated}; their idempotency keys are known: nothing goes out twice.${left}`,
  );
}
for (const error of run.errors) console.error(error);
if (run.sent !== mails.length || run.errors.length > 0) process.exitCode = 1;

const counts = { accepted: run.accepted, sent: run.sent, failed: run.failed.length, rejected: run.rejected.length };
console.log(
  Object.entries({ ...counts, received: mails.length })
    .map(([name, count]) => `${name} ${count}`)
    .join(' · '),
);
