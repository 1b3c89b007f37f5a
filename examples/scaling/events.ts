import { defineEvent } from '@tidings/core';
import { z } from 'zod';

export const welcome = defineEvent({
  payload: z.object({ plan: z.string() }),
  templates: {
    email: {
      en: {
        subject: 'Welcome to Larkspur Tea',
        text: 'Hello {{contact.name | "there"}}, your plan is {{payload.plan}}.',
      },
    },
  },
});
