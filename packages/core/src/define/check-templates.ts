import type { Channel } from '../spec/channel.ts';
import { isPlainObject, listed, refuse } from './check-options.ts';
import { isTemplateFiles } from './template-files.ts';
import type { AnyByLanguage, AnyTemplates } from './templates.ts';

const language = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/;

/** Checks templates written in code and returns them frozen, without fields that are undefined. Folders are left alone. */
export function checkTemplates(
  owner: string,
  path: string,
  value: unknown,
  channels: Readonly<Record<string, Channel>>,
): AnyTemplates {
  if (!isPlainObject(value)) refuse(owner, path, 'must be an object: by channel, language and field');
  const checked: Record<string, AnyByLanguage> = {};
  for (const [name, templates] of Object.entries(value)) {
    if (templates === undefined) continue;
    const channel = Object.hasOwn(channels, name) ? channels[name] : undefined;
    if (!channel) {
      const how = 'a channel of your own comes from withChannels(…)';
      refuse(owner, `${path}.${name}`, `is no channel; there are ${listed(Object.keys(channels))}; ${how}`);
    }
    checked[name] = isTemplateFiles(templates)
      ? templates
      : checkLanguages(owner, `${path}.${name}`, templates, channel);
  }
  if (Object.keys(checked).length === 0) refuse(owner, path, 'must have templates for one channel or more');
  return Object.freeze(checked);
}

function checkLanguages(owner: string, path: string, value: unknown, channel: Channel): AnyByLanguage {
  if (!isPlainObject(value)) refuse(owner, path, 'must be an object by language, or templateFiles(…)');
  const checked: Record<string, Readonly<Record<string, unknown>>> = {};
  for (const [name, fields] of Object.entries(value)) {
    const at = `${path}.${name}`;
    if (!language.test(name)) refuse(owner, at, `is no language; it must be like 'en' or 'sv-SE'`);
    if (!isPlainObject(fields)) refuse(owner, at, 'must be an object of fields');
    const present = Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined));
    checkFields(owner, at, present, channel);
    checked[name] = Object.freeze(present);
  }
  if (Object.keys(checked).length === 0) refuse(owner, path, 'must have a language');
  return Object.freeze(checked);
}

/**
 * Finds missing and unknown fields by showing the channel's schema the template's outline: texts and functions as short
 * words, so that what it says about the text itself (too long, no address) does not count yet.
 */
export function checkFields(
  owner: string,
  path: string,
  fields: Readonly<Record<string, unknown>>,
  channel: Channel,
): void {
  const outline = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      typeof field === 'object' || typeof field === 'boolean' || typeof field === 'number' ? field : 'x',
    ]),
  );
  const result = channel.template['~standard'].validate(outline);
  if (result instanceof Promise) {
    result.catch(() => undefined);
    refuse(owner, path, `cannot be checked: the template schema of ${channel.name} is asynchronous`);
  }
  if (result.issues === undefined) {
    const kept = result.value;
    if (!isPlainObject(kept)) return;
    for (const name of Object.keys(fields)) {
      if (!Object.hasOwn(kept, name)) refuse(owner, `${path}.${name}`, `is no field of ${channel.name}`);
    }
    return;
  }
  for (const issue of result.issues) {
    const first = issue.path?.[0];
    const name = typeof first === 'object' ? first.key : first;
    if (name === undefined) refuse(owner, path, `does not fit ${channel.name}: ${issue.message.replace(/\.$/, '')}`);
    if (!Object.hasOwn(fields, name)) {
      refuse(
        owner,
        `${path}.${String(name)}`,
        `is missing: ${channel.name} needs it (${issue.message.replace(/\.$/, '')})`,
      );
    }
  }
}
