/** Something that is listed by a key. */
export interface Listed {
  /** Its place: compared code unit by code unit, unique in its list. */
  readonly listKey: string;
}

/** An array in order of keys. Adding at the end, which is what new rows do, costs nothing. */
export class SortedList<Item extends Listed> {
  readonly #items: Item[] = [];

  get size(): number {
    return this.#items.length;
  }

  at(index: number): Item | undefined {
    return this.#items[index];
  }

  add(item: Item): void {
    const last = this.#items.at(-1);
    if (last === undefined || last.listKey < item.listKey) this.#items.push(item);
    else this.#items.splice(this.indexOf(item.listKey), 0, item);
  }

  remove(item: Item): void {
    const index = this.indexOf(item.listKey);
    if (this.#items[index] === item) this.#items.splice(index, 1);
  }

  /** Index of the first item whose key is not below `key`. */
  indexOf(key: string): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#items[middle] as Item).listKey < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
