// The slow exact path: a Unigram tokenizer, where no rule about pairs holds and every candidate is encoded again.
import { describe, expect, it } from 'vitest';
import { findCovers } from '../../../../src/core/decoding/byteCovers';
import { vocabularyIndex, type ByteVocabulary } from '../../../../src/core/decoding/byteVocabulary';
import { seededRandom } from '../../../../src/core/decoding/seededRandom';

const letters = ['a', 'b', 'c', ' '];

class ToyUnigram {
  readonly pieces: string[];
  readonly #scores = new Map<string, number>();

  constructor(random: () => number) {
    const found = new Set(letters);
    while (found.size < 14) {
      const length = 2 + Math.floor(random() * 3);
      const piece = Array.from({ length }, () => letters[Math.floor(random() * 3)]!).join('');
      found.add(random() < 0.3 ? ` ${piece}` : piece);
    }
    this.pieces = [...found];
    // Single letters are dear, longer pieces cheaper by the letter; random digits make ties impossible in practice.
    for (const piece of this.pieces) this.#scores.set(piece, -3 - 0.6 * piece.length - random());
  }

  /** Best path by dynamic programming over one word with its leading space. */
  word(text: string): number[] {
    const best = [{ score: 0, from: 0, id: -1 }];
    for (let end = 1; end <= text.length; end++) {
      let winner = { score: -Infinity, from: 0, id: -1 };
      for (let from = 0; from < end; from++) {
        const score = this.#scores.get(text.slice(from, end));
        if (score === undefined || best[from]!.score + score <= winner.score) continue;
        winner = { score: best[from]!.score + score, from, id: this.pieces.indexOf(text.slice(from, end)) };
      }
      best.push(winner);
    }
    const ids: number[] = [];
    for (let at = text.length; at > 0; at = best[at]!.from) ids.unshift(best[at]!.id);
    return ids;
  }

  words(text: string): string[] {
    return text.match(/ [^ ]*|[^ ]+/g) ?? [];
  }

  encode(text: string): number[] {
    return this.words(text).flatMap((word) => this.word(word));
  }

  view(): ByteVocabulary {
    const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
    const encode = (bytes: Uint8Array): number[] => this.word(textOf(bytes));
    return {
      size: this.pieces.length,
      validity: 'reencode',
      wholePieces: false,
      utf8: true,
      tokenBytes: (id) => Buffer.from(this.pieces[id]!),
      encodePiece: encode,
      encodePieceStart: encode,
      isValidPair: () => {
        throw new Error('pairs say nothing about Unigram');
      },
      split: (bytes) => {
        let end = 0;
        return this.words(textOf(bytes)).map((word) => (end += word.length));
      },
      witnesses: () => ['', 'a', ' '].map((text) => Buffer.from(text)),
      extensions: () => [],
      signature: (token) => token.join(),
    };
  }
}

describe('Unigram covers', () => {
  it('are those of trying every path, in 150 random vocabularies', () => {
    const more = ['', ...letters, ...letters.flatMap((a) => letters.map((b) => a + b))];
    for (let seed = 1; seed <= 150; seed++) {
      const random = seededRandom(seed);
      const toy = new ToyUnigram(random);
      const isViable = (ids: readonly number[]): boolean => {
        const text = ids.map((id) => toy.pieces[id]!).join('');
        return more.some(
          (rest) =>
            toy
              .encode(text + rest)
              .slice(0, ids.length)
              .join() === ids.join(),
        );
      };
      const length = 1 + Math.floor(random() * 6);
      const text = Array.from({ length }, () => letters[Math.floor(random() * letters.length)]!).join('');
      const expected: string[] = [];
      const walk = (path: readonly number[], at: number): void => {
        toy.pieces.forEach((piece, id) => {
          const common = Math.min(piece.length, text.length - at);
          if (piece.slice(0, common) !== text.slice(at, at + common) || !isViable([...path, id])) return;
          if (piece.length > text.length - at) expected.push([...path, id].join());
          else walk([...path, id], at + piece.length);
        });
      };
      walk([], 0);
      const view = toy.view();
      const index = vocabularyIndex(view);
      const { safe, lefts } = findCovers(view, Buffer.from(text));
      const trunk = toy.encode(text.slice(0, safe));
      const actual = lefts.flatMap((left) =>
        Array.from(index.order.subarray(left.low, left.high))
          .filter((id) => left.isViable(id))
          .map((id) => [...trunk, ...left.tokens, id].join()),
      );
      expect(actual.sort(), `seed ${seed}, text ${JSON.stringify(text)}`).toEqual(expected.sort());
    }
  });
});
