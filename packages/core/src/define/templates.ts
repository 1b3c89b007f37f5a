import type { Channel } from '../spec/channel.ts';
import type { Contact } from '../spec/contact.ts';
import type { TemplateFiles } from './template-files.ts';

/** What a digest step collected. */
export interface DigestOutcome<Payload> {
  /** The payloads, oldest first. */
  readonly items: readonly Payload[];
  readonly count: number;
  /** When the first came. */
  readonly since: Date;
}

/** What a template written as a function gets. */
export interface RenderContext<Payload> {
  readonly payload: Payload;
  readonly contact: Contact;
  /** The language chosen. */
  readonly language: string;
  /** After a digest step. */
  readonly digest?: DigestOutcome<Payload>;
}

/** One field of a template: a Handlebars string (or the field's own type), or a function (React Email, MJML, …). */
export type TemplateField<Value, Payload> =
  | Value
  | ((context: RenderContext<Payload>) => NonNullable<Value> | Promise<NonNullable<Value>>);

/** The fields of one channel in one language. */
export type TemplateFields<Fields, Payload> = { readonly [F in keyof Fields]: TemplateField<Fields[F], Payload> };

/** The templates of one channel: by language, or read from a folder. */
export type ByLanguage<Fields, Payload> =
  | { readonly [language: string]: TemplateFields<Fields, Payload> }
  | TemplateFiles;

/** The fields a template of this channel is written with. */
export type FieldsOf<Channels, K extends keyof Channels> =
  Channels[K] extends Channel<infer T> ? (T extends { written: { template: infer F } } ? F : T['template']) : never;

/** The overrides a send may give for this channel. */
export type OverridesOf<Channels, K extends keyof Channels> =
  Channels[K] extends Channel<infer T> ? (T extends { written: { overrides: infer O } } ? O : T['overrides']) : never;

/** Templates for some of the channels. */
export type Templates<Channels, Payload> = {
  readonly [K in keyof Channels]?: ByLanguage<FieldsOf<Channels, K>, Payload>;
};

/** Templates without their types, as an event definition carries them: by channel. */
export type AnyTemplates = Readonly<Record<string, AnyByLanguage>>;
/** One channel's templates without their types: by language and field, or a folder. */
export type AnyByLanguage = TemplateFiles | Readonly<Record<string, Readonly<Record<string, unknown>>>>;
