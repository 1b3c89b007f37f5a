import { expect, it } from 'vitest';
import { queueOptionChecks } from './queue-options.ts';
import { silentLogger } from './silent-logger.ts';

const { keys, text, milliseconds, log } = queueOptionChecks('myQueue');
const short = (value: unknown): string => text('name', value, /^[a-z]{1,3}$/, 'must be 1 to 3 letters');
const wait = (value: unknown): number => milliseconds('waitMs', value, 1, 1_000);

it('gives back what is right', () => {
  keys({ name: 'abc' }, ['name', 'waitMs']);
  expect([short('abc'), wait(1), wait(1_000)]).toEqual(['abc', 1, 1_000]);
  expect(() => log(silentLogger).warn({}, 'nothing')).not.toThrow();
});

it.for<[path: string, message: string, check: () => unknown]>([
  ['options', 'myQueue: options must be an object.', () => keys(null as never, ['name'])],
  ['nmae', 'myQueue: nmae is no option; there are name, waitMs.', () => keys({ nmae: 'a' }, ['name', 'waitMs'])],
  ['name', 'myQueue: name must be 1 to 3 letters.', () => short('abcd')],
  ['name', 'myQueue: name must be 1 to 3 letters.', () => short(7)],
  ['waitMs', 'myQueue: waitMs must be a whole number of milliseconds from 1 to 1000.', () => wait(0)],
  ['waitMs', 'myQueue: waitMs must be a whole number of milliseconds from 1 to 1000.', () => wait(1.5)],
  ['waitMs', 'myQueue: waitMs must be a whole number of milliseconds from 1 to 1000.', () => wait(1_001)],
  ['log', 'myQueue: log must have the functions debug, info, warn, error.', () => log({} as never)],
])('refuses %s: %s', ([path, message, check]) => {
  expect(check).toThrow(expect.objectContaining({ code: 'CONFIGURATION_INVALID', path, message }));
});
