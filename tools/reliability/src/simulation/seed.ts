/** Of this process: `TIDINGS_SEED`, else another one each time, so that other operations get their turn. */
export const seed: number = Number(process.env.TIDINGS_SEED ?? Date.now() % 1_000_000);
