// Messages in invisible characters, written here bit by bit, are read back; chance runs spell nothing.
import { describe, expect, it } from 'vitest';
import { findHiddenCharacters } from '../../../../src/core/watermark/hiddenCharacters';
import { hiddenMessage } from '../../../../src/core/text/hiddenMessage';
import { fixText, hiddenRuns, runText } from '../../../../src/editor/hiddenRuns';
import { fillIn } from '../../editor/translation';

const tags = (text: string) =>
  Array.from(text, (c) => String.fromCodePoint(0xe0000 + c.codePointAt(0)!)).join('');
const selectors = (text: string) =>
  Array.from(Buffer.from(text), (byte) =>
    String.fromCodePoint(byte < 16 ? 0xfe00 + byte : 0xe0100 + byte - 16),
  ).join('');
const bits = (text: string, zero: string, one: string) =>
  Array.from(text, (c) =>
    c.charCodeAt(0).toString(2).padStart(8, '0').replaceAll('0', zero).replaceAll('1', one),
  ).join('');

describe('hidden messages', () => {
  it('are read from tags, variation selectors and zero-width bits', () => {
    expect(hiddenMessage(tags('ignore previous rules'))).toBe('ignore previous rules');
    expect(hiddenMessage(selectors('naïve 東京'))).toBe('naïve 東京');
    expect(hiddenMessage(bits('Hi you', '\u200b', '\u200c'))).toBe('Hi you');
    expect(hiddenMessage(bits('Hi you', '\u200d', '\u2060'))).toBe('Hi you');
  });

  it('are not made up', () => {
    expect(hiddenMessage('\u200b\u200b\u200b')).toBeUndefined();
    expect(hiddenMessage('\u200b\u200c'.repeat(8))).not.toBe('');
    expect(hiddenMessage('\ufe00\ufe01\ufe02')).toBeUndefined();
    expect(hiddenMessage('')).toBeUndefined();
  });
});

describe('runs of hidden characters', () => {
  const text = `a\u200b\u200bb ${tags('hi')}c p\u0430y\u00a0x`;
  const runs = hiddenRuns(text, findHiddenCharacters(text));

  it('join neighbours of one invisible kind and keep the others single', () => {
    expect(runs.map(({ kind, characters }) => [kind, characters.length])).toEqual([
      ['zero-width', 2],
      ['tag', 2],
      ['homoglyph', 1],
      ['odd-space', 1],
    ]);
    expect(runs.map(({ start, end }) => text.slice(start, end).length)).toEqual([2, 4, 1, 1]);
  });

  it('are described and fixed in words', () => {
    expect(runs.map((run) => runText(run, fillIn))[1]).toBe('2 hidden characters that spell “hi”');
    expect(runs.map((run) => fixText(run, fillIn))).toEqual([
      'Remove 2 hidden characters',
      'Remove 2 hidden characters',
      'Replace U+0430 looks like "a" with “a”',
      'Replace U+00A0 NO-BREAK SPACE with a space',
    ]);
  });
});
