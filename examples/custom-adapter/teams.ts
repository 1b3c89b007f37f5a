import { defineChannel, withChannels } from '@tidings/core';
import { z } from 'zod';

/** The medium: a contact has a `teamsRoom`, a message a title and a text. */
export const teams = defineChannel({
  name: 'teams',
  address: 'teamsRoom',
  template: z.object({ title: z.string(), text: z.string() }),
  limits: { title: 250, text: 28_000 },
});

/** Defines events that may use it, besides the built-in channels. */
export const { defineEvent } = withChannels(teams);
