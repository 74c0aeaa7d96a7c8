// Tokens for the fake host: a plain word splitter with made-up ids. It is no tokenizer of Tessera; it only has to give
// spans of the right shape, some of them ending inside a character, for text of any length.
import type { TokenPage } from '../../../src/shared/panelProtocol';

/** A text cut into tokens. Token i has bytes from ends[i − 1] to ends[i]. */
export interface SampleDocument {
  readonly tokens: number;
  readonly characters: number;
  readonly bytes: number;
  readonly length: number;
  page(first: number, count: number): TokenPage;
  id(index: number): number;
  /** UTF-16 range of a token. */
  range(index: number): readonly [start: number, end: number];
}

const encoder = new TextEncoder();
const words = /[\p{L}\p{M}]+| ?[\p{L}\p{M}]+| ?\p{N}{1,3}| ?[^\s\p{L}\p{M}\p{N}]+|\s*[\r\n]|\s+(?!\S)|\s/gu;

const idOf = (bytes: Uint8Array): number => {
  let hash = 2166136261;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 16777619) >>> 0;
  return hash % 199_998;
};

/** Cuts a text into tokens; words longer than nine letters in two, and every second emoji in the middle. */
export function sampleDocument(text: string): SampleDocument {
  const pieces: { bytes: Uint8Array; utf16: number }[] = [];
  for (const [word] of text.matchAll(words)) {
    const bytes = encoder.encode(word);
    const cut =
      bytes.length > word.length * 2 && word.length < 4 ? bytes.length - 2 : word.length > 9 ? 6 : 0;
    if (cut > 0 && bytes.length !== word.length) {
      pieces.push(
        { bytes: bytes.subarray(0, cut), utf16: 0 },
        { bytes: bytes.subarray(cut), utf16: word.length },
      );
    } else if (cut > 0) {
      pieces.push({ bytes: bytes.subarray(0, cut), utf16: cut });
      pieces.push({ bytes: bytes.subarray(cut), utf16: word.length - cut });
    } else pieces.push({ bytes, utf16: word.length });
  }
  const tokens = pieces.length;
  const byteEnds = new Uint32Array(tokens);
  const utf16Ends = new Uint32Array(tokens);
  const lines = new Uint32Array(tokens + 1);
  let byteEnd = 0;
  let utf16End = 0;
  pieces.forEach(({ bytes, utf16 }, i) => {
    byteEnds[i] = byteEnd += bytes.length;
    utf16Ends[i] = utf16End += utf16;
    lines[i + 1] = lines[i]! + bytes.filter((byte) => byte === 0x0a).length;
  });
  const id = (index: number): number => idOf(pieces[index]!.bytes);
  return {
    tokens,
    characters: Array.from(text).length,
    bytes: byteEnd,
    length: text.length,
    id,
    range: (index) => [index === 0 ? 0 : utf16Ends[index - 1]!, utf16Ends[index]!],
    page: (first, count) => {
      const chosen = pieces.slice(first, first + count);
      const firstByte = first === 0 ? 0 : byteEnds[first - 1]!;
      const bytes = new Uint8Array(chosen.reduce((sum, piece) => sum + piece.bytes.length, 0));
      let at = 0;
      for (const piece of chosen) {
        bytes.set(piece.bytes, at);
        at += piece.bytes.length;
      }
      return {
        first,
        firstByte,
        firstUtf16: first === 0 ? 0 : utf16Ends[first - 1]!,
        firstLine: lines[first]!,
        atLineStart: first === 0 || pieces[first - 1]!.bytes.at(-1) === 0x0a,
        ids: Uint32Array.from(chosen, (piece) => idOf(piece.bytes)),
        byteEnds: byteEnds.slice(first, first + count),
        utf16Ends: utf16Ends.slice(first, first + count),
        bytes,
      };
    },
  };
}
