import { defineEvent, type EventMap } from '@tidings/core';
import { z } from 'zod';

const payload = z.object({ text: z.string().default('hello') });

/** What simulated engines send. `sms` holds unknown outcomes, the others repeat them. */
export const events: EventMap = {
  note: defineEvent({ payload, templates: { email: { en: { subject: 'Note', text: '{{text}} {{contact.name}}' } } } }),
  text: defineEvent({ payload, templates: { sms: { en: { text: '{{text}}' } } } }),
  either: defineEvent({
    payload,
    route: ['email', 'sms'],
    templates: { email: { en: { subject: 'Note', text: '{{text}}' } }, sms: { en: { text: '{{text}}' } } },
  }),
  push: defineEvent({ payload, templates: { push: { en: { title: 'Note', body: '{{text}}' } } } }),
  poison: defineEvent({ payload, templates: { email: { en: { subject: 'Note', text: '{{explode text}}' } } } }),
  slow: defineEvent({ payload, templates: { telegram: { en: { text: '{{text}}' } } } }),
  brief: defineEvent({ payload, expiresIn: '2 seconds', templates: { telegram: { en: { text: '{{text}}' } } } }),
};
