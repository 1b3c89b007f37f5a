/** Thrown by a built-in helper for an argument it cannot use; the runtime adds the helper's name and the place. */
export class HelperFault extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = 'HelperFault';
  }
}
