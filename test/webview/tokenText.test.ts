import { describe, expect, it } from 'vitest';
import { describeText, splitCharacters, tokenLabel, tokenPieces } from '../../webview/tokenText';

const encoder = new TextEncoder();
const pieces = (text: string) => tokenPieces(encoder.encode(text));

describe('how a token looks', () => {
  it('marks spaces, tabs and line breaks', () => {
    expect(pieces(' the\t\n')).toEqual([
      { kind: 'space', text: '·' },
      { kind: 'text', text: 'the' },
      { kind: 'space', text: '→↵' },
    ]);
  });

  it('names characters that print nothing by their code point', () => {
    expect(pieces('a\u200bb')).toEqual([
      { kind: 'text', text: 'a' },
      { kind: 'control', text: 'U+200B' },
      { kind: 'text', text: 'b' },
    ]);
    for (const hidden of ['\u0000', '\u00ad', '\u200d', '\u202e', '\u2066', '\ufeff', '\u{e0041}', '\ufe0f'])
      expect(pieces(hidden)[0]?.kind, hidden.codePointAt(0)?.toString(16)).toBe('control');
  });

  it('shows the bytes of a cut character in hex', () => {
    expect(tokenPieces(new Uint8Array([0xf0, 0x9f]))).toEqual([{ kind: 'part', text: 'F0 9F' }]);
    expect(tokenPieces(new Uint8Array([0xa6, 0x8a, 0x20, 0x61, 0xe2]))).toEqual([
      { kind: 'part', text: 'A6 8A' },
      { kind: 'space', text: '·' },
      { kind: 'text', text: 'a' },
      { kind: 'part', text: 'E2' },
    ]);
  });

  it('never loses a byte, whatever the bytes', () => {
    let state = 12345;
    for (let round = 0; round < 2000; round++) {
      const bytes = Uint8Array.from({ length: 1 + (round % 9) }, () => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        return [0x41, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0xa6, 0x8a, 0xff, 0xed][(state >>> 16) % 12]!;
      });
      const back = splitCharacters(bytes).flatMap((part) => [
        ...(typeof part === 'string' ? encoder.encode(part) : part),
      ]);
      expect(back, `round ${round}`).toEqual([...bytes]);
    }
  });

  it('keeps a replacement character that is in the text', () => {
    expect(pieces('\ufffd')).toEqual([{ kind: 'text', text: '\ufffd' }]);
  });
});

describe('how a token sounds', () => {
  it.each([
    [' the', "'the' with leading space"],
    ['    x', "'x' with leading 4 × space"],
    ['end\n\n', "'end' with trailing 2 × line break"],
    [' a ', "'a' with leading space and trailing space"],
    ['\t\n', 'tab, line break'],
    ['\u200b', 'U+200B'],
    ['', 'empty'],
  ])('%j is %s', (text, words) => {
    expect(describeText(encoder.encode(text))).toBe(words);
  });

  it('gives index, id, text and bytes', () => {
    expect(tokenLabel('12', 1234, encoder.encode(' the'))).toBe(
      "token 12, id 1234, 'the' with leading space, 4 bytes",
    );
    expect(tokenLabel('3', 7, new Uint8Array([0xe2]))).toBe(
      'token 3, id 7, part of a character, bytes E2, 1 byte',
    );
  });
});
