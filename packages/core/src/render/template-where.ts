/** Where a template belongs; every template error names all four. */
export interface TemplateWhere {
  /** Name of the event. */
  readonly event: string;
  /** Name of the channel, such as `email`. */
  readonly channel: string;
  /** Language tag of the chosen template, such as `en`. */
  readonly language: string;
  /** Field of the channel's content, such as `subject` or `html`. */
  readonly field: string;
}
