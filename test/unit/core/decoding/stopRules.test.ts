import { describe, expect, it } from 'vitest';
import {
  completeText,
  stopPoint,
  withoutSuffixOverlap,
  type StopRules,
} from '../../../../src/core/decoding/stopRules';
import {
  completeLength,
  completions,
  decodeUtf8Tail,
  encodeUtf8,
} from '../../../../src/core/decoding/utf8Tail';

const rules: StopRules = {
  singleLine: false,
  maxTokens: 100,
  maxBytes: 1000,
  indentation: 2,
  suffixLine: '}',
};
const stop = (text: string, change: Partial<StopRules> = {}, tokens = 1) =>
  stopPoint(Buffer.from(text), tokens, { ...rules, ...change });

describe('stop rules', () => {
  it('single-line drafts end at the first line end after something visible', () => {
    expect(stop('foo();\nbar', { singleLine: true })).toEqual({ cause: 'newline', keep: 6 });
    expect(stop('foo();\r\nbar', { singleLine: true })).toEqual({ cause: 'newline', keep: 6 });
    expect(stop('\n  foo', { singleLine: true })).toBeUndefined();
  });

  it('multi-line drafts end where a line starts left of the cursor line, blank lines apart', () => {
    expect(stop('{\n    a();\n\n    b();\n  c')).toBeUndefined();
    expect(stop('{\n    a();\n}')).toEqual({ cause: 'dedent', keep: 10 });
    expect(stop('a\n  end();\n  more', { suffixLine: 'end();' })).toEqual({ cause: 'suffix', keep: 1 });
  });

  it('limits tokens and bytes, and cuts loops back to their first round', () => {
    expect(stop('abc', {}, 100)).toEqual({ cause: 'length', keep: 3 });
    expect(stop('abcdef', { maxBytes: 4 })).toEqual({ cause: 'bytes', keep: 4 });
    expect(stop(`x = ${'ab, '.repeat(20)}`)?.cause).toBe('loop');
    expect(stop(' '.repeat(80))).toBeUndefined();
  });

  it('never shows half a character or what stands after the cursor already', () => {
    expect(completeText(Buffer.from('caf\u00e9').subarray(0, 4))).toBe('caf');
    expect(completeText(Uint8Array.of(0x61, 0xff, 0x62))).toBe('a');
    expect(withoutSuffixOverlap('name)', ')')).toBe('name');
    expect(withoutSuffixOverlap('name', ')')).toBe('name');
    expect(withoutSuffixOverlap('a)\nb)', ')')).toBe('a)\nb)');
  });
});

describe('UTF-8 that may be cut', () => {
  it('agrees with Buffer at every cut of a text with all lengths of characters', () => {
    const text = 'a\u00e9\u65e5\u{1f44d}z\ud800';
    const bytes = Buffer.from(text);
    expect(Buffer.from(encodeUtf8(text)).equals(bytes)).toBe(true);
    for (let n = 0; n <= bytes.length; n++) {
      const tail = decodeUtf8Tail(bytes.subarray(0, n))!;
      expect(Buffer.from(tail.text).equals(bytes.subarray(0, tail.completeBytes))).toBe(true);
      expect(tail.completeBytes + tail.cutBytes).toBe(n);
      expect(completeLength(bytes.subarray(0, n))).toBe(tail.completeBytes);
    }
  });

  it('refuses bytes that can never become a character', () => {
    for (const bad of [
      [0x80],
      [0xc0],
      [0xc1, 0x80],
      [0xe0, 0x80],
      [0xed, 0xa0],
      [0xf0, 0x80],
      [0xf4, 0x90],
      [0xf5],
      [0xc3, 0x41],
    ]) {
      expect(decodeUtf8Tail(Uint8Array.from(bad)), bad.join()).toBeUndefined();
    }
  });

  it('lists the completions of a cut character', () => {
    const cut = Uint8Array.of(0xe6, 0x97);
    const all = [...completions(cut, 1)];
    expect(all).toHaveLength(64);
    expect(Buffer.concat([cut, all[0x25]!]).toString()).toBe('\u65e5');
    expect([...completions(Uint8Array.of(0xed), 1)].every((rest) => rest[0]! < 0xa0)).toBe(true);
  });
});
