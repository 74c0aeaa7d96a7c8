// A language model without weights: every context hashes to its own arbitrary, repeatable scores. Decoders and tests use
// it to have exact probabilities over any vocabulary at once, without ONNX. It takes token ids only.
// 32-bit integer arithmetic throughout, so other languages reproduce the numbers (see test/fixtures/byte-level).
import type { LanguageModel, ModelInfo } from './languageModel';
import { ModelStopped } from './languageModel';
import { ToySession } from './toySession';

export interface ToyHashOptions {
  readonly vocabularySize: number;
  readonly endToken?: number;
  /** Contexts of this many tokens end with certainty, so that every text has finite probability mass to enumerate. */
  readonly maxTokens?: number;
  /** Scores are uniform in [0, scale). Default 3. */
  readonly scale?: number;
  readonly seed?: number;
  readonly info?: Partial<ModelInfo>;
}

/** Avalanche hash of one 32-bit word (Wellons' lowbias32 constants). */
export function hash32(word: number): number {
  let x = word | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

export class ToyHashModel implements LanguageModel {
  readonly info: ModelInfo;
  readonly stepCost = undefined;
  readonly #options: ToyHashOptions;

  constructor(options: ToyHashOptions) {
    this.#options = options;
    this.info = {
      name: 'toy hash model',
      vocabularySize: options.vocabularySize,
      contextLength: 1 << 20,
      embeddingSize: 0,
      endTokens: options.endToken === undefined ? [] : [options.endToken],
      ...options.info,
    };
  }

  openSession(): ToySession<number> {
    const { vocabularySize, endToken, maxTokens = Infinity, scale = 3, seed = 2166136261 } = this.#options;
    return new ToySession<number>(this.info, {
      start: seed | 0,
      advance(state, input) {
        if (typeof input !== 'number') {
          throw new ModelStopped('failed', 'the toy hash model has no embeddings');
        }
        if (input < 0 || input >= vocabularySize)
          throw new RangeError(`token ${input} is not in the vocabulary`);
        return hash32(state ^ Math.imul(input + 1, 2654435761)) | 0;
      },
      logits(state, depth) {
        const row = new Float64Array(vocabularySize);
        if (endToken !== undefined && depth >= maxTokens) {
          row.fill(-Infinity);
          row[endToken] = 0;
          return row;
        }
        for (let id = 0; id < vocabularySize; id++) {
          row[id] = scale * (hash32(state ^ (Math.imul(id, 40503) + 7)) / 4294967296);
        }
        return row;
      },
      embeddingRow() {
        throw new ModelStopped('failed', 'the toy hash model has no embeddings');
      },
    });
  }
}
