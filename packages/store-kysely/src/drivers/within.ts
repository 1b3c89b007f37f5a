import { NoAnswer } from '../statement.ts';

/** What a server answers, unless it takes longer than this: then it counts as lost. Null: it may take as long as it likes. */
export async function within<R>(limitMs: number | null, work: Promise<R>): Promise<R> {
  if (limitMs === null) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(noAnswer(limitMs)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The error for a server that was silent for so long. */
export function noAnswer(limitMs: number): NoAnswer {
  return new NoAnswer(`The server did not answer within ${limitMs} ms.`);
}
