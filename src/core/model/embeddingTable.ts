// Input embeddings of a model, read row by row from where the model file keeps them.
// Worked example of the quantised form (ONNX MatMulNBits, 8 bits): a row is blocks of `block` bytes with zero point 128
// and one scale a block: value = (byte - 128) * scale.
import { halfToNumber } from './tensorSession.js';

export interface EmbeddingTable {
  readonly rows: number;
  readonly width: number;
  /** Row-major floats, `ids.length` x `width`. Throws or rejects with a RangeError for an id outside the table. */
  read(ids: ArrayLike<number>): Float32Array | Promise<Float32Array>;
}

/** How rows are stored. Blocks of the 8-bit form run along a row; `block` divides the stored row length. */
export type EmbeddingStorage =
  | { readonly kind: 'float32'; readonly data: Float32Array }
  | { readonly kind: 'float16' | 'bfloat16'; readonly data: Uint16Array }
  | {
      readonly kind: 'blocks8';
      readonly data: Uint8Array;
      readonly scales: Float32Array;
      readonly block: number;
    };

export function embeddingTable(rows: number, width: number, storage: EmbeddingStorage): EmbeddingTable {
  const fill = rowReader(width, storage);
  return {
    rows,
    width,
    read: (ids) => {
      const out = new Float32Array(ids.length * width);
      for (let i = 0; i < ids.length; i++) {
        const id = ids[i]!;
        if (!(id >= 0 && id < rows)) throw new RangeError(`token ${id} has no embedding (0 to ${rows - 1})`);
        fill(id, out, i * width);
      }
      return out;
    },
  };
}

type RowReader = (row: number, out: Float32Array, at: number) => void;

function rowReader(width: number, storage: EmbeddingStorage): RowReader {
  switch (storage.kind) {
    case 'float32':
      return (row, out, at) => out.set(storage.data.subarray(row * width, (row + 1) * width), at);
    case 'float16':
      return (row, out, at) => {
        for (let i = 0; i < width; i++) out[at + i] = halfToNumber(storage.data[row * width + i]!);
      };
    case 'bfloat16': {
      const bits = new Uint32Array(width);
      const floats = new Float32Array(bits.buffer);
      return (row, out, at) => {
        for (let i = 0; i < width; i++) bits[i] = storage.data[row * width + i]! << 16;
        out.set(floats, at);
      };
    }
    case 'blocks8': {
      const { data, scales, block } = storage;
      const blocks = Math.ceil(width / block);
      return (row, out, at) => {
        for (let i = 0; i < width; i++) {
          const scale = scales[row * blocks + Math.floor(i / block)]!;
          out[at + i] = (data[row * blocks * block + i]! - 128) * scale;
        }
      };
    }
  }
}
