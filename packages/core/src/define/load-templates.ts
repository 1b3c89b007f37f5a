import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Channel } from '../spec/channel.ts';
import { checkFields } from './check-templates.ts';
import { isTemplateFiles, loadTemplateFiles, type TemplateFiles } from './template-files.ts';
import type { AnyTemplates } from './templates.ts';

/** Templates with nothing left to read: by channel, language and field. A field is a text, a function or plain data. */
export type LoadedTemplates = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

/**
 * Reads the folders among an event's or a step's templates.
 *
 * @param event The event's name, for messages.
 * @throws TidingsError `CONFIGURATION_INVALID` as `loadTemplateFiles`, and for files whose fields the channel does not have.
 */
export function loadTemplates(
  event: string,
  templates: AnyTemplates,
  channels: Readonly<Record<string, Channel>>,
): LoadedTemplates {
  const loaded: Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>> = {};
  for (const [name, byLanguage] of Object.entries(templates)) {
    if (!isTemplateFiles(byLanguage)) {
      loaded[name] = byLanguage;
      continue;
    }
    const sharing = Object.keys(templates).filter((other) => sameFolder(templates[other], byLanguage));
    const languages = loadTemplateFiles(byLanguage, name, sharing);
    for (const [language, fields] of Object.entries(languages)) {
      checkFields(`event "${event}"`, `templates.${name}.${language}`, fields, channels[name] as Channel);
    }
    loaded[name] = languages;
  }
  return loaded;
}

function sameFolder(other: unknown, files: TemplateFiles): boolean {
  return isTemplateFiles(other) && folderOf(other) === folderOf(files);
}

function folderOf(files: TemplateFiles): string {
  const folder = files['~files'];
  return resolve(folder instanceof URL ? fileURLToPath(folder) : folder);
}
