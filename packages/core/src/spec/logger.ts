/** Where the engine writes what an operator should know. pino, winston and `console` fit. Lines hold no addresses and no secrets. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
