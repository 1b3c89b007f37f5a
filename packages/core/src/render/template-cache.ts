/** Keeps what was made of the most recently used texts. */
export class TemplateCache<Value> {
  readonly #most: number;
  readonly #values: Map<string, Value> = new Map();
  #lastKey: string | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value | undefined {
    const value = this.#values.get(key);
    // Moving an entry to the end costs more than looking it up, and the last one is there already.
    if (value !== undefined && key !== this.#lastKey) {
      this.#values.delete(key);
      this.#values.set(key, value);
      this.#lastKey = key;
    }
    return value;
  }

  set(key: string, value: Value): void {
    this.#values.delete(key);
    if (this.#values.size >= this.#most) {
      const oldest = this.#values.keys().next();
      if (oldest.done !== true) this.#values.delete(oldest.value);
    }
    this.#values.set(key, value);
    this.#lastKey = key;
  }
}
