/** What core reports about its seams. Core wraps every call of a store, queue or adapter once; implementations hold none. */
export interface Telemetry {
  /** Runs `work` inside a span of that name. */
  span<T>(name: string, attributes: TelemetryAttributes, work: () => Promise<T>): Promise<T>;
  /** Adds to a counter. */
  count(name: string, value: number, attributes?: TelemetryAttributes): void;
  /** The W3C `traceparent` of the current context, kept with a notification. */
  traceparent?(): string | undefined;
}

/** Plain values only: no addresses, no payloads. */
export type TelemetryAttributes = Readonly<Record<string, string | number | boolean>>;
