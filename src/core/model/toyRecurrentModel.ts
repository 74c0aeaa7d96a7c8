// A language model with embeddings but no training: state' = tanh(R state + e(input)), logits = s * E state, with R and E
// filled from a hash. It reads superposed input like a real network does, so superposed decoding can be tested without
// ONNX. With `linear` it forgets the past (state' = e(input)): mixed logits then equal the mixture of logits exactly.
import type { LanguageModel, ModelInfo } from './languageModel';
import { hash32 } from './toyHashModel';
import { ToySession } from './toySession';

export interface ToyRecurrentOptions {
  readonly vocabularySize: number;
  readonly embeddingSize?: number;
  /** Larger is more peaked. Default 4. */
  readonly sharpness?: number;
  readonly linear?: boolean;
  readonly seed?: number;
  readonly endToken?: number;
  readonly info?: Partial<ModelInfo>;
}

export class ToyRecurrentModel implements LanguageModel {
  readonly info: ModelInfo;
  readonly stepCost = undefined;
  readonly #embeddings: Float32Array;
  readonly #recurrence: Float64Array;
  readonly #options: ToyRecurrentOptions;

  constructor(options: ToyRecurrentOptions) {
    const { vocabularySize, embeddingSize: width = 16, seed = 1 } = options;
    this.#options = options;
    this.info = {
      name: 'toy recurrent model',
      vocabularySize,
      contextLength: 1 << 20,
      embeddingSize: width,
      endTokens: options.endToken === undefined ? [] : [options.endToken],
      ...options.info,
    };
    this.#embeddings = new Float32Array(vocabularySize * width);
    for (let i = 0; i < this.#embeddings.length; i++) this.#embeddings[i] = uniform(seed, i);
    this.#recurrence = new Float64Array(width * width);
    for (let i = 0; i < width * width; i++) {
      this.#recurrence[i] = (1.4 * uniform(seed + 1, i)) / Math.sqrt(width);
    }
  }

  openSession(): ToySession<Float64Array> {
    const { vocabularySize, sharpness = 4, linear = false } = this.#options;
    const width = this.info.embeddingSize;
    const embeddings = this.#embeddings;
    const recurrence = this.#recurrence;
    const embeddingRow = (id: number): Float32Array => {
      if (id < 0 || id >= vocabularySize) throw new RangeError(`token ${id} is not in the vocabulary`);
      return embeddings.subarray(id * width, (id + 1) * width);
    };
    return new ToySession<Float64Array>(this.info, {
      start: new Float64Array(width),
      embeddingRow,
      advance(state, input) {
        const row = typeof input === 'number' ? embeddingRow(input) : input;
        if (row.length !== width) throw new RangeError(`an embedding has ${width} floats`);
        const next = new Float64Array(width);
        for (let i = 0; i < width; i++) {
          let sum = row[i]!;
          if (!linear) for (let j = 0; j < width; j++) sum += recurrence[i * width + j]! * state[j]!;
          next[i] = linear ? sum : Math.tanh(sum);
        }
        return next;
      },
      logits(state) {
        const row = new Float64Array(vocabularySize);
        for (let id = 0; id < vocabularySize; id++) {
          let sum = 0;
          for (let j = 0; j < width; j++) sum += embeddings[id * width + j]! * state[j]!;
          row[id] = sharpness * sum;
        }
        return row;
      },
    });
  }
}

/** In [-1, 1), from a hash of place and seed. */
function uniform(seed: number, place: number): number {
  return hash32(Math.imul(seed, 0x9e3779b1) ^ hash32(place + 1)) / 2147483648 - 1;
}
