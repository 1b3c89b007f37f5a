import { defineEvent } from '@tidings/core';
import { z } from 'zod';

const payload = z.object({ number: z.number(), secret: z.string() });

/** `notice` makes one message; `alert` one for each device, and so a notification of several messages. */
export const events = {
  notice: defineEvent({
    payload,
    templates: { email: { en: { subject: 'Notice {{number}}', text: 'Dear {{name}}: {{secret}}' } } },
  }),
  alert: defineEvent({
    payload,
    templates: { push: { en: { title: 'Alert {{number}}', body: 'Dear {{name}}: {{secret}}' } } },
  }),
};
