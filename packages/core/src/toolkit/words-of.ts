/** What was thrown, in words, whatever it is: nothing that code of others throws may throw once more when it is read. */
export function wordsOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    return 'something that cannot be read was thrown';
  }
}
