/** The ids of the notifications that a send made, from its result as it is kept under an idempotency key. */
export function keptIds(result: string): readonly string[] {
  const { one, accepted = [] } = JSON.parse(result) as {
    readonly one?: { readonly id: string };
    readonly accepted?: readonly { readonly id: string }[];
  };
  return (one ? [one] : accepted).map(({ id }) => id);
}
