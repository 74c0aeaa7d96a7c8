// Against Node's TextEncoder and TextDecoder, which share no code with ours.
import { describe, expect, it } from 'vitest';
import { codePointCount, decodeUtf8, encodeUtf8, isUtf8, utf8Length } from '../../../../src/core/text/utf8';
import { seededRandom } from './seededRandom';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const wellFormed = (bytes: Uint8Array): boolean => {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
};

/** Units from everywhere, surrogates far more often than by chance. */
function randomText(random: () => number): string {
  const units = Array.from({ length: Math.floor(random() * 40) }, () => {
    const kind = Math.floor(random() * 5);
    if (kind === 0) return 0xd800 + Math.floor(random() * 0x800);
    return Math.floor(random() * [0x80, 0x80, 0x800, 0x3000, 0x10000][kind]!);
  });
  return String.fromCharCode(...units);
}

describe('UTF-8', () => {
  it('encodes and measures 5000 random strings like TextEncoder', () => {
    const seed = 20261124;
    const random = seededRandom(seed);
    for (let i = 0; i < 5000; i++) {
      const text = randomText(random);
      const expected = encoder.encode(text);
      expect(encodeUtf8(text), `seed ${seed}, string ${i}`).toEqual(expected);
      expect(utf8Length(text), `seed ${seed}, string ${i}`).toBe(expected.length);
      expect(codePointCount(text), `seed ${seed}, string ${i}`).toBe(Array.from(text).length);
    }
  });

  it('decodes 20 000 random byte strings like TextDecoder, errors included', () => {
    const seed = 7;
    const random = seededRandom(seed);
    // Lead and continuation bytes of every kind, so that most sequences are nearly right.
    const likely = [
      0x41, 0x80, 0xbf, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xa0, 0x9f, 0x90, 0x8f, 0xbb, 0xc0, 0xf5,
      0xff,
    ];
    for (let i = 0; i < 20_000; i++) {
      const bytes = Uint8Array.from({ length: Math.floor(random() * 12) }, () =>
        random() < 0.8 ? likely[Math.floor(random() * likely.length)]! : Math.floor(random() * 256),
      );
      expect(decodeUtf8(bytes), `seed ${seed}, bytes ${bytes.join(' ')}`).toBe(decoder.decode(bytes));
      expect(isUtf8(bytes), `seed ${seed}, bytes ${bytes.join(' ')}`).toBe(wellFormed(bytes));
    }
  });

  it('keeps a byte order mark', () => {
    expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41))).toBe('\ufeffA');
  });

  it('takes a real U+FFFD for what it is', () => {
    expect(isUtf8(encodeUtf8('a\ufffdb'))).toBe(true);
  });

  it('measures part of a string, a cut pair as a lone surrogate', () => {
    expect(utf8Length('a🙂b', 1, 3)).toBe(4);
    expect(utf8Length('a🙂b', 0, 2)).toBe(4);
  });

  it('decodes long texts whole', () => {
    const text = 'aé日🙂'.repeat(20_000);
    expect(decodeUtf8(encoder.encode(text))).toBe(text);
  });
});
