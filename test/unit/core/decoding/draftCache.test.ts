import { describe, expect, it } from 'vitest';
import { DraftCache } from '../../../../src/core/decoding/draftCache';

const cacheOf = (prefix: string, suffix: string, texts: readonly string[]): DraftCache<{ text: string }> => {
  const cache = new DraftCache<{ text: string }>();
  cache.add(
    prefix,
    suffix,
    texts.map((text) => ({ text })),
  );
  return cache;
};
const rests = (cache: DraftCache<{ text: string }>, prefix: string, suffix: string): string[] =>
  cache.lookup(prefix, suffix).map((match) => match.rest);

describe('typing what was suggested', () => {
  const cache = cacheOf('const a = ', ';\n', ['foo(bar)', 'food', 'baz']);

  it('keeps the drafts that go on, without what was typed', () => {
    expect(rests(cache, 'const a = ', ';\n')).toEqual(['foo(bar)', 'food', 'baz']);
    expect(rests(cache, 'const a = foo', ';\n')).toEqual(['(bar)', 'd']);
    expect(rests(cache, 'const a = b', ';\n')).toEqual(['az']);
  });

  it('has nothing for other text, for other text after the cursor, or for a draft typed to its end', () => {
    expect(rests(cache, 'const a = x', ';\n')).toEqual([]);
    expect(rests(cache, 'const a = f', ',\n')).toEqual([]);
    expect(rests(cache, 'const b = f', ';\n')).toEqual([]);
    expect(rests(cache, 'const a = baz', ';\n')).toEqual([]);
  });

  it('replaces a bracket that the editor closed by itself', () => {
    expect(cache.lookup('const a = foo(', ');\n')).toEqual([
      { draft: { text: 'foo(bar)' }, rest: 'bar)', replaceAfter: 1 },
    ]);
    // The bracket was there before: it is not the draft's.
    expect(rests(cacheOf('f(', ')\n', ['a']), 'f(', '))\n')).toEqual([]);
    expect(rests(cacheOf('x = ', '\n', ["'ab'"]), "x = '", "'\n")).toEqual(["ab'"]);
  });

  it("accepts the editor's own indentation after a line end", () => {
    const lines = cacheOf('if (a) {', '\n}', ['\n    return 1;']);
    expect(rests(lines, 'if (a) {\n', '\n}')).toEqual(['    return 1;']);
    expect(rests(lines, 'if (a) {\n  ', '\n}')).toEqual(['  return 1;']);
    expect(rests(lines, 'if (a) {\n    ', '\n}')).toEqual(['return 1;']);
    expect(rests(lines, 'if (a) {\n\t', '\n}')).toEqual(['    return 1;']);
    expect(rests(lines, 'if (a) {\n      ', '\n}')).toEqual([]);
  });

  it('never offers the same rest twice and forgets the oldest request', () => {
    const two = new DraftCache<{ text: string }>(2);
    two.add('a', '', [{ text: 'bcd' }]);
    two.add('ab', '', [{ text: 'cd' }, { text: 'ce' }]);
    expect(rests(two, 'ab', '')).toEqual(['cd', 'ce']);
    two.add('x', '', [{ text: 'y' }]);
    expect(rests(two, 'a', '')).toEqual([]);
    two.clear();
    expect(rests(two, 'x', '')).toEqual([]);
  });
});
