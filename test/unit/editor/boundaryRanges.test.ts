// Drawing pieces checked against their definition: together they cover the text of the tokens, line by line, once.
import { describe, expect, it } from 'vitest';
import { createLineIndex } from '../../../src/core/text/lineIndex';
import { boundaryPieces, linesBeside, type BoundaryPiece } from '../../../src/editor/boundaryRanges';
import type { SpanRange } from '../../../src/engine/engineProtocol';
import { seededRandom } from '../core/text/seededRandom';

/** A span range from token texts; a token given as null ends inside the character that comes next. */
function spansOf(tokens: readonly (string | null)[], firstIndex = 0, firstUtf16 = 0): SpanRange {
  let at = firstUtf16;
  const utf16Ends = tokens.map((token) => (at += token?.length ?? 0));
  return {
    version: 1,
    firstIndex,
    totalTokens: firstIndex + tokens.length,
    firstByte: 0,
    firstUtf16,
    ids: new Uint32Array(tokens.length),
    byteEnds: new Uint32Array(tokens.length),
    utf16Ends: Uint32Array.from(utf16Ends),
    cutEnds: Uint32Array.from(tokens.flatMap((token, i) => (token === null ? [i] : []))),
  };
}
const origin = { line: 0, column: 0 };
const piece = (kind: BoundaryPiece['kind'], line: number, start: number, end: number): BoundaryPiece => ({
  kind,
  line,
  start,
  end,
});

describe('boundary pieces', () => {
  it('alternate on one line', () => {
    expect(boundaryPieces(spansOf(['ab', 'c']), 'abc', 0, origin)).toEqual([
      piece('evenStart', 0, 0, 2),
      piece('oddStart', 0, 2, 3),
    ]);
  });

  it('begin anew on every line, so that an edit leaves the lines below as they are', () => {
    const kindsBelow = (tokens: readonly string[]): readonly string[] =>
      boundaryPieces(spansOf(tokens), tokens.join(''), 0, origin)
        .filter(({ line }) => line === 1)
        .map(({ kind }) => kind);
    expect(kindsBelow(['a', 'b\n', 'c', 'd'])).toEqual(['evenStart', 'oddStart']);
    expect(kindsBelow(['ab\n', 'c', 'd'])).toEqual(['evenStart', 'oddStart']);
  });

  it('have one edge for a token that spans lines', () => {
    expect(boundaryPieces(spansOf(['ab', '\n\n  ', 'c']), 'ab\n\n  c', 0, origin)).toEqual([
      piece('evenStart', 0, 0, 2),
      piece('oddStart', 0, 2, 2),
      piece('oddRest', 1, 0, 0),
      piece('oddRest', 2, 0, 2),
      piece('evenStart', 2, 2, 3),
    ]);
  });

  it('know \\r\\n as one break', () => {
    expect(boundaryPieces(spansOf(['a\r\n', 'b']), 'a\r\nb', 0, origin)).toEqual([
      piece('evenStart', 0, 0, 1),
      piece('evenStart', 1, 0, 1),
    ]);
  });

  it('start where they are told, in the middle of a document', () => {
    expect(boundaryPieces(spansOf(['cd'], 0, 102), 'cd', 102, { line: 9, column: 2 })).toEqual([
      piece('evenStart', 9, 2, 4),
    ]);
  });

  it('mark a character that a boundary cuts once, however often it is cut', () => {
    expect(boundaryPieces(spansOf(['a', null, null, '🙂', 'b']), 'a🙂b', 0, origin)).toEqual([
      piece('evenStart', 0, 0, 1),
      piece('insideCharacter', 0, 1, 3),
      piece('oddStart', 0, 3, 4),
    ]);
  });

  it('separate what a token has before the character that it cuts', () => {
    // ' ' and the first byte of é are one token; its text ends after the space.
    const spans = { ...spansOf([' ', 'é']), cutEnds: Uint32Array.of(0) };
    expect(boundaryPieces(spans, ' é', 0, origin)).toEqual([
      piece('evenStart', 0, 0, 1),
      piece('insideCharacter', 0, 1, 2),
    ]);
  });

  it('leave out tokens that lie beyond the text', () => {
    expect(boundaryPieces(spansOf(['ab', 'cd']), 'abc', 0, origin)).toEqual([piece('evenStart', 0, 0, 2)]);
  });

  it('cover 2000 random tokenizations exactly once, neighbours on a line in different bands', () => {
    const seed = 31;
    const random = seededRandom(seed);
    const alphabet = ['a', 'bc', ' ', '\n', '\r\n', '日', '🙂', '\n\n'];
    for (let round = 0; round < 2000; round++) {
      const tokens = Array.from({ length: 1 + Math.floor(random() * 12) }, () =>
        Array.from(
          { length: 1 + Math.floor(random() * 3) },
          () => alphabet[Math.floor(random() * alphabet.length)]!,
        ).join(''),
      );
      const text = tokens.join('');
      const lines = createLineIndex(text);
      const covered = new Map<number, number>();
      const pieces = boundaryPieces(spansOf(tokens), text, 0, origin);
      for (const [i, { kind, line }] of pieces.entries()) {
        const before = pieces[i - 1];
        if (before?.line === line)
          expect(before.kind.slice(0, 3), `seed ${seed}, ${JSON.stringify(tokens)}`).not.toBe(
            kind.slice(0, 3),
          );
      }
      for (const { line, start, end } of pieces) {
        const from = lines.offsetAt({ line, column: start });
        for (let i = 0; i < end - start; i++) covered.set(from + i, (covered.get(from + i) ?? 0) + 1);
      }
      for (let offset = 0; offset < text.length; offset++) {
        const isBreak = text[offset] === '\n' || text[offset] === '\r';
        expect(covered.get(offset) ?? 0, `seed ${seed}, ${JSON.stringify(tokens)}, offset ${offset}`).toBe(
          isBreak ? 0 : 1,
        );
      }
    }
  });
});

describe('lines beside the screen', () => {
  it('are one screen above and one below', () => {
    expect(linesBeside([{ first: 100, last: 149 }], 1000)).toEqual([
      { first: 50, last: 99 },
      { first: 150, last: 199 },
    ]);
  });

  it('stay within the document', () => {
    expect(linesBeside([{ first: 0, last: 9 }], 10)).toEqual([]);
    expect(linesBeside([{ first: 3, last: 7 }], 10)).toEqual([
      { first: 0, last: 2 },
      { first: 8, last: 9 },
    ]);
  });

  it('never list a line twice or a visible one, whatever is folded', () => {
    const seed = 8;
    const random = seededRandom(seed);
    for (let round = 0; round < 1000; round++) {
      const lineCount = 1 + Math.floor(random() * 120);
      const visible = [];
      for (let at = Math.floor(random() * 20); at < lineCount; at += 1 + Math.floor(random() * 30)) {
        const last = Math.min(lineCount - 1, at + Math.floor(random() * 15));
        visible.push({ first: at, last });
        at = last + 1;
      }
      const seen = new Set(
        visible.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
      );
      for (const { first, last } of linesBeside(visible, lineCount)) {
        expect(first).toBeLessThanOrEqual(last);
        for (let line = first; line <= last; line++) {
          expect(seen.has(line), `seed ${seed}, ${JSON.stringify(visible)}, line ${line}`).toBe(false);
          expect(line >= 0 && line < lineCount).toBe(true);
          seen.add(line);
        }
      }
    }
  });
});
