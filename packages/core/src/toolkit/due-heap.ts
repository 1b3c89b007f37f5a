/** Something that falls due, and where it stands in its heap. */
export interface DueItem {
  /** When it falls due, in ms; meaningless outside a heap. */
  dueAt: number;
  /** Decides between two of the same time: the lower first. */
  readonly order: number;
  /** Index in the heap; -1: in none. Written by the heap alone. */
  position: number;
}

/** A binary heap by due time. Every item knows its place, so any of them can be removed in O(log n). */
export class DueHeap<Item extends DueItem> {
  readonly #items: Item[] = [];

  /** How many are in it. */
  get size(): number {
    return this.#items.length;
  }

  /** The one due first. */
  get first(): Item | undefined {
    return this.#items[0];
  }

  add(item: Item): void {
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  remove(item: Item): void {
    const place = item.position;
    const last = this.#items.pop() as Item;
    item.position = -1;
    if (last === item) return;
    this.#rise(last, place);
    if (last.position === place) this.#sink(last, place);
  }

  #rise(item: Item, start: number): void {
    let place = start;
    while (place > 0) {
      const parent = this.#items[(place - 1) >> 1] as Item;
      if (!isBefore(item, parent)) break;
      this.#put(parent, place);
      place = (place - 1) >> 1;
    }
    this.#put(item, place);
  }

  #sink(item: Item, start: number): void {
    const items = this.#items;
    let place = start;
    for (;;) {
      const left = 2 * place + 1;
      let child = items[left];
      if (child === undefined) break;
      let next = left;
      const right = items[left + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        next = left + 1;
      }
      if (!isBefore(child, item)) break;
      this.#put(child, place);
      place = next;
    }
    this.#put(item, place);
  }

  #put(item: Item, place: number): void {
    this.#items[place] = item;
    item.position = place;
  }
}

function isBefore(one: DueItem, other: DueItem): boolean {
  return one.dueAt === other.dueAt ? one.order < other.order : one.dueAt < other.dueAt;
}
