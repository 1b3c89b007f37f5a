/** Resolves in the next turn of the event loop, so that whatever else happens in this one is done first. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
