import { describe, expect, it } from 'vitest';
import { mergeHistory, tokenHoverText } from '../../../src/editor/tokenHoverText';
import type { MergeStep, TokenDetails } from '../../../src/engine/engineProtocol';
import { fillIn } from './translation';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const step = (left: string, right: string): MergeStep => ({
  left: bytes(left),
  right: bytes(right),
  rank: 1,
});
const token: TokenDetails = {
  version: 1,
  index: 1233,
  id: 290,
  bytes: bytes(' the'),
  byteStart: 10,
  byteEnd: 14,
  utf16Start: 9,
  utf16End: 13,
  rank: 290,
  merges: [step('t', 'h'), step(' ', 'th'), step(' th', 'e')],
};
const numbers = new Intl.NumberFormat('en');

describe('the hover text of a token', () => {
  it('has id, bytes, both kinds of offsets, rank and history', () => {
    expect(tokenHoverText(token, numbers, fillIn)).toEqual({
      heading: '·the',
      lines: [
        'Token 1,234, id 290',
        'Bytes: 20 74 68 65',
        'Byte offsets 10 to 14, UTF-16 offsets 9 to 13',
        'Merge rank: 290',
        'Merged: t+h, ·+th, ·th+e',
      ],
    });
  });

  it('leaves out what the tokenizer does not have', () => {
    const { lines } = tokenHoverText({ ...token, rank: null, merges: [] }, numbers, fillIn);
    expect(lines).toHaveLength(3);
  });

  it('shows part of a character as bytes', () => {
    expect(tokenHoverText({ ...token, bytes: Uint8Array.of(0xf0, 0x9f) }, numbers, fillIn).heading).toBe(
      '⟨F0 9F⟩',
    );
  });

  it('cuts a long history in the middle', () => {
    const merges = Array.from({ length: 20 }, (_, i) => step(String.fromCharCode(97 + i), 'x'));
    expect(mergeHistory(merges)).toBe('a+x, b+x, c+x, d+x, …, q+x, r+x, s+x, t+x');
  });
});
