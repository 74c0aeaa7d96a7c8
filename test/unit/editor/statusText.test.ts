// Every state that the status item can be in, as the reader and the screen reader get it.
import { describe, expect, it } from 'vitest';
import { diskFileText, statusText, type StatusSelection } from '../../../src/editor/statusText';
import type { DocumentState } from '../../../src/engine/documentTracker';
import type { DocumentTotals } from '../../../src/engine/engineProtocol';
import { fillIn } from './translation';

const exact = { exactness: 'exact', source: 'tiktoken 1.0.22, o200k_base' } as const;
const totals: DocumentTotals = {
  version: 3,
  tokenizer: 'o200k_base',
  provenance: exact,
  tokens: 1234,
  characters: 4936,
  bytes: 5000,
  utf16Length: 4940,
  specialTexts: [],
  replacementCharacters: 0,
};
const counted = (changes: Partial<DocumentTotals> = {}): DocumentState => ({
  kind: 'counted',
  totals: { ...totals, ...changes },
});
const selectionOf = (tokens: number, selections: number): StatusSelection => ({
  count: { tokens, characters: 40, bytes: 41, provenance: exact },
  selections,
});
const show = (state: DocumentState | undefined, selection?: StatusSelection) =>
  statusText(state, selection, {
    tokenizer: 'o200k_base',
    numbers: new Intl.NumberFormat('en'),
    translate: fillIn,
  });

describe('the status of a counted document', () => {
  it('is its number of tokens, grouped as the language does', () => {
    expect(show(counted()).text).toBe('1,234 tokens');
    expect(show(counted({ tokens: 1 })).text).toBe('1 token');
    expect(show(counted({ tokens: 0 })).text).toBe('0 tokens');
  });

  it('explains itself: encoding, exactness, source, sizes and ratios', () => {
    expect(show(counted()).tooltip).toEqual([
      '1,234 tokens',
      'Exact · o200k_base · tiktoken 1.0.22, o200k_base',
      '4,936 characters, 5,000 bytes',
      '4.00 characters and 4.05 bytes per token',
    ]);
  });

  it('has no ratios when there are no tokens', () => {
    expect(show(counted({ tokens: 0, characters: 0, bytes: 0 })).tooltip.join('\n')).not.toContain(
      'per token',
    );
  });

  it('marks a tokenizer that only estimates', () => {
    const shown = show(counted({ provenance: { exactness: 'estimate', source: 'a guess' } }));
    expect(shown.text).toBe('≈ 1,234 tokens');
    expect(shown.tooltip).toContain('Estimate · o200k_base · a guess');
    expect(shown.spoken).toBe('About 1,234 tokens');
  });

  it('adds what is selected, one selection or several', () => {
    const one = show(counted(), selectionOf(56, 1));
    expect(one.text).toBe('1,234 tokens (56 selected)');
    expect(one.tooltip).toContain('Selection: 56 tokens, 40 characters');
    expect(show(counted(), selectionOf(56, 3)).tooltip).toContain('3 selections: 56 tokens, 40 characters');
  });

  it('says that special-token text was counted as ordinary text, naming three at most', () => {
    const shown = show(counted({ specialTexts: ['<|endoftext|>', '<s>', '</s>', '[CLS]'] }));
    expect(shown.tooltip).toContain(
      'Contains <|endoftext|>, <s>, </s>, …: special-token text, counted here as ordinary text.',
    );
  });

  it('says that the count is of the decoded text when characters were replaced', () => {
    expect(show(counted({ replacementCharacters: 2000 })).tooltip.at(-1)).toMatch(
      /^Contains 2,000 replacement characters .*as decoded/,
    );
  });

  it('is not drawn in alarming colours', () => {
    expect(show(counted({ specialTexts: ['<s>'], replacementCharacters: 1 })).severity).toBe('normal');
  });
});

describe('the status of other documents', () => {
  it('while counting is the last number, or dots', () => {
    expect(show(undefined).text).toBe('… tokens');
    expect(show({ kind: 'counting', totals: null }).spoken).toBe('Counting tokens');
    expect(show({ kind: 'counting', totals }).text).toBe('1,234 tokens');
  });

  it.each([
    ['tooLarge', 'larger than the limit'],
    ['timeout', 'took too long'],
    ['crashed', 'crashed the engine'],
  ] as const)('estimated (%s) is marked, with the reason', (reason, words) => {
    const shown = show({ kind: 'estimated', tokens: 12_000_000, utf16Length: 5e7, reason });
    expect(shown.text).toBe('≈ 12,000,000 tokens');
    expect(shown.tooltip.join('\n')).toContain(words);
    expect(shown.tooltip.join('\n')).toContain('extrapolated from samples');
  });

  it('that cannot be counted is a warning with the engine’s message', () => {
    const shown = show({
      kind: 'unavailable',
      error: { code: 'tablesMissing', message: 'The tables cannot be read.' },
    });
    expect(shown).toMatchObject({ text: '$(warning) tokens', severity: 'warning' });
    expect(shown.tooltip).toContain('The tables cannot be read.');
  });

  it('with a stopped engine is an error, spoken without symbols', () => {
    const shown = show({ kind: 'unavailable', error: { code: 'stopped', message: 'Crashes.' } });
    expect(shown.severity).toBe('error');
    expect(shown.spoken).toBe('The token engine has stopped.');
  });
});

describe('the status of a file whose text VS Code keeps to itself', () => {
  const context = { tokenizer: 'o200k_base', numbers: new Intl.NumberFormat('en'), translate: fillIn };

  it('is an estimate from its size until it is counted', () => {
    const shown = diskFileText({ tokens: undefined, bytes: 60_000_000 }, context);
    expect(shown.text).toBe('≈ 15,000,000 tokens');
    expect(shown.tooltip).toContain('Estimate · o200k_base · from the size of the file');
  });

  it('is exact once counted on disk, and says what it leaves out', () => {
    const shown = diskFileText({ tokens: 14_000_001, bytes: 60_000_000 }, context);
    expect(shown.text).toBe('14,000,001 tokens');
    expect(shown.tooltip.join('\n')).toContain('without unsaved changes');
  });
});
