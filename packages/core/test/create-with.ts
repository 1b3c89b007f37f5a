import { captureAdapter, createEngine, defineEvent, memoryStore } from '../src/index.ts';

export const email = captureAdapter({ name: 'mailer', channel: 'email' });
export const sms = captureAdapter({ name: 'texter', channel: 'sms' });
export const mail = defineEvent({ templates: { email: { en: { subject: 'Hi', text: 'Hi' } } } });

const good = {
  store: memoryStore(),
  adapters: [email],
  events: { mail },
  senders: [{ channel: 'email', address: 'hello@example.com' }],
};

/** Creates an engine with options that are fine but for those given. */
export const create = (given: object): unknown => createEngine({ ...good, ...given } as never);
