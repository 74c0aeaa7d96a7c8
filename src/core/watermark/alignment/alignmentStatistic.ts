// The alignment statistic of Kuditipudi et al. (2024): edit distance between a block of text and a stretch of the key,
// for every shift of the key. Float32 throughout, as the references compute it; the WebAssembly kernel and the plain
// loop below give the same bits.
import { instantiate } from '../random/wasmAssembler';
import { kernelModule, LANES } from './wasmCode';

/** Statistics of a text of fixed tokens against key rows; holds the working memory for many keys. */
export interface AlignmentEngine {
  /**
   * @param costs entry t * n + j: cost of distinct token t at key row j.
   * @returns entry b * n + j: statistic of block b against the key from row j on.
   */
  readonly rows: (costs: Float64Array) => Float64Array;
  readonly kind: 'wasm' | 'plain';
}

export interface AlignmentShape {
  /** Text as indices into its distinct tokens. */
  readonly tokens: Int32Array;
  readonly distinct: number;
  readonly keyLength: number;
  readonly blockSize: number;
  readonly editCost: number;
  readonly precision: 'float32' | 'float64';
}

type Kernel = (
  costs: number,
  tokens: number,
  length: number,
  stride: number,
  table: number,
  gamma: number,
) => void;

export function createAlignmentEngine(shape: AlignmentShape, useWasm = true): AlignmentEngine {
  return (useWasm ? wasmEngine(shape) : undefined) ?? plainEngine(shape);
}

function plainEngine({
  tokens,
  keyLength: n,
  blockSize,
  editCost,
  precision,
}: AlignmentShape): AlignmentEngine {
  const single = precision === 'float32';
  const table = single ? new Float32Array(blockSize + 1) : new Float64Array(blockSize + 1);
  const gamma = single ? Math.fround(editCost) : editCost;
  const round = single ? Math.fround : (x: number): number => x;
  const rows = (costs: Float64Array): Float64Array => {
    const blocks = tokens.length - blockSize + 1;
    const out = new Float64Array(blocks * n);
    for (let b = 0; b < blocks; b += 1) {
      for (let shift = 0; shift < n; shift += 1) {
        for (let c = 0; c <= blockSize; c += 1) table[c] = c * gamma;
        for (let i = 0; i < blockSize; i += 1) {
          const row = tokens[b + i]! * n;
          let diagonal = table[0]!;
          let left = round((i + 1) * gamma);
          table[0] = left;
          for (let c = 1, j = shift; c <= blockSize; c += 1, j = j + 1 === n ? 0 : j + 1) {
            const up = table[c]!;
            left = Math.min(round(up + gamma), round(left + gamma), round(diagonal + costs[row + j]!));
            table[c] = left;
            diagonal = up;
          }
        }
        out[b * n + shift] = table[blockSize]!;
      }
    }
    return out;
  };
  return { rows, kind: 'plain' };
}

/** Undefined in a host without SIMD: the plain loop gives the same numbers, slower. */
function wasmEngine(shape: AlignmentShape): AlignmentEngine | undefined {
  const { tokens, distinct, keyLength: n, blockSize, editCost, precision } = shape;
  const size = precision === 'float32' ? 4 : 8;
  // Each token's costs are written out beyond the wrap-around, so that 16 shifts always lie side by side.
  const rowLength = n + blockSize + LANES;
  const tableAt = 0;
  const tokensAt = (blockSize + 1) * LANES * size;
  const costsAt = Math.ceil((tokensAt + tokens.length * 4) / 16) * 16;
  const instance = instantiate(kernelModule(precision), costsAt + distinct * rowLength * size);
  if (instance === undefined) return undefined;
  const kernel = instance.exports[editCost === 0 ? 'free' : 'edit'] as Kernel;
  const floats = size === 4 ? new Float32Array(instance.buffer) : new Float64Array(instance.buffer);
  new Int32Array(instance.buffer, tokensAt, tokens.length).set(tokens);
  const rows = (costs: Float64Array): Float64Array => {
    for (let t = 0; t < distinct; t += 1) {
      const base = costsAt / size + t * rowLength;
      for (let j = 0; j < n; j += 1) floats[base + j] = costs[t * n + j]!;
      for (let at = n; at < rowLength; at += n) {
        floats.copyWithin(base + at, base, base + Math.min(n, rowLength - at));
      }
    }
    const blocks = tokens.length - blockSize + 1;
    const out = new Float64Array(blocks * n);
    const result = blockSize * LANES;
    for (let b = 0; b < blocks; b += 1) {
      for (let shift = 0; shift < n; shift += LANES) {
        kernel(costsAt + shift * size, tokensAt + b * 4, blockSize, rowLength * size, tableAt, editCost);
        const lanes = Math.min(LANES, n - shift);
        for (let lane = 0; lane < lanes; lane += 1) out[b * n + shift + lane] = floats[result + lane]!;
      }
    }
    return out;
  };
  return { rows, kind: 'wasm' };
}

/** Smallest sum along a diagonal without edits ("simple"): one value a block and shift. Float32 sums in text order. */
export function simpleRows(shape: AlignmentShape, costs: Float64Array): Float64Array {
  const { tokens, keyLength: n, blockSize } = shape;
  const blocks = tokens.length - blockSize + 1;
  const out = new Float64Array(blocks * n);
  for (let b = 0; b < blocks; b += 1) {
    for (let shift = 0; shift < n; shift += 1) {
      let sum = 0;
      for (let i = 0; i < blockSize; i += 1) sum += costs[tokens[b + i]! * n + ((shift + i) % n)]!;
      out[b * n + shift] = sum;
    }
  }
  return out;
}

/** The statistic of the whole text: minimum over all blocks and shifts, or the median of the blocks' minima. */
export function summarise(rows: Float64Array, keyLength: number, summary: 'minimum' | 'median'): number {
  const closest: number[] = [];
  for (let b = 0; b < rows.length; b += keyLength) {
    let least = Infinity;
    for (let j = b; j < b + keyLength; j += 1) least = Math.min(least, rows[j]!);
    closest.push(least);
  }
  closest.sort((a, b) => a - b);
  if (summary === 'minimum') return closest[0]!;
  const middle = Math.floor(closest.length / 2);
  return closest.length % 2 === 1 ? closest[middle]! : (closest[middle - 1]! + closest[middle]!) / 2;
}
