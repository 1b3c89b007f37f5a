import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TidingsError } from '../spec/errors.ts';
import { listed, refuse } from './check-options.ts';

/** The templates of one channel, read from a folder when the engine is created. Made by {@link templateFiles}. */
export interface TemplateFiles {
  readonly '~files': URL | string;
}

/** What a file's name may end with, for the sake of editors; the content is a Handlebars text either way. */
const extensions: readonly string[] = ['txt', 'hbs', 'html'];
const language = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/;

/**
 * The templates of a whole channel, read from a folder when the engine is created. A file holds one field and is called
 * `<channel>.<language>.<field>`, with `.txt`, `.hbs` or `.html` behind it or not: `email.en.subject.txt`,
 * `email.en.html`, `email.sv-SE.text.txt`, `sms.en.text`. Several channels may share a folder. One line break at the end
 * of a file is not part of the text; names that begin with a dot are passed over; any other file fails the creation.
 *
 * @param folder A `file:` URL, such as `new URL('./templates/welcome/', import.meta.url)`, or a path, relative to the
 * working directory.
 * @throws TidingsError `CONFIGURATION_INVALID` for anything else.
 *
 * @example
 * defineEvent({ templates: { email: templateFiles(here), sms: templateFiles(here) } });
 */
export function templateFiles(folder: URL | string): TemplateFiles {
  const fits = folder instanceof URL ? folder.protocol === 'file:' : typeof folder === 'string' && folder !== '';
  if (!fits) refuse('templateFiles', 'folder', 'must be a path or a file: URL');
  return Object.freeze({ '~files': folder });
}

/** Whether a channel's templates are in a folder. */
export function isTemplateFiles(value: unknown): value is TemplateFiles {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, '~files');
}

/**
 * Reads one channel's templates: by language, then field.
 *
 * @param sharing The channels whose files may be in the folder, this one among them.
 * @throws TidingsError `CONFIGURATION_INVALID` when the folder cannot be read, has no file of the channel, or has a file
 * that is nobody's or comes twice.
 */
export function loadTemplateFiles(
  files: TemplateFiles,
  channel: string,
  sharing: readonly string[] = [channel],
): Record<string, Record<string, string>> {
  const folder = files['~files'] instanceof URL ? fileURLToPath(files['~files']) : files['~files'];
  const languages: Record<string, Record<string, string>> = {};
  for (const entry of entriesOf(folder)) {
    if (entry.name.startsWith('.')) continue;
    const name = parseName(entry.name);
    if (entry.isDirectory() || name === undefined || !sharing.includes(name.channel)) {
      refuseFile(folder, entry.name, sharing);
    }
    if (name.channel !== channel) continue;
    languages[name.language] ??= {};
    const fields = languages[name.language] as Record<string, string>;
    if (Object.hasOwn(fields, name.field)) {
      refuse('templateFiles', join(folder, entry.name), `gives ${name.language}.${name.field} a second time`);
    }
    fields[name.field] = readFileSync(join(folder, entry.name), 'utf8')
      .replace(/^\uFEFF/, '')
      .replace(/\r?\n$/, '');
  }
  if (Object.keys(languages).length === 0) {
    refuse(
      'templateFiles',
      folder,
      `has no file for ${channel}; one is called ${channel}.<language>.<field>, such as ${example(channel)}`,
    );
  }
  return languages;
}

function parseName(name: string): { channel: string; language: string; field: string } | undefined {
  const [channel = '', lang = '', field = '', extension, ...more] = name.split('.');
  if (more.length > 0 || channel === '' || !language.test(lang) || !/^[A-Za-z]\w*$/.test(field)) return undefined;
  if (extension !== undefined && !extensions.includes(extension)) return undefined;
  return { channel, language: lang, field };
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    throw new TidingsError('CONFIGURATION_INVALID', `templateFiles: ${folder} cannot be read as a folder.`, {
      path: folder,
      cause,
    });
  }
}

function refuseFile(folder: string, name: string, sharing: readonly string[]): never {
  const form = '<channel>.<language>.<field>, with .txt, .hbs or .html behind it or not';
  const problem = `is no template file; the name must be ${form}, the channel one of ${listed(sharing)}`;
  refuse('templateFiles', join(folder, name), `${problem}, such as ${example(sharing[0] as string)}`);
}

function example(channel: string): string {
  return channel === 'email' ? 'email.en.subject.txt or email.en.html' : `${channel}.en.text.txt`;
}
