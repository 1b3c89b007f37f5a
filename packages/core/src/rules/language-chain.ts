/**
 * The languages to try, best first and each once: `sv-SE`, `sv`, then the fallback and what it is a kind of. In canonical
 * form where they have one.
 */
export function languageChain(language: string | undefined, fallback: string): readonly string[] {
  const chain = new Set<string>();
  for (const wanted of language === undefined ? [fallback] : [language, fallback]) {
    const parts = canonicalLanguage(wanted).split('-');
    for (let length = parts.length; length > 0; length -= 1) {
      // A single letter only introduces what follows it (`de-u-…`) and is no language of its own.
      if (length === 1 || (parts[length - 1] ?? '').length > 1) chain.add(parts.slice(0, length).join('-'));
    }
  }
  return [...chain];
}

/** The first of the chain that is available, spelled as it is there; null when none is. */
export function chooseLanguage(
  language: string | undefined,
  available: readonly string[],
  fallback: string,
): string | null {
  const known = new Map<string, string>();
  for (const name of available) {
    const key = canonicalLanguage(name).toLowerCase();
    if (!known.has(key)) known.set(key, name);
  }
  for (const wanted of languageChain(language, fallback)) {
    const found = known.get(wanted.toLowerCase());
    if (found !== undefined) return found;
  }
  return null;
}

/** The canonical form of a BCP 47 tag (`sv_se` gives `sv-SE`); what is none comes back as it is. */
export function canonicalLanguage(language: string): string {
  return parseLanguage(language) ?? language;
}

// There are few languages, and asking for their canonical form takes long.
const canonical = new Map<string, string | undefined>();
const mostCanonical = 1_000;

/** As {@link canonicalLanguage}, but undefined for what is no tag. */
export function parseLanguage(language: string): string | undefined {
  if (canonical.has(language)) return canonical.get(language);
  const found = findCanonical(language);
  if (canonical.size >= mostCanonical) canonical.clear();
  canonical.set(language, found);
  return found;
}

function findCanonical(language: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(language.replaceAll('_', '-'))[0];
  } catch {
    return undefined;
  }
}
