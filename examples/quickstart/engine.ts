import { readFileSync } from 'node:fs';
import { smtp } from '@tidings/adapter-smtp';
import { createEngine, type Engine } from '@tidings/core';
import { sqliteStore } from '@tidings/store-kysely';
import { welcome } from './events.ts';

const events = { welcome };
const template = (file: string): string => readFileSync(new URL(`./templates/${file}`, import.meta.url), 'utf8');

/** The engine, on a SQLite file and the SMTP server of that port. */
export function openEngine(database: string, smtpPort: number): Engine<typeof events> {
  return createEngine({
    store: sqliteStore(database),
    adapters: [smtp({ host: '127.0.0.1', port: smtpPort, from: 'Larkspur Tea <hello@larkspur.example>' })],
    events,
    app: { name: 'Larkspur Tea' },
    brand: { color: '#5a7d4f', site: 'https://larkspur.example' },
    layouts: { default: template('layout.html') },
    partials: { footer: template('partials/footer.html') },
    // `welcome` can go by SMS as well, but nothing here delivers SMS
    missingAdapter: 'skip',
    // so that running this again sends nothing twice, also next week
    idempotency: { keepMs: 365 * 24 * 60 * 60 * 1000 },
  });
}
