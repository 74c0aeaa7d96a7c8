import { describe, expect, it } from 'vitest';
import { createLineIndex } from '../../../../src/core/text/lineIndex';

describe('a line index', () => {
  const text = 'ab\ncd\r\n\rx';
  const index = createLineIndex(text);

  it('knows the three kinds of line break', () => {
    expect(index.lineCount).toBe(4);
    expect(text.slice(index.offsetAt({ line: 3, column: 0 }))).toBe('x');
  });

  it('finds line and column of every offset by definition', () => {
    let line = 0;
    let start = 0;
    for (let offset = 0; offset <= text.length; offset++) {
      expect(index.positionAt(offset), `offset ${offset}`).toEqual({ line, column: offset - start });
      const ends = text[offset] === '\n' || (text[offset] === '\r' && text[offset + 1] !== '\n');
      if (ends) {
        line++;
        start = offset + 1;
      }
    }
  });

  it('moves places outside the text to the nearest one inside', () => {
    expect(index.positionAt(-5)).toEqual({ line: 0, column: 0 });
    expect(index.positionAt(99)).toEqual({ line: 3, column: 1 });
    expect(index.offsetAt({ line: 0, column: 99 })).toBe(2);
    expect(index.offsetAt({ line: 1, column: 99 })).toBe(5);
    expect(index.offsetAt({ line: 99, column: 0 })).toBe(text.length);
    expect(index.offsetAt({ line: -1, column: 3 })).toBe(0);
  });

  it('gives an empty text one empty line', () => {
    const empty = createLineIndex('');
    expect(empty.lineCount).toBe(1);
    expect(empty.positionAt(0)).toEqual({ line: 0, column: 0 });
  });
});
