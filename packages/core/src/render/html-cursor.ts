type Mode =
  | 'text'
  | 'open'
  | 'declaration'
  | 'comment'
  | 'tag-name'
  | 'in-tag'
  | 'name'
  | 'after-name'
  | 'before-value'
  | 'value'
  | 'raw';

const urlAttributes = new Set([
  'href',
  'src',
  'action',
  'formaction',
  'xlink:href',
  'background',
  'poster',
  'cite',
  'data',
  'ping',
  'longdesc',
  'lowsrc',
  'dynsrc',
  'manifest',
]);

const rawTags = new Set(['script', 'style', 'title', 'textarea']);
const white = /[\t\n\f\r ]/;

// Stands in a name for what is only known when the template runs.
const unknown = '\0';

/** Follows HTML through the literal parts of a template, far enough to know the attribute a position is in. */
export class HtmlCursor {
  #mode: Mode = 'text';
  #tag = '';
  #name = '';
  #quote = '';
  #tail = '';

  /** Whether the position is inside the value of an attribute that holds a URL, or that may. */
  get inUrl(): boolean {
    return this.#mode === 'value' && (urlAttributes.has(this.#name) || this.#name.includes(unknown));
  }

  clone(): HtmlCursor {
    const copy = new HtmlCursor();
    copy.#mode = this.#mode;
    copy.#tag = this.#tag;
    copy.#name = this.#name;
    copy.#quote = this.#quote;
    copy.#tail = this.#tail;
    return copy;
  }

  /** Something only known when the template runs is written here. */
  dynamic(): void {
    switch (this.#mode) {
      case 'before-value':
        this.#mode = 'value';
        this.#quote = '';
        break;
      case 'open':
        this.#mode = 'tag-name';
        break;
      case 'in-tag':
      case 'after-name':
        this.#mode = 'name';
        this.#name = unknown;
        break;
      case 'name':
        this.#name += unknown;
        break;
      default:
        break;
    }
  }

  feed(character: string): void {
    switch (this.#mode) {
      case 'text':
        if (character === '<') this.#enter('open');
        break;
      case 'open':
        this.#open(character);
        break;
      case 'declaration':
        this.#tail += character;
        if (this.#tail === '--') this.#enter('comment');
        else if (character === '>') this.#enter('text');
        break;
      case 'comment':
        this.#tail = (this.#tail + character).slice(-3);
        if (this.#tail === '-->') this.#enter('text');
        break;
      case 'raw':
        this.#tail = (this.#tail + character).slice(-this.#tag.length - 2).toLowerCase();
        if (this.#tail === `</${this.#tag}`) {
          this.#tag = `/${this.#tag}`;
          this.#enter('in-tag');
        }
        break;
      default:
        this.#inTag(character);
    }
  }

  #open(character: string): void {
    if (character === '!' || character === '?') this.#enter('declaration');
    else if (/[a-z/]/i.test(character)) {
      this.#tag = character.toLowerCase();
      this.#enter('tag-name');
    } else if (character !== '<') this.#enter('text');
  }

  #inTag(character: string): void {
    if (this.#mode === 'value') {
      this.#inValue(character);
    } else if (this.#mode === 'before-value') {
      if (white.test(character)) return;
      if (character === '>') this.#close();
      else {
        const quoted = character === '"' || character === "'";
        this.#quote = quoted ? character : '';
        this.#enter('value');
      }
    } else if (character === '>') this.#close();
    else if (character === '/') {
      if (this.#mode !== 'tag-name' || this.#tag !== '') this.#enter('in-tag');
    } else if (white.test(character)) this.#enter(this.#mode === 'name' ? 'after-name' : this.#afterWhite());
    else if (this.#mode === 'tag-name') this.#tag += character.toLowerCase();
    else if (character === '=' && this.#mode !== 'in-tag') this.#enter('before-value');
    else if (this.#mode === 'name') this.#name += character.toLowerCase();
    else {
      this.#name = character.toLowerCase();
      this.#enter('name');
    }
  }

  #inValue(character: string): void {
    if (this.#quote !== '') {
      if (character === this.#quote) this.#enter('in-tag');
    } else if (white.test(character)) this.#enter('in-tag');
    else if (character === '>') this.#close();
  }

  #afterWhite(): Mode {
    return this.#mode === 'after-name' ? 'after-name' : 'in-tag';
  }

  #close(): void {
    this.#enter(rawTags.has(this.#tag) ? 'raw' : 'text');
  }

  #enter(mode: Mode): void {
    this.#mode = mode;
    this.#tail = '';
  }
}
