import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineChannel } from './define-channel.ts';
import { loadTemplates } from './load-templates.ts';
import { loadTemplateFiles, templateFiles } from './template-files.ts';
import { withChannels } from './with-channels.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-templates-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

test('channel, language and field from the name; what follows is for the editor', () => {
  write({
    'email.en.subject.txt': 'Hello\n',
    'email.en.html': '<p>Hi</p>\r\n',
    'email.en.text': 'Hi\n\n',
    'email.sv-SE.subject.hbs': '\uFEFFHej',
    'email.sv-SE.html.html': '',
    'sms.en.text': 'other channel',
    '.DS_Store': 'x',
  });
  const expected = {
    en: { subject: 'Hello', html: '<p>Hi</p>', text: 'Hi\n' },
    'sv-SE': { subject: 'Hej', html: '' },
  };
  expect(loadTemplateFiles(templateFiles(folder), 'email', ['email', 'sms'])).toEqual(expected);
  expect(loadTemplateFiles(templateFiles(pathToFileURL(folder)), 'email', ['email', 'sms'])).toEqual(expected);
});

describe('refusals', () => {
  const none =
    'is no template file; the name must be <channel>.<language>.<field>, with .txt, .hbs or .html behind it or not, the channel one of';
  const such = 'such as email.en.subject.txt or email.en.html.';
  test.each([
    'emial.en.subject.txt',
    'sms.en.text',
    'email.en',
    'email.html',
    'email.en.subject.md',
    'email.en.subject.txt.bak',
    'email.e.subject',
    'README.md',
  ])('a file %s', (name) => {
    write({ 'email.en.subject': 'x', [name]: 'x' });
    expect(() => loadTemplateFiles(templateFiles(folder), 'email')).toThrow(
      `templateFiles: ${join(folder, name)} ${none} email, ${such}`,
    );
  });

  test('a folder inside', () => {
    mkdirSync(join(folder, 'email.en.subject'));
    expect(() => loadTemplateFiles(templateFiles(folder), 'email')).toThrow('is no template file');
  });

  test('the channels that may share the folder are named', () => {
    write({ 'push.en.title': 'x' });
    expect(() => loadTemplateFiles(templateFiles(folder), 'sms', ['sms', 'email'])).toThrow(
      `${none} sms, email, such as sms.en.text.txt.`,
    );
  });

  test('a field twice', () => {
    write({ 'email.en.subject': 'x', 'email.en.subject.txt': 'y' });
    expect(() => loadTemplateFiles(templateFiles(folder), 'email')).toThrow(
      `templateFiles: ${join(folder, 'email.en.subject.txt')} gives en.subject a second time.`,
    );
  });

  test('nothing for the channel', () => {
    write({ 'sms.en.text': 'x' });
    expect(() => loadTemplateFiles(templateFiles(folder), 'email', ['email', 'sms'])).toThrow(
      `templateFiles: ${folder} has no file for email; one is called email.<language>.<field>, such as email.en.subject.txt or email.en.html.`,
    );
  });

  test('no folder', () => {
    const missing = join(folder, 'missing');
    expect(() => loadTemplateFiles(templateFiles(missing), 'email')).toThrow(
      `templateFiles: ${missing} cannot be read as a folder.`,
    );
  });

  test.each(['', 42, new URL('https://example.com/'), undefined])('the folder %s', (value) => {
    expect(() => templateFiles(value as never)).toThrow('templateFiles: folder must be a path or a file: URL.');
  });
});

describe('loadTemplates', () => {
  const one = defineChannel({ name: 'one', address: 'oneId', template: z.object({ body: z.string() }) });
  const two = defineChannel({ name: 'two', address: 'twoId', template: z.object({ body: z.string() }) });
  const { defineEvent } = withChannels(one, two);

  test('reads folders, shared or not, and leaves the rest', () => {
    write({ 'one.en.body': '1', 'two.sv.body': '2' });
    const body = () => 'x';
    const event = defineEvent({
      templates: {
        one: templateFiles(folder),
        two: templateFiles(pathToFileURL(`${folder}/`)),
        sms: { en: { text: body } },
      },
    });
    expect(loadTemplates('x', event.templates, event.channels)).toEqual({
      one: { en: { body: '1' } },
      two: { sv: { body: '2' } },
      sms: { en: { text: body } },
    });
  });

  test('a file for a field the channel does not have, or one that is missing', () => {
    write({ 'one.en.body': '1', 'one.en.bdy': '1' });
    const event = defineEvent({ templates: { one: templateFiles(folder) } });
    expect(() => loadTemplates('x', event.templates, event.channels)).toThrow(
      'event "x": templates.one.en.bdy is no field of one.',
    );
    rmSync(join(folder, 'one.en.body'));
    expect(() => loadTemplates('x', event.templates, event.channels)).toThrow(
      'event "x": templates.one.en.body is missing: one needs it',
    );
  });
});
