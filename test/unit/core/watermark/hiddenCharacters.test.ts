// Hidden characters: what is reported, what is left alone, what removal gives; and lm-watermarking's normalizer.
import { describe, expect, it } from 'vitest';
import {
  findHiddenCharacters,
  removeHiddenCharacters,
} from '../../../../src/core/watermark/hiddenCharacters';
import { normalizeLikeLmWatermarking } from '../../../../src/core/watermark/unicodeNormalizer';
import normalizer from '../../../fixtures/watermark/lmw-normalizer.json';

const kinds = (text: string): string[] => findHiddenCharacters(text).map(({ kind }) => kind);

describe('hidden characters', () => {
  it('are found with their offset, name and replacement', () => {
    expect(findHiddenCharacters('a\u200bb \u202ec')).toEqual([
      {
        offset: 1,
        length: 1,
        codePoint: 0x200b,
        kind: 'zero-width',
        name: 'U+200B ZERO WIDTH SPACE',
        replacement: '',
      },
      {
        offset: 4,
        length: 1,
        codePoint: 0x202e,
        kind: 'bidirectional',
        name: 'U+202E RIGHT-TO-LEFT OVERRIDE',
        replacement: '',
      },
    ]);
  });

  it('cover every family', () => {
    expect(kinds('x\u{e0041}y')).toEqual(['tag']);
    expect(kinds('x\ufe0fy')).toEqual(['variation']);
    expect(kinds('x\u00a0y\u3000z')).toEqual(['odd-space', 'odd-space']);
    expect(kinds('x\u0007y')).toEqual(['control']);
    expect(kinds('p\u0430ssword')).toEqual(['homoglyph']);
    expect(kinds('x\u2066y\u2069')).toEqual(['bidirectional', 'bidirectional']);
  });

  it('leave ordinary text of the world alone', () => {
    const ordinary = [
      'if (x) {\n\treturn 1;\r\n}\n',
      'Привет, мир. Καλημέρα κόσμε.',
      'family \u{1f468}\u200d\u{1f469}\u200d\u{1f467} and heart \u2764\ufe0f',
      'flag of Wales \u{1f3f4}\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}',
      'می\u200cخواهم',
      'क्\u200dष',
      '\ufeffstarts with a byte order mark',
      'café naïve 東京',
    ];
    for (const text of ordinary) expect(findHiddenCharacters(text), text).toEqual([]);
  });

  it('find text hidden in tags after something else than a flag', () => {
    expect(kinds('\u{1f600}\u{e0068}\u{e0069}')).toEqual(['tag', 'tag']);
  });

  it('are removed or replaced, and nothing else changes', () => {
    expect(removeHiddenCharacters('p\u0430ss\u200bword\u00a0= \u202e1\u{e0041}')).toBe('password = 1');
    expect(removeHiddenCharacters('plain')).toBe('plain');
    const removed = removeHiddenCharacters('a\u2028b\u0007\u{1f600}\u{e0068}');
    expect(removed).toBe('a\nb\u{1f600}');
    expect(findHiddenCharacters(removed)).toEqual([]);
  });
});

describe('normalizer of lm-watermarking', () => {
  for (const item of normalizer.cases) {
    it(JSON.stringify(item.in), () => expect(normalizeLikeLmWatermarking(item.in)).toBe(item.out));
  }
});
