// Which token may follow a left context. Definitions (bytes x, tokens t, encoder enc, decoder dec):
//   canonical: enc(dec(t)) = t.      viable: some bytes z exist with enc(dec(t) z) starting with t.
// Canonical is not closed under prefixes: with the usual pattern branch \s+(?!\S), [" ", " ", "b"] is canonical while
// [" ", " "] is not (two spaces alone are one token). Viable is, by definition, so it is the test for everything that
// goes on; canonical is asked only where a text ends.
// Method: split dec(t) w into pre-tokens for each witness w, drop the splits that cut a token, and test the rest by
// adjacent pairs. Splits are shared between tokens that the pattern cannot tell apart.
import type { ByteVocabulary, VocabularyIndex } from './byteVocabulary';
import { completeLength } from './utf8Tail';

/** One way in which the split of left + token can turn out. */
interface Structure {
  /** The token stands in one pre-token with the last left token. */
  readonly joined: boolean;
  /** Start in bytes of the pre-token that the token ends in. */
  readonly pieceStart: number;
  /** The pre-token ends with the token; otherwise it runs on into what follows. */
  readonly complete: boolean;
}

const UNKNOWN = 0;
const YES = 1;

/** Facts about single tokens of a vocabulary, shared by all searches. */
export class TokenFacts {
  readonly #vocabulary: ByteVocabulary;
  readonly #producible: Uint8Array;
  readonly #signatures: Int32Array;
  readonly #signatureIds = new Map<string, number>();

  constructor(vocabulary: ByteVocabulary) {
    this.#vocabulary = vocabulary;
    this.#producible = new Uint8Array(vocabulary.size);
    this.#signatures = new Int32Array(vocabulary.size).fill(-1);
  }

  /** Whether merging the token's bytes gives the token. */
  isProducible(id: number): boolean {
    let known = this.#producible[id]!;
    if (known === UNKNOWN) {
      const ids = this.#vocabulary.encodePieceStart(this.#vocabulary.tokenBytes(id));
      known = ids.length === 1 && ids[0] === id ? YES : 2;
      this.#producible[id] = known;
    }
    return known === YES;
  }

  /** A small number, equal for tokens that the split treats alike. */
  signatureOf(id: number): number {
    let known = this.#signatures[id]!;
    if (known < 0) {
      const text = this.#vocabulary.signature(this.#vocabulary.tokenBytes(id));
      known = this.#signatureIds.get(text) ?? this.#signatureIds.size;
      this.#signatureIds.set(text, known);
      this.#signatures[id] = known;
    }
    return known;
  }
}

const facts = new WeakMap<ByteVocabulary, TokenFacts>();

export function tokenFacts(vocabulary: ByteVocabulary): TokenFacts {
  let known = facts.get(vocabulary);
  if (known === undefined) {
    known = new TokenFacts(vocabulary);
    facts.set(vocabulary, known);
  }
  return known;
}

/** Tells for one left context which tokens may follow. */
export class ContinuationTest {
  readonly #vocabulary: ByteVocabulary;
  readonly #index: VocabularyIndex;
  readonly #facts: TokenFacts;
  readonly #left: readonly number[];
  readonly #leftBytes: Uint8Array;
  /** Exclusive byte end of each left token. */
  readonly #leftEnds: readonly number[];
  /** The left context stops inside a character. */
  readonly #leftIsCut: boolean;
  readonly #structures: (readonly Structure[] | undefined)[] = [];
  readonly #answers = new Map<number, boolean>();

  /** `left`: tokens after a safe boundary. `leftBytes`: their bytes. */
  constructor(
    vocabulary: ByteVocabulary,
    index: VocabularyIndex,
    left: readonly number[],
    leftBytes: Uint8Array,
  ) {
    this.#vocabulary = vocabulary;
    this.#index = index;
    this.#facts = tokenFacts(vocabulary);
    this.#left = left;
    this.#leftBytes = leftBytes;
    let end = 0;
    this.#leftIsCut = completeLength(leftBytes) < leftBytes.length;
    this.#leftEnds = left.map((id) => (end += index.lengthOf(id)));
  }

  /** Whether `left` followed by `token` is viable. */
  isViable(token: number): boolean {
    if (this.#vocabulary.utf8 && ((this.#index.byteAt(token, 0) & 0xc0) === 0x80) !== this.#leftIsCut)
      return false;
    if (this.#vocabulary.validity === 'reencode')
      return this.#remember(token, () => this.#isCanonical(token));
    const signature = this.#facts.signatureOf(token);
    const structures = (this.#structures[signature] ??= this.#structuresOf(token));
    for (const structure of structures) {
      if (structure.joined) {
        if (!this.#vocabulary.isValidPair(this.#left[this.#left.length - 1]!, token)) continue;
      } else if (structure.complete && this.#vocabulary.wholePieces) {
        return true;
      } else if (!this.#facts.isProducible(token)) continue;
      if (structure.complete) {
        if (!structure.joined || !this.#vocabulary.wholePieces) return true;
        const bytes = this.#join(token);
        if (this.#index.find(bytes.subarray(structure.pieceStart)) === undefined) return true;
      } else if (this.#remember(token, () => this.#canGoOn(token, structure))) return true;
    }
    return false;
  }

  #remember(token: number, compute: () => boolean): boolean {
    let known = this.#answers.get(token);
    if (known === undefined) {
      known = compute();
      this.#answers.set(token, known);
    }
    return known;
  }

  #join(token: number): Uint8Array {
    return concatBytes(this.#leftBytes, this.#index.bytesOf(token));
  }

  #structuresOf(token: number): readonly Structure[] {
    const bytes = this.#join(token);
    const found: Structure[] = [];
    for (const witness of this.#vocabulary.witnesses(bytes)) {
      const structure = this.#structureIn(concatBytes(bytes, witness), bytes.length);
      if (structure === undefined) continue;
      if (found.some((known) => sameStructure(known, structure))) continue;
      // A complete pre-token needs no proof that it can go on: test it first.
      if (structure.complete) found.unshift(structure);
      else found.push(structure);
    }
    return found;
  }

  /** The structure of the first `length` bytes of `text`, or undefined when its split cuts a token or breaks the left. */
  #structureIn(text: Uint8Array, length: number): Structure | undefined {
    const leftLength = this.#leftBytes.length;
    let joined = leftLength > 0;
    let pieceStart = 0;
    let complete = false;
    let token = 0;
    for (const end of this.#vocabulary.split(text)) {
      if (end >= length) {
        complete = end === length;
        break;
      }
      if (end > leftLength) return undefined;
      const first = token;
      while (token < this.#leftEnds.length && this.#leftEnds[token]! < end) token++;
      if (this.#leftEnds[token] !== end) return undefined;
      token++;
      if (!this.#isPiece(first, token, pieceStart, end)) return undefined;
      if (end === leftLength) joined = false;
      pieceStart = end;
    }
    return this.#pairsHold(token, this.#left.length) ? { joined, pieceStart, complete } : undefined;
  }

  /** Whether left tokens [from, to) are what a complete pre-token of these bytes encodes to. */
  #isPiece(from: number, to: number, start: number, end: number): boolean {
    if (!this.#pairsHold(from, to)) return false;
    if (to - from === 1) return this.#vocabulary.wholePieces || this.#facts.isProducible(this.#left[from]!);
    return (
      !this.#vocabulary.wholePieces || this.#index.find(this.#leftBytes.subarray(start, end)) === undefined
    );
  }

  #pairsHold(from: number, to: number): boolean {
    for (let i = from + 1; i < to; i++) {
      if (!this.#vocabulary.isValidPair(this.#left[i - 1]!, this.#left[i]!)) return false;
    }
    return true;
  }

  /** Whether something can follow inside the pre-token that keeps `token` as it is. */
  #canGoOn(token: number, structure: Structure): boolean {
    const bytes = this.#join(token);
    const works = (following: Uint8Array): boolean => {
      const text = concatBytes(bytes, following);
      if (this.#vocabulary.witnesses(text).length === 0) return false;
      const end = this.#vocabulary.split(text).find((e) => e > bytes.length) ?? text.length;
      const seen = this.#structureIn(text, bytes.length);
      if (seen === undefined || !sameStructure(seen, structure)) return false;
      const rest = this.#vocabulary.encodePieceStart(following.subarray(0, end - bytes.length));
      if (!this.#vocabulary.isValidPair(token, rest[0]!)) return false;
      return (
        !this.#vocabulary.wholePieces ||
        this.#index.find(text.subarray(structure.pieceStart, end)) === undefined
      );
    };
    for (const witness of this.#vocabulary.witnesses(bytes))
      if (witness.length > 0 && works(witness)) return true;
    for (const extension of this.#vocabulary.extensions(bytes)) if (works(extension)) return true;
    const { order } = this.#index;
    const tries = Math.min(order.length, 4096);
    for (let i = 0; i < tries; i++) {
      const next = order[Math.floor((i * order.length) / tries)]!;
      if (this.#vocabulary.isValidPair(token, next) && works(this.#index.bytesOf(next))) return true;
    }
    return false;
  }

  /**
   * The slow exact test. For Unigram a best path through a boundary has a best path before it, so viable and canonical
   * agree up to the split: every pre-token of the text must encode to its tokens, the last one possibly cut.
   */
  #isCanonical(token: number): boolean {
    const bytes = this.#join(token);
    const wanted = [...this.#left, token];
    return this.#vocabulary.witnesses(bytes).some((witness) => {
      let at = 0;
      let start = 0;
      for (const end of this.#vocabulary.split(concatBytes(bytes, witness))) {
        const cut = Math.min(end, bytes.length);
        if (cut <= start) break;
        const piece = bytes.subarray(start, cut);
        const ids =
          end > bytes.length ? this.#vocabulary.encodePieceStart(piece) : this.#vocabulary.encodePiece(piece);
        for (let i = 0; i < ids.length; i++) if (ids[i] !== wanted[at++]) return false;
        start = cut;
      }
      return at === wanted.length;
    });
  }
}

function sameStructure(a: Structure, b: Structure): boolean {
  return a.joined === b.joined && a.complete === b.complete && a.pieceStart === b.pieceStart;
}

export function concatBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (b.length === 0) return a;
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
