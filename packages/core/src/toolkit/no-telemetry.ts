import type { Telemetry } from '../spec/index.ts';

/** Reports nothing; the default. */
export const noTelemetry: Telemetry = {
  span: (_name, _attributes, work) => work(),
  count: () => {},
};
