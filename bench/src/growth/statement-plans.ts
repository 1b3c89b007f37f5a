import { median } from '../rig/median.ts';
import type { Sample } from '../rig/sample.ts';
import { actionsOf } from './actions.ts';
import { fillMessages } from './fill-messages.ts';
import { type Ground, openGround, type StoreKind } from './open-ground.ts';
import { openShop } from './open-shop.ts';
import { accessOf, isSmall } from './plan-access.ts';

/** On which tables the plans are looked at. */
export interface StatementPlans {
  readonly store: StoreKind;
  /** Default: 1,000,000. */
  readonly stored?: number;
  /** Default: 100,000. */
  readonly base?: number;
}

/** What calls of the engine cost on large tables against small ones, and by which plans their statements ran. */
export async function run({ store, stored = 1_000_000, base = 100_000 }: StatementPlans): Promise<Sample> {
  const grounds: Ground[] = [];
  try {
    for (const size of [base, stored]) {
      const ground = await openGround(store);
      grounds.push(ground);
      const shop = openShop(ground);
      await shop.welcome();
      await shop.stop();
      await fillMessages(ground, { from: 0, to: size, of: size });
    }
    return await comparePlans(grounds[0] as Ground, grounds[1] as Ground);
  } finally {
    for (const ground of grounds) await ground.remove();
  }
}

/** Says on stderr what does not go by an index, or grows. Figures: how many statements, how many of these. */
export async function comparePlans(small: Ground, large: Ground): Promise<Sample> {
  const few = await look(small);
  const much = await look(large);
  let grown = 0;
  let scans = 0;
  for (const [action, seen] of much) {
    const before = few.get(action)?.ms ?? Number.NaN;
    const grows = seen.ms > 2 * before && seen.ms > before + 1;
    if (grows) grown += 1;
    say(`${grows ? 'GROWS ' : '      '}${action}: ${before.toFixed(2)} → ${seen.ms.toFixed(2)} ms`);
    for (const [text, access] of seen.statements) {
      const rows = few.get(action)?.statements.get(text)?.rows ?? 0;
      const looks = access.rows > 1000 && access.rows > 2 * rows;
      if (access.scans.length > 0) scans += 1;
      if (access.scans.length > 0 || looks) {
        say(`    ${access.scans.join(', ') || 'by index'}; ${rows} → ${access.rows} rows looked at; ${access.ms} ms`);
        say(`    ${text.replace(/^select t\..*? from/i, 'SELECT … FROM').slice(0, 400)}`);
      }
    }
  }
  const texts = new Set([...much.values()].flatMap(({ statements }) => [...statements.keys()]));
  return { statements: texts.size, scans, grown };
}

interface Seen {
  ms: number;
  readonly statements: Map<string, { readonly scans: readonly string[]; readonly rows: number; readonly ms: number }>;
}

/** Runs each call a few times; what it sent, and its median time. */
async function look(ground: Ground): Promise<Map<string, Seen>> {
  const all = new Map<string, Seen>();
  let seen: Seen | undefined;
  const texts = new Map<string, Seen>();
  const shop = openShop(ground, ({ text, plan, ms = 0 }) => {
    if (!seen || /^(BEGIN|COMMIT|ROLLBACK|PRAGMA|SELECT set_config|SAVEPOINT|RELEASE)/.test(text)) return;
    const name = text.replaceAll(/bench_[0-9a-f]{10}/g, 'bench');
    if (ground.kind === 'sqlite') texts.set(text, texts.get(text) ?? seen);
    else {
      const access = accessOf(plan);
      const before = seen.statements.get(name);
      if (!before || access.rows > before.rows || ms > before.ms) seen.statements.set(name, { ...access, ms });
    }
  });
  try {
    await shop.engine.start();
    for (const [name, act] of await actionsOf(shop)) {
      seen = { ms: 0, statements: new Map() };
      const times: number[] = [];
      // what takes long is told by few
      for (let spent = 0; times.length < 7 && (spent < 3000 || times.length < 2); ) {
        const began = performance.now();
        await act();
        times.push(performance.now() - began);
        spent += times.at(-1) ?? 0;
        await shop.engine.idle();
      }
      seen.ms = median(times.slice(times.length > 4 ? 2 : 1));
      all.set(name, seen);
    }
  } finally {
    seen = undefined;
    await shop.stop();
  }
  await ground.run(async (sql) => {
    for (const [text, { statements }] of texts) {
      const plan = (await sql(`EXPLAIN QUERY PLAN ${text}`)).map(({ detail }) => String(detail));
      const scans = isSmall(text) ? [] : plan.filter((detail) => /^SCAN (?!CONSTANT|[slc]$)|TEMP B-TREE/.test(detail));
      statements.set(text, { scans, rows: 0, ms: 0 });
    }
  });
  return all;
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
