// Distortion-free watermarks with a key sequence (Kuditipudi et al. 2024): inverse transform and exponential sampling,
// with torch's generator (library) or the Mersenne numbers of the demo (Python and JavaScript) and of MarkLLM.
// Cost of a token at a key row: |xi - rank(token)/V| for the inverse transform, log(1 - xi) for exponential sampling;
// lower means more watermarked.
import { lowWord } from '../random/int64';
import { distantWords } from '../random/distantWords';
import { MersenneTwister } from '../random/mersenneTwister';
import { TorchGenerator } from '../random/torchGenerator';
import type { AlignedKeyScheme, KeyStream, Outcome } from '../scheme';
import type { SettingsReader } from '../settings';

const WORD = 2n ** 32n - 1n;
/** The reference takes log(1 - xi) of a float32; where xi rounds to 1 it gets -Infinity and any text is "marked". */
const SMALLEST_COMPLEMENT = 2 ** -32;

/** log(1 - xi), with 1 - xi kept at or above 2^-32. `single`: as float32, as the references store it. */
export function exponentialCost(xi: number, single: boolean): number {
  const complement = single ? Math.fround(1 - xi) : 1 - xi;
  const cost = Math.log(Math.max(complement, SMALLEST_COMPLEMENT));
  return single ? Math.fround(cost) : cost;
}

/** Of the n * V numbers of a key, drawn row by row, those of the tokens asked for. */
function rowMajorStream(
  tokens: ArrayLike<number>,
  n: number,
  vocabularySize: number,
  key: number,
  toUnit: (word: number) => number,
  single: boolean,
): KeyStream {
  const order = Array.from(tokens, (token, t) => ({ token, t })).sort((a, b) => a.token - b.token);
  const count = order.length;
  const places = new Float64Array(count * n);
  for (let j = 0; j < n; j += 1) {
    for (let k = 0; k < count; k += 1) places[j * count + k] = j * vocabularySize + order[k]!.token;
  }
  const costs = new Float64Array(count * n);
  const draws = new Float64Array(count * n);
  let clamped = 0;
  distantWords(key, places, (i, word) => {
    const xi = single ? Math.fround(toUnit(word)) : toUnit(word);
    if (xi >= 1) clamped += 1;
    const cell = order[i % count]!.t * n + Math.floor(i / count);
    draws[cell] = xi;
    costs[cell] = exponentialCost(xi, single);
  });
  return { costs, draws, clamped };
}

function inverseTransformStream(tokens: ArrayLike<number>, n: number, size: number, seed: number): KeyStream {
  const { order, xi: draws } = inverseTransformNumbers(seed, size, n);
  const rank = new Int32Array(size);
  order.forEach((token, position) => {
    rank[token] = position;
  });
  const costs = new Float64Array(tokens.length * n);
  for (let t = 0; t < tokens.length; t += 1) {
    const value = Math.fround(rank[tokens[t]!]! / size);
    for (let j = 0; j < n; j += 1) costs[t * n + j] = Math.fround(Math.abs(Math.fround(draws[j]! - value)));
  }
  return { costs, draws, clamped: 0 };
}

interface DrawSource {
  readonly skip: (words: number) => void;
  readonly draw: () => number;
}

function inverseTransformNumbers(
  seed: number,
  size: number,
  n: number,
): { order: Int32Array; xi: Float64Array } {
  const generator = new TorchGenerator(seed);
  const order = generator.permutation(size);
  return { order, xi: Float64Array.from({ length: n }, () => generator.float32()) };
}

/** The permutation and key numbers that inverse-transform planting follows. */
export function inverseTransformKey(scheme: AlignedKeyScheme): { order: Int32Array; xi: Float64Array } {
  return inverseTransformNumbers(lowWord(BigInt(scheme.key)), scheme.vocabularySize, scheme.keyLength);
}

/** The demo's `rand()` and torch's float32 `rand`, of one word. */
const unitOfWord = (word: number): number => word * 2 ** -32;
const unit24 = (word: number): number => (word & 0xffffff) * 2 ** -24;

export type KuditipudiVariant =
  'library-its' | 'library-exp' | 'demo' | 'markllm-exp-edit' | 'markllm-its-edit';

export function kuditipudi(read: SettingsReader, variant: KuditipudiVariant): Outcome<AlignedKeyScheme> {
  const markllm = variant.startsWith('markllm');
  const inverse = variant === 'library-its' || variant === 'markllm-its-edit';
  const mersenne = variant === 'demo' || variant === 'markllm-exp-edit';
  const javascript = variant === 'demo' && read.text('variant', 'python', ['python', 'js']) === 'js';
  const vocabularySize =
    javascript && read.settings['vocab_size'] === undefined ? 32000 : read.vocabularySize();
  const n = read.integer(markllm ? 'pseudo_length' : 'n', 256, 1, 65536);
  const given = read.key('key', 42n, 0n, mersenne ? WORD : 2n ** 64n - 1n);
  // MarkLLM's ITSEdit seeds its key with the first torch.randint(2^32) after manual_seed(key).
  const key =
    variant === 'markllm-its-edit' ? new TorchGenerator(lowWord(given)).integer(2 ** 32) : lowWord(given);
  const defaultGamma = variant === 'library-its' ? 0.4 : variant === 'markllm-its-edit' ? 1 : 0;
  const editCost = read.number('gamma', firstNumber(read.settings['gammas']) ?? defaultGamma, 0);
  const blockSize = read.optionalInteger('k') ?? 0;
  const open = (): DrawSource => {
    const words = mersenne ? new MersenneTwister(key) : new TorchGenerator(key);
    const draw = words instanceof MersenneTwister ? () => words.unitFromWord() : () => words.float32();
    return { skip: (count) => words.skip(count), draw };
  };
  return read.finish(() => ({
    family: 'aligned-key',
    id:
      variant === 'demo' || variant === 'markllm-exp-edit'
        ? 'kuditipudi-demo-exp'
        : inverse
          ? 'kuditipudi-its'
          : 'kuditipudi-exp',
    name: NAMES[variant] + (javascript ? ' (JavaScript)' : ''),
    key: String(variant === 'markllm-its-edit' ? key : given),
    vocabularySize,
    notes: [],
    distortionFree: true,
    sampling: inverse ? 'inverse-transform' : 'exponential',
    keyLength: n,
    editCost,
    blockSize: blockSize > 0 ? blockSize : undefined,
    blockSummary: javascript ? 'median' : 'minimum',
    precision: javascript ? 'float64' : 'float32',
    runs: variant === 'markllm-its-edit' ? 500 : variant === 'markllm-exp-edit' ? 100 : 99,
    keyStream: (tokens) => {
      if (inverse) return inverseTransformStream(tokens, n, vocabularySize, key);
      return rowMajorStream(tokens, n, vocabularySize, key, mersenne ? unitOfWord : unit24, !javascript);
    },
    keyRows: () => {
      if (inverse) {
        const { xi } = inverseTransformNumbers(key, vocabularySize, n);
        return (row) => xi.slice(row, row + 1);
      }
      let source = open();
      let next = 0;
      return (row) => {
        if (row < next) {
          source = open();
          next = 0;
        }
        source.skip((row - next) * vocabularySize);
        next = row + 1;
        return Float64Array.from({ length: vocabularySize }, () =>
          javascript ? source.draw() : Math.fround(source.draw()),
        );
      };
    },
  }));
}

const NAMES: Readonly<Record<KuditipudiVariant, string>> = {
  'library-its': 'Kuditipudi inverse transform',
  'library-exp': 'Kuditipudi exponential',
  demo: 'Kuditipudi demo',
  'markllm-exp-edit': 'EXPEdit (MarkLLM)',
  'markllm-its-edit': 'ITSEdit (MarkLLM)',
};

function firstNumber(value: unknown): number | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : undefined;
  return typeof first === 'number' ? first : undefined;
}
