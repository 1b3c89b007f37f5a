/** The promises that are checked; the README says what each means. */
export type InvariantId = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10' | 'I11' | 'I13';

/** A promise that was broken. */
export interface Violation {
  readonly invariant: InvariantId;
  /** Id of the message, notification, key or process it concerns. */
  readonly subject: string;
  /** What was seen, in a sentence. */
  readonly says: string;
}
