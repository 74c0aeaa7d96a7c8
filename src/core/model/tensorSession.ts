// What the model runners need of a tensor runtime: named typed arrays in, named typed arrays out.
// engine/onnxRuntime.ts implements it over onnxruntime-node or onnxruntime-web; tests may implement it by hand.

export type TensorData =
  Float32Array | Uint16Array | BigInt64Array | Int32Array | Uint8Array | Int8Array | Float64Array;

/** Element types by their ONNX names; float16 and bfloat16 travel as their bits in a Uint16Array. */
export type TensorType =
  'float32' | 'float16' | 'bfloat16' | 'float64' | 'int64' | 'int32' | 'uint8' | 'int8' | 'bool';

export interface Tensor {
  readonly type: TensorType;
  /** Row-major, as many entries as the product of `dims`. */
  readonly data: TensorData;
  readonly dims: readonly number[];
}

/** An input or output of a graph. A dimension is its name where the graph leaves it open. */
export interface TensorDescription {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly (number | string)[];
}

export interface TensorSession {
  readonly inputs: readonly TensorDescription[];
  readonly outputs: readonly TensorDescription[];
  /** Runs the graph once. `fetches` names the outputs to compute; absent means all. */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches?: readonly string[],
  ): Promise<Readonly<Record<string, Tensor>>>;
  /** Frees the graph; later runs reject. */
  release(): Promise<void>;
}

/** The value of a float16 from its bits. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * 2 ** -14 * (fraction / 1024);
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}

/** The bits of the float16 nearest to a value (ties to even). */
export function numberToHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65520) return sign | 0x7c00;
  // Below 2^-14 the step is constant; above it, the step doubles with every power of two.
  const exponent = size < 2 ** -14 ? -14 : Math.min(15, Math.floor(Math.log2(size)));
  const step = 2 ** (exponent - 10);
  const units = roundToEven(size / step);
  return sign | ((exponent + 14) * 1024 + units);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The entries of a float tensor as float32: the same array, or a converted copy for half types. */
export function toFloat32(tensor: Tensor): Float32Array {
  const { data, type } = tensor;
  if (data instanceof Float32Array) return data;
  if (type === 'bfloat16' && data instanceof Uint16Array) {
    const bits = new Uint32Array(data.length);
    for (let i = 0; i < data.length; i++) bits[i] = data[i]! << 16;
    return new Float32Array(bits.buffer);
  }
  if (type === 'float16' && data instanceof Uint16Array) return Float32Array.from(data, halfToNumber);
  if (data instanceof Float64Array) return Float32Array.from(data);
  throw new TypeError(`a ${type} tensor does not hold real numbers`);
}
