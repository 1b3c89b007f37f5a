import type { Reporter, Vitest } from 'vitest/node';

/** A reporter that ends a run with what it left out, and under CI fails a run in which a test was skipped. */
export function completeRun(notes: readonly string[], onCi: boolean): Reporter {
  let filtered = false;
  return {
    onInit(vitest: Vitest) {
      filtered = vitest.config.testNamePattern !== undefined;
    },
    onTestRunEnd(modules) {
      for (const note of notes) console.log(note);
      if (!onCi || filtered) return;
      const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')]);
      if (skipped.length === 0) return;
      console.error(`Under CI no test may be skipped, and ${skipped.length} were:`);
      for (const test of skipped) console.error(`  ${test.module.relativeModuleId}: ${test.fullName}`);
      process.exitCode = 1;
    },
  };
}
