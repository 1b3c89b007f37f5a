/** Resolves at SIGTERM or SIGINT. A second one ends the process at once, as usual. */
export function untilStopped(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
}
