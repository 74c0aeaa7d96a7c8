// A byte-pair tokenizer over a tiny byte alphabet, written for the tests alone: straight code, no shared parts with the
// product. Every byte is one character of the pattern, so texts cut inside a UTF-8 character still split.
import { readFileSync } from 'node:fs';
import type { ByteVocabulary } from '../../../../src/core/decoding/byteVocabulary';

export interface FixtureCase {
  readonly prefix: number[];
  readonly tokens: number[];
  readonly canonical: Record<string, number>;
  readonly logZ_canonical: number;
  readonly all: Record<string, number>;
  readonly logZ_all: number;
  readonly token_level: Record<string, number>;
  readonly healing1: Record<string, number>;
  readonly model_calls: number;
}

export interface Fixture {
  readonly vocab: number[][];
  readonly merges: [number[], number[]][];
  readonly eos: number;
  readonly lmax: number;
  readonly cases: FixtureCase[];
}

export function readFixture(): Fixture {
  const path = new URL('../../../fixtures/byte-level/fixtures_bytelevel.json', import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as Fixture;
}

const key = (bytes: ArrayLike<number>): string => String.fromCharCode(...Array.from(bytes));
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

/** The alphabet and pattern of the fixtures: letters a b c C3 A9, space, newline. */
export const alphabet = 'abc \n\u00c3\u00a9';
const pattern = / ?[a-z\u00c3\u00a9]+|\s+(?!\S)|\s+/g;

export class ToyByteTokenizer {
  readonly vocabulary: string[];
  readonly #ids = new Map<string, number>();
  readonly #ranks = new Map<string, number>();

  constructor(merges: readonly (readonly [string, string])[]) {
    this.vocabulary = [...Array.from(alphabet), ...merges.map(([left, right]) => left + right)];
    this.vocabulary.forEach((token, id) => this.#ids.set(token, id));
    merges.forEach(([left, right], rank) => this.#ranks.set(`${left}|${right}`, rank));
  }

  split(text: string): string[] {
    return text.match(pattern) ?? [];
  }

  merge(piece: string): number[] {
    const parts = Array.from(piece);
    for (;;) {
      let best = -1;
      let bestRank = Infinity;
      for (let i = 0; i + 1 < parts.length; i++) {
        const rank = this.#ranks.get(`${parts[i]!}|${parts[i + 1]!}`) ?? Infinity;
        if (rank < bestRank) [best, bestRank] = [i, rank];
      }
      if (best < 0) return parts.map((part) => this.#ids.get(part)!);
      parts.splice(best, 2, parts[best]! + parts[best + 1]!);
    }
  }

  encode(text: string): number[] {
    return this.split(text).flatMap((piece) => this.merge(piece));
  }

  /** Tokens of `text` that end at or before `end`; not those of the cut text, since a split may look ahead. */
  encodeUpTo(text: string, end: number): number[] {
    let at = 0;
    return this.encode(text).filter((id) => (at += this.vocabulary[id]!.length) <= end);
  }

  decode(ids: readonly number[]): string {
    return ids.map((id) => this.vocabulary[id]!).join('');
  }

  /** What the engine under test reads. Its witnesses are one string for each class of the pattern. */
  byteVocabulary(): ByteVocabulary {
    const merge = (bytes: Uint8Array): number[] => this.merge(key(bytes));
    const classes = ['', 'b', ' ', ' b', '\n', '\nb'].map(bytesOf);
    return {
      size: this.vocabulary.length + 1,
      validity: 'pairs',
      utf8: false,
      wholePieces: false,
      tokenBytes: (id) => bytesOf(this.vocabulary[id] ?? ''),
      encodePiece: merge,
      encodePieceStart: merge,
      isValidPair: (left, right) => {
        const ids = this.merge(this.vocabulary[left]! + this.vocabulary[right]!);
        return ids.length === 2 && ids[0] === left && ids[1] === right;
      },
      split: (bytes) => {
        let end = 0;
        return this.split(key(bytes)).map((piece) => (end += piece.length));
      },
      witnesses: () => classes,
      extensions: () => Array.from(alphabet).map(bytesOf),
      signature: (token) => token.join(),
    };
  }
}

export function fixtureTokenizer(fixture: Fixture): ToyByteTokenizer {
  return new ToyByteTokenizer(fixture.merges.map(([left, right]) => [key(left), key(right)] as const));
}
