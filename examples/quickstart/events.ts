import { defineEvent, templateFiles } from '@tidings/core';
import { z } from 'zod';

const templates = templateFiles(new URL('./templates/welcome/', import.meta.url));

/** By e-mail to whoever has an address, else by SMS. */
export const welcome = defineEvent({
  payload: z.object({ deliveries: z.number().int().default(1) }),
  category: 'onboarding',
  route: ['email', 'sms'],
  templates: { email: templates, sms: templates },
});
