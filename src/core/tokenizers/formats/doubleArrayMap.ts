// SentencePiece's precompiled character map: a double-array trie (Darts) from byte strings to replacements.
// Layout: u32 little-endian length of the trie, the trie as u32 units, then replacements as zero-ended UTF-8.
// Source: google/sentencepiece normalizer.cc (DecodePrecompiledCharsMap) and s-yata/darts-clone's unit format:
// bit 31 marks a leaf value, bit 8 says that a value follows, bits 10.. are the offset (shifted by 8 when bit 9).
import { FormatError } from './formatResult';

export interface MappedPrefix {
  /** Bytes of input that the entry covers. */
  readonly length: number;
  /** What they become. */
  readonly text: string;
}

export class DoubleArrayMap {
  readonly #units: Uint32Array;
  readonly #blob: Uint8Array;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  /** Throws FormatError 'bad-charsmap' when the sizes do not fit together. */
  constructor(data: Uint8Array) {
    const bad = (why: string) =>
      new FormatError(
        'bad-charsmap',
        `The file's character map is damaged (${why}); download the file again.`,
      );
    if (data.length < 8) throw bad('too short');
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const trieBytes = view.getUint32(0, true);
    if (trieBytes % 4 !== 0 || trieBytes === 0 || trieBytes > data.length - 4) throw bad('trie length');
    this.#units = new Uint32Array(trieBytes / 4);
    for (let i = 0; i < this.#units.length; i++) this.#units[i] = view.getUint32(4 + i * 4, true);
    this.#blob = data.subarray(4 + trieBytes);
    if (this.#blob.length > 0 && this.#blob[this.#blob.length - 1] !== 0) throw bad('replacement text');
  }

  /** The shortest (Hugging Face's rule) or longest (SentencePiece's rule) entry that starts at `from`. */
  find(bytes: Uint8Array, from: number, to: number, want: 'shortest' | 'longest'): MappedPrefix | null {
    const units = this.#units;
    let node = 0;
    let unit = units[0]!;
    node ^= offsetOf(unit);
    let found: MappedPrefix | null = null;
    for (let i = from; i < to; i++) {
      const byte = bytes[i]!;
      // Zero bytes end keys in the trie, so they can never be part of one.
      if (byte === 0) break;
      node ^= byte;
      if (node < 0 || node >= units.length) break;
      unit = units[node]!;
      if ((unit & 0x800000ff) !== byte) break;
      node ^= offsetOf(unit);
      if (node < 0 || node >= units.length) break;
      if (((unit >>> 8) & 1) === 1) {
        found = { length: i - from + 1, text: this.#replacement(units[node]! & 0x7fffffff) };
        if (want === 'shortest') return found;
      }
    }
    return found;
  }

  #replacement(at: number): string {
    let end = at;
    while (end < this.#blob.length && this.#blob[end] !== 0) end++;
    return this.#decoder.decode(this.#blob.subarray(Math.min(at, end), end));
  }
}

const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);
