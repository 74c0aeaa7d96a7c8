import { beforeAll, describe, expect, it } from 'vitest';
import { lineStarts, tokensPerLine } from '../../../../src/core/analysis/lineOffsets';
import { tokenDiff } from '../../../../src/core/analysis/tokenDiff';
import { compareTokenizers } from '../../../../src/core/analysis/tokenizerComparison';
import { isWholeUtf8, wasteReport } from '../../../../src/core/analysis/wasteReport';
import { findSplitWords } from '../../../../src/core/analysis/wordSplits';
import type { Tokenizer } from '../../../../src/core/tokenizers/tokenizer';
import { loadEncoding } from '../../../../src/engine/tiktokenLoader';

let o200k: Tokenizer;
let gpt2: Tokenizer;
beforeAll(async () => {
  o200k = await loadEncoding('o200k_base');
  gpt2 = await loadEncoding('gpt2');
});

describe('lines', () => {
  it('start after every kind of line break', () => {
    expect([...lineStarts('a\nb\r\nc\rd')]).toEqual([0, 2, 5, 7]);
  });
  it('share all tokens among them', () => {
    const text = 'one two\n\n  three four five\r\n日本語のテキスト\n';
    const spans = o200k.encodeSpans(text);
    const perLine = tokensPerLine(lineStarts(text), spans.utf16Ends);
    expect(perLine.reduce((a, b) => a + b, 0)).toBe(spans.ids.length);
    expect(perLine[2]).toBeGreaterThanOrEqual(3);
  });
});

describe('split words', () => {
  it('counts the pieces of each word', () => {
    // Ends given by hand: "to|kenize| it" and "a|b|c".
    const result = findSplitWords('tokenize it abc', Uint32Array.of(2, 8, 11, 13, 14, 15));
    expect(result).toMatchObject({ words: 3, splitWords: 2, shreddedWords: 1 });
    expect(result.found.map((word) => [word.text, word.pieces])).toEqual([
      ['tokenize', 2],
      ['abc', 3],
    ]);
  });
  it('counts tokens inside one character as pieces', () => {
    expect(findSplitWords('ж', Uint32Array.of(1, 1)).found[0]).toMatchObject({ pieces: 2 });
  });
});

describe('comparison', () => {
  it('agrees with each tokenizer on its own and finds the line that differs most', () => {
    const text = 'plain words here\n日本語のテキストと、日本語\n\tindented\n';
    const result = compareTokenizers(text, [o200k, gpt2]);
    expect(result.rows.map((row) => row.tokens)).toEqual([o200k.count(text), gpt2.count(text)]);
    expect(result.differingLines[0]!.line).toBe(1);
    expect(text.slice(result.differingLines[0]!.start, result.differingLines[0]!.end)).toBe(
      '日本語のテキストと、日本語',
    );
    const ends = new Set(gpt2.encodeSpans(text).utf16Ends);
    for (const end of result.alignedBoundaries) expect(ends.has(end)).toBe(true);
  });
  it('calls a tokenizer compared with itself fully aligned', () => {
    const result = compareTokenizers('Hello, tokenization world', [o200k, o200k]);
    expect(result.rows[0]!.sharedBoundaries).toBe(1);
    expect(result.differingLines).toEqual([]);
  });
  it('handles an empty text', () => {
    expect(compareTokenizers('', [o200k, gpt2]).rows[0]).toMatchObject({ tokens: 0, charactersPerToken: 0 });
  });
});

describe('the waste report', () => {
  it('finds repeated lines and what they cost', () => {
    const line = 'const answer = computeTheAnswer();';
    const report = wasteReport(`${line}\nshort\n  ${line}\n${line}\nshort\n`, o200k);
    expect(report.repeatedLines).toHaveLength(1);
    expect(report.repeatedLines[0]!.lines).toEqual([0, 2, 3]);
    expect(report.repeatedTokens).toBeGreaterThan(0);
  });
  it('joins lines that always repeat together to one block', () => {
    const header = [
      '// Copyright of somebody or other',
      '// All rights reserved by them',
      '// See the licence file',
    ];
    const text = [...header, 'one();', ...header, 'two();', header[0], ''].join('\n');
    const alone = wasteReport([...header, 'one();', ...header].join('\n'), o200k).repeatedLines;
    expect(alone).toMatchObject([{ text: header[0], height: 3, lines: [0, 4] }]);
    // The first line stands there once more without the others: it is no part of their block.
    const { repeatedLines, repeatedTokens } = wasteReport(text, o200k);
    expect(repeatedLines.map(({ height }) => height).sort()).toEqual([1, 2]);
    expect(repeatedLines.reduce((sum, block) => sum + block.repeatedTokens, 0)).toBe(repeatedTokens);
  });
  it('finds white space, byte fallback and shredded words', () => {
    const report = wasteReport('        deep\n        deeper\nᚠᛇᚻ antidisestablishmentarianism', o200k);
    expect(report.whitespaceTokens).toBeGreaterThan(0);
    expect(report.indentationTokens).toBeGreaterThan(0);
    expect(report.rareTokens.some((token) => token.kind === 'byte-fallback')).toBe(true);
    expect(report.shreddedWords.map((word) => word.text)).toContain('antidisestablishmentarianism');
  });
  it('knows whole UTF-8', () => {
    const bytes = (...values: number[]): boolean => isWholeUtf8(Uint8Array.from(values));
    expect([bytes(), bytes(0x61), bytes(0xc3, 0xa9), bytes(0xf0, 0x9f, 0x98, 0x80)]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([bytes(0x80), bytes(0xc3), bytes(0xc0, 0x80), bytes(0xf0, 0x9f, 0x98)]).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('the token diff', () => {
  it('counts an insertion exactly', () => {
    expect(tokenDiff(o200k, 'one two three', 'one two more three')).toEqual({
      before: 3,
      after: 4,
      added: 1,
      removed: 0,
      method: 'tokens',
      hunks: [{ line: 0, oldLine: 0, start: 7, end: 12, added: 1, removed: 0, preview: ' more' }],
    });
    expect(tokenDiff(o200k, 'same', 'same').hunks).toEqual([]);
    expect(tokenDiff(o200k, '', 'new').hunks).toMatchObject([{ line: 0, added: 1, removed: 0 }]);
    expect(tokenDiff(o200k, 'gone', '').hunks).toMatchObject([{ added: 0, removed: 1, preview: 'gone' }]);
  });
  it('tells where: changes far apart are hunks of their own, neighbours are one', () => {
    const lines = Array.from({ length: 40 }, (_, i) => `line ${i} stays as it is`);
    const edited = [...lines];
    edited[5] = 'line 5 is another one now';
    edited[6] = 'line 6 too';
    edited.splice(30, 1);
    const { hunks } = tokenDiff(o200k, lines.join('\n'), edited.join('\n'));
    expect(hunks.map(({ line }) => line)).toEqual([5, 29]);
    expect(hunks[1]).toMatchObject({ added: 0 });
    expect(hunks[1]!.removed).toBeGreaterThan(3);
  });
  it('has hunks that add up to the totals, whatever is edited', () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    let state = seed;
    const next = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return state % below;
    };
    for (let round = 0; round < 30; round++) {
      const lines = Array.from({ length: 30 }, () => `w${next(50)} 東京 ${next(9)} naïve`);
      const edited = lines.flatMap((line) =>
        next(5) === 0 ? [] : next(5) === 1 ? [`${line} more ${next(90)}`, 'x'] : [line],
      );
      const diff = tokenDiff(o200k, lines.join('\n'), edited.join('\n'));
      const sum = (of: 'added' | 'removed'): number => diff.hunks.reduce((all, hunk) => all + hunk[of], 0);
      expect([sum('added'), sum('removed')], `seed ${seed}`).toEqual([diff.added, diff.removed]);
      expect(diff.added - diff.removed, `seed ${seed}`).toBe(diff.after - diff.before);
      const ascending = diff.hunks.every(({ start }, i) => i === 0 || start >= diff.hunks[i - 1]!.end);
      expect(ascending, `seed ${seed}`).toBe(true);
    }
  });
  it('keeps the net change exact for texts that have nothing in common', () => {
    const before = Array.from({ length: 9000 }, (_, i) => `a${i}`).join(' ');
    const after = Array.from({ length: 7000 }, (_, i) => `zebra ${i * 7}`).join('\n');
    const diff = tokenDiff(o200k, before, after);
    expect(diff.method).toBe('bounds');
    expect(diff.added - diff.removed).toBe(diff.after - diff.before);
  });
});
