import { describe, expect, it } from 'vitest';
import { buildTokenPage, possibleCuts, unitsBeyond } from '../../../src/panel/tokenPage';
import type { SpanRange } from '../../../src/engine/engineProtocol';

const encoder = new TextEncoder();

/** Spans of a text cut at the given byte ends; UTF-16 ends by decoding every whole character before them. */
function spansOf(text: string, byteEnds: readonly number[]): SpanRange {
  const starts: { readonly byte: number; readonly unit: number }[] = [];
  let byte = 0;
  let unit = 0;
  for (const character of text) {
    byte += encoder.encode(character).length;
    unit += character.length;
    starts.push({ byte, unit });
  }
  const wholes = new Set(starts.map((start) => start.byte));
  const unitAt = (end: number): number => starts.filter((start) => start.byte <= end).at(-1)?.unit ?? 0;
  return {
    version: 1,
    firstIndex: 0,
    totalTokens: byteEnds.length,
    firstByte: 0,
    firstUtf16: 0,
    ids: Uint32Array.from(byteEnds, (_, i) => i),
    byteEnds: Uint32Array.from(byteEnds),
    utf16Ends: Uint32Array.from(byteEnds, unitAt),
    cutEnds: Uint32Array.from([...byteEnds.keys()].filter((i) => !wholes.has(byteEnds[i]!))),
  };
}

/** The tokens first … last − 1 of a whole document's spans. */
function part(all: SpanRange, first: number, last: number): SpanRange {
  return {
    ...all,
    firstIndex: first,
    firstByte: first === 0 ? 0 : all.byteEnds[first - 1]!,
    firstUtf16: first === 0 ? 0 : all.utf16Ends[first - 1]!,
    ids: all.ids.slice(first, last),
    byteEnds: all.byteEnds.slice(first, last),
    utf16Ends: all.utf16Ends.slice(first, last),
    cutEnds: all.cutEnds.filter((i) => i >= first && i < last).map((i) => i - first),
  };
}

const textFor = (text: string, range: SpanRange): string =>
  text.slice(range.firstUtf16, (range.utf16Ends.at(-1) ?? 0) + unitsBeyond);

/** mulberry32: a seeded generator, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

describe('a page of tokens', () => {
  it('has the bytes of its tokens and the line of its first', () => {
    const text = 'one\ntwo three';
    const range = part(spansOf(text, [3, 4, 7, 13]), 2, 4);
    const page = buildTokenPage(range, textFor(text, range), 0, { line: 1, column: 0 });
    expect(new TextDecoder().decode(page.bytes)).toBe('two three');
    expect(page).toMatchObject({ first: 2, firstByte: 4, firstUtf16: 4, firstLine: 1, atLineStart: true });
  });

  it('finds that its first token begins inside a character', () => {
    const text = 'a€b';
    const range = part(spansOf(text, [2, 4, 5]), 1, 3);
    expect(possibleCuts(range, textFor(text, range))).toEqual([1]);
    const page = buildTokenPage(range, textFor(text, range), 1, { line: 0, column: 1 });
    expect([...page.bytes]).toEqual([0x82, 0xac, 0x62]);
  });

  it('does not start a line in the middle of a character', () => {
    const text = '€';
    const range = part(spansOf(text, [1, 3]), 1, 2);
    expect(buildTokenPage(range, text, 1, { line: 0, column: 0 }).atLineStart).toBe(false);
  });

  it('takes a lone surrogate as the three bytes of U+FFFD', () => {
    const text = 'x\ud800y';
    const range = spansOf(text, [1, 4, 5]);
    expect(possibleCuts(range, text)).toEqual([0]);
    expect([...buildTokenPage(range, text, 0, { line: 0, column: 0 }).bytes]).toEqual([
      0x78, 0xef, 0xbf, 0xbd, 0x79,
    ]);
  });

  it('gives the same bytes as the whole text for any cut of any text', () => {
    const alphabet = ['a', ' ', '\n', 'é', '€', '東', '🦊', '\u200d', '\ud800'];
    for (let seed = 1; seed <= 400; seed++) {
      const next = random(seed);
      const text = Array.from({ length: 30 }, () => alphabet[Math.floor(next() * alphabet.length)]!).join('');
      const bytes = encoder.encode(text);
      const ends: number[] = [];
      for (let at = 0; at < bytes.length;)
        ends.push((at = Math.min(bytes.length, at + 1 + Math.floor(next() * 6))));
      const first = Math.floor(next() * ends.length);
      const last = first + 1 + Math.floor(next() * (ends.length - first));
      const range = part(spansOf(text, ends), first, last);
      const cuts = possibleCuts(range, textFor(text, range));
      const wanted = bytes.slice(range.firstByte, ends[last - 1]);
      const built = cuts.map((cut) => [
        ...buildTokenPage(range, textFor(text, range), cut, { line: 0, column: 0 }).bytes,
      ]);
      expect(built, `seed ${seed}`).toContainEqual([...wanted]);
      // Only where every token ends inside a character may the offsets leave it open.
      if (range.cutEnds.length < range.ids.length) expect(built, `seed ${seed}`).toHaveLength(1);
    }
  });
});
