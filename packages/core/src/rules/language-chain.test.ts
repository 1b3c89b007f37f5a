import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseLanguage, languageChain } from './language-chain.ts';

describe('languageChain', () => {
  it.each([
    ['sv-SE', 'en', ['sv-SE', 'sv', 'en']],
    ['sv_se', 'en', ['sv-SE', 'sv', 'en']],
    ['zh-hant-tw', 'en-US', ['zh-Hant-TW', 'zh-Hant', 'zh', 'en-US', 'en']],
    ['en-GB', 'en-US', ['en-GB', 'en', 'en-US']],
    ['de-u-co-phonebk', 'en', ['de-u-co-phonebk', 'de-u-co', 'de', 'en']],
    [undefined, 'en', ['en']],
    ['!!', 'en', ['!!', 'en']],
  ])('%s then %s', (language, fallback, chain) => {
    expect(languageChain(language, fallback)).toEqual(chain);
  });
});

describe('chooseLanguage', () => {
  it('picks the best one, spelled as it is available', () => {
    expect(chooseLanguage('sv-SE', ['en', 'SV', 'sv-fi'], 'en')).toBe('SV');
    expect(chooseLanguage('sv-FI', ['en', 'sv', 'sv_fi'], 'en')).toBe('sv_fi');
    expect(chooseLanguage('de', ['sv', 'en'], 'en-US')).toBe('en');
    expect(chooseLanguage(undefined, ['sv', 'en'], 'sv')).toBe('sv');
    expect(chooseLanguage('de', ['sv'], 'en')).toBeNull();
    expect(chooseLanguage('pt', ['pt-BR'], 'en')).toBeNull();
    expect(chooseLanguage('en', [], 'en')).toBeNull();
  });

  it('gives nothing that is not available, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.string({ unit: 'binary' })), (language, available) => {
        const found = chooseLanguage(language, available, 'en');
        expect(found === null || available.includes(found)).toBe(true);
        if (available.includes(language)) expect(found).not.toBeNull();
      }),
    );
  });
});
