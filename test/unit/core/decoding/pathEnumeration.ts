// The oracle: next-byte probabilities by enumerating every token path of a model with finite support. It knows nothing of
// covers, safe boundaries or pairs; "viable" is tried out with every short continuation and every token.
import { hash32 } from '../../../../src/core/model/toyHashModel';
import { alphabet, type ToyByteTokenizer } from './toyByteTokenizer';

export interface OracleModel {
  readonly vocabularySize: number;
  readonly endToken: number;
  readonly maxTokens: number;
}

/** Probabilities of the toy hash model, computed here a second time from its published definition. */
export function hashModelRow(model: OracleModel, context: readonly number[]): number[] {
  const { vocabularySize, endToken, maxTokens } = model;
  if (context.length >= maxTokens)
    return Array.from({ length: vocabularySize }, (_, id) => (id === endToken ? 1 : 0));
  let h = 2166136261;
  for (const id of context) h = hash32(h ^ Math.imul(id + 1, 2654435761));
  const weights = Array.from({ length: vocabularySize }, (_, id) =>
    Math.exp((3 * hash32(h ^ (Math.imul(id, 40503) + 7))) / 4294967296),
  );
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => w / total);
}

export class PathOracle {
  readonly #tokenizer: ToyByteTokenizer;
  readonly #model: OracleModel;
  readonly #continuations: readonly string[];
  readonly #viable = new Map<string, boolean>();
  readonly #rows = new Map<string, number[]>();

  constructor(tokenizer: ToyByteTokenizer, maxTokens: number) {
    this.#tokenizer = tokenizer;
    const size = tokenizer.vocabulary.length;
    this.#model = { vocabularySize: size + 1, endToken: size, maxTokens };
    const letters = Array.from(alphabet);
    const pairs = letters.flatMap((a) => letters.map((b) => a + b));
    const tokens = tokenizer.vocabulary.flatMap((token) => [token, ...letters.map((c) => token + c)]);
    this.#continuations = [...new Set(['', ...letters, ...pairs, ...tokens])];
  }

  isCanonical(ids: readonly number[]): boolean {
    return this.#tokenizer.encode(this.#tokenizer.decode(ids)).join() === ids.join();
  }

  isViable(ids: readonly number[]): boolean {
    const key = ids.join();
    let known = this.#viable.get(key);
    if (known === undefined) {
      const text = this.#tokenizer.decode(ids);
      known = this.#continuations.some(
        (more) =>
          this.#tokenizer
            .encode(text + more)
            .slice(0, ids.length)
            .join() === key,
      );
      this.#viable.set(key, known);
    }
    return known;
  }

  row(path: readonly number[]): number[] {
    const key = path.join();
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = hashModelRow(this.#model, path);
      this.#rows.set(key, row);
    }
    return row;
  }

  /** Unnormalised mass by next byte ('end' for the end), over viable or over all paths. */
  mass(prefix: string, canon: boolean): Map<number | 'end', number> {
    const bins = new Map<number | 'end', number>();
    const add = (bin: number | 'end', mass: number): void => void bins.set(bin, (bins.get(bin) ?? 0) + mass);
    const walk = (path: readonly number[], text: string, p: number): void => {
      if (text.length > prefix.length) {
        add(text.charCodeAt(prefix.length), p);
        return;
      }
      const row = this.row(path);
      if (text.length === prefix.length && (!canon || this.isCanonical(path))) {
        add('end', p * row[this.#model.endToken]!);
      }
      this.#tokenizer.vocabulary.forEach((token, id) => {
        const next = text + token;
        const common = Math.min(next.length, prefix.length);
        if (next.slice(0, common) !== prefix.slice(0, common) || row[id] === 0) return;
        if (!canon || this.isViable([...path, id])) walk([...path, id], next, p * row[id]!);
      });
    };
    walk([], '', 1);
    return bins;
  }
}

/** 257 numbers: bytes and end, divided by their sum, with the logarithm of the sum. */
export function normalised(bins: ReadonlyMap<number | 'end', number>): { p: number[]; logMass: number } {
  const total = [...bins.values()].reduce((sum, mass) => sum + mass, 0);
  const p = Array.from({ length: 257 }, (_, b) => (bins.get(b === 256 ? 'end' : b) ?? 0) / total);
  return { p, logMass: Math.log(total) };
}
