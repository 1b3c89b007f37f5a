import { describe, it } from 'vitest';
import { adapterCases } from './adapter-cases.ts';
import type { AdapterContractOptions, AdapterKit } from './adapter-kit.ts';

/**
 * The contract of every adapter: registers its cases with vitest. `factory` gives a fresh adapter and fake provider for
 * each. What the provider cannot show is declared in `options.cannot` with a reason, which is printed.
 *
 * @example
 * describe('my adapter', () => testAdapter(createKit, { cannot: { badAddress: 'the gateway takes any number' } }));
 */
export function testAdapter(factory: () => Promise<AdapterKit>, options: AdapterContractOptions = {}): void {
  describe('Adapter contract', () => {
    for (const { name, needs, run } of adapterCases) {
      const lacking = needs.find((need) => options.cannot?.[need] !== undefined);
      if (lacking !== undefined) {
        it(`${name}: cannot be shown`, () => console.info(`${name}: cannot be shown: ${options.cannot?.[lacking]}`));
        continue;
      }
      it(name, { timeout: 30_000 }, async () => {
        const kit = await factory();
        try {
          await run(kit, options);
        } finally {
          await kit.adapter.close?.();
          await kit.close?.();
        }
      });
    }
  });
}
