// What the hover says about one token: its value, its seed, and why a token was not counted.
import { describe, expect, it } from 'vitest';
import { schemeFromSettings } from '../../../src/core/watermark/schemeCatalogue';
import { checkWatermark } from '../../../src/core/watermark/watermarkCheck';
import type { SchemeFinding } from '../../../src/editor/watermarkCombination';
import { tokenEvidenceText } from '../../../src/editor/watermarkTokenText';
import { fillIn } from './translation';

const words = ['one ', 'two ', 'three ', 'two ', 'three ', 'four '];
const ids = [10, 20, 30, 20, 30, 40];

function linesOf(index: number, settings: Record<string, unknown>): readonly string[] {
  const scheme = schemeFromSettings({ vocab_size: 100, ...settings });
  if (!scheme.ok) throw new Error(scheme.reason);
  const outcome = checkWatermark({ ids, schemes: [scheme.value], tokenizer: 'words' });
  if (outcome?.ok !== true) throw new Error('the check was refused');
  let end = 0;
  const finding: SchemeFinding = {
    saved: {
      id: '1',
      name: 'Mine',
      settings: '',
      tokenizer: 'words',
      vocabularySize: 100,
      fingerprint: '00000000',
    } as SchemeFinding['saved'],
    result: outcome.value.results[0]!,
    comparison: undefined,
    tokenizer: 'words',
    ids: Uint32Array.from(ids),
    utf16Ends: Uint32Array.from(words, (word) => (end += word.length)),
  };
  return tokenEvidenceText(finding, scheme.value, words.join(''), index, new Intl.NumberFormat('en'), fillIn)
    .lines;
}

const width1 = { scheme: 'hf-kgw', hashing_key: 7 };

describe('evidence of one token', () => {
  it('names the token that a repeat repeats', () => {
    expect(linesOf(2, width1)).toContain('Counted.');
    expect(linesOf(4, width1)).toContain(
      'Not counted: it repeats token 3 with the same tokens before it, and a repeat is no new evidence.',
    );
    // After another token it is another pair.
    expect(linesOf(3, width1)).toContain('Counted.');
  });

  it('of a fixed list repeats wherever the token does', () => {
    expect(linesOf(3, { scheme: 'unigram', watermark_key: 7 })).toContain(
      'Not counted: it repeats token 2, and a repeat is no new evidence.',
    );
  });

  it('says that the first tokens have no seed', () => {
    expect(linesOf(0, width1)).toContain('Not scored: a token must come before it.');
  });
});
