import { TidingsError } from '../spec/errors.ts';
import type { LinkedHelper } from './core-blocks.ts';
import { coreBlocks } from './core-blocks.ts';
import { helperDefinitions } from './helper-catalog.ts';
import type { HelperCall, HelperDefinition } from './helper-definition.ts';
import { HelperFault } from './helper-fault.ts';
import { isTruthy } from './is-truthy.ts';
import type { CompiledCall } from './linked-template.ts';
import { templateError } from './template-error.ts';
import type { TemplateHelper, TemplateHelperCall } from './template-helper.ts';
import type { TemplateRun } from './template-run.ts';
import { textOfValue } from './text-of-value.ts';

/** What helpers run on. */
export interface HelperGround {
  /** The rendering under way. */
  readonly current: () => TemplateRun;
  readonly now: () => number;
  readonly mostCharacters: number;
}

function failed(run: TemplateRun, call: CompiledCall, error: unknown, problem: string): TidingsError {
  if (error instanceof TidingsError) return error;
  const details = { helper: call.name };
  const text = `the helper "${call.name}" ${problem}`;
  return templateError('TEMPLATE_FAILED', run.blame, text, { line: call.loc.start.line, cause: error, details });
}

function builtIn({ run: body }: HelperDefinition, ground: HelperGround): LinkedHelper {
  const { current, now, mostCharacters } = ground;
  const visit = (): void => current().visit();
  return function (this: unknown, ...args: unknown[]): unknown {
    const call = args.pop() as CompiledCall;
    const run = current();
    run.visit();
    const { language, timeZone } = run;
    const { hash } = call;
    const given: HelperCall = { hash, language, timeZone, escape: run.escape, now, visit, mostCharacters };
    let result: unknown;
    try {
      result = body(args, given);
    } catch (error) {
      const problem = error instanceof HelperFault ? `cannot be used like this: ${error.message}.` : 'failed.';
      throw failed(run, call, error, problem);
    }
    if (call.fn === undefined) return result;
    return isTruthy(result) ? call.fn(this) : call.inverse?.(this);
  } as LinkedHelper;
}

function hostHelper(helper: TemplateHelper, ground: HelperGround): LinkedHelper {
  return function (this: unknown, ...args: unknown[]): unknown {
    const call = args.pop() as CompiledCall;
    const run = ground.current();
    run.visit();
    const { depth, unit } = run;
    const { name, hash, fn, inverse } = call;
    const own: TemplateHelperCall = {
      name,
      hash,
      language: run.language,
      timeZone: run.timeZone,
      ...(fn === undefined ? {} : { fn: (context: unknown) => fn(context) }),
      ...(inverse === undefined ? {} : { inverse: (context: unknown) => inverse(context) }),
    };
    let result: unknown;
    try {
      result = helper.call(this, ...args, own);
    } catch (error) {
      throw failed(run, call, error, 'of the host threw an error; see its cause.');
    }
    // A body that failed and was caught left these as they were inside.
    run.depth = depth;
    run.unit = unit;
    run.visit();
    if (result instanceof Promise) {
      // Nobody else will look at it, and an unhandled rejection ends the process.
      result.catch(() => {});
      throw failed(run, call, undefined, 'returned a promise; helpers must be synchronous, so load the data before.');
    }
    return fn === undefined ? result : textOfValue(result, () => run.visit());
  } as LinkedHelper;
}

/** Every helper of a renderer, as compiled code calls them. The host's win over built-in ones of the same name. */
export function helperSet(
  own: ReadonlyMap<string, TemplateHelper>,
  ground: HelperGround,
): Record<string, LinkedHelper> {
  const set: Record<string, LinkedHelper> = Object.assign(Object.create(null), coreBlocks(ground.current));
  for (const [name, definition] of Object.entries(helperDefinitions)) set[name] = builtIn(definition, ground);
  for (const [name, helper] of own) set[name] = hostHelper(helper, ground);
  return set;
}
