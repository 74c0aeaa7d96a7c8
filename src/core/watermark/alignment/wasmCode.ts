// The edit-distance kernel as WebAssembly SIMD. It fills the Levenshtein table of one text block against 16 neighbouring
// key shifts at once: cell = min(up + gamma, left + gamma, diagonal + cost). Lanes are shifts, so their costs lie side by
// side in memory. Float32 as most references compute it, float64 for the JavaScript demo.
import {
  BRANCH_TO_LOOP_IF,
  F32,
  F64,
  get,
  I32,
  i32,
  I32_ADD,
  I32_LESS,
  I32_LESS_EQUAL,
  I32_LOAD,
  I32_MUL,
  load,
  loop,
  set,
  store,
  tee,
  V128,
  type WasmFunction,
  wasmModule,
} from '../random/wasmAssembler';

/** Shifts handled by one call. */
export const LANES = 16;

/** What differs between the two precisions. `minimum` is a if a < b, else b, in one instruction; there are no NaNs here. */
interface Precision {
  readonly bytes: 4 | 8;
  readonly type: number;
  readonly ofInteger: readonly number[];
  readonly multiply: readonly number[];
  readonly splat: readonly number[];
  readonly add: readonly number[];
  readonly minimum: readonly number[];
}

const SINGLE: Precision = {
  bytes: 4,
  type: F32,
  ofInteger: [0xb3],
  multiply: [0x94],
  splat: [0xfd, 0x13],
  add: [0xfd, 0xe4, 0x01],
  minimum: [0xfd, 0xea, 0x01],
};
const DOUBLE: Precision = {
  bytes: 8,
  type: F64,
  ofInteger: [0xb8],
  multiply: [0xa2],
  splat: [0xfd, 0x14],
  add: [0xfd, 0xf0, 0x01],
  minimum: [0xfd, 0xf6, 0x01],
};

/** kernel(costs, tokens, length, stride, table, gamma): addresses and strides in bytes, the result in the last table row. */
function kernel(name: string, withGamma: boolean, precision: Precision): WasmFunction {
  const { bytes, type, ofInteger, multiply, splat, add, minimum } = precision;
  const vectors = (LANES * bytes) / 16;
  const cellBytes = LANES * bytes;
  const numbers = Array.from({ length: vectors }, (_, v) => v);
  const [costs, tokens, length, stride, table, gamma] = [0, 1, 2, 3, 4, 5];
  const [i, cell, cost, end] = [6, 7, 8, 9];
  const gammas = 10;
  const border = 11;
  const left = (v: number): number => 12 + v;
  const diagonal = (v: number): number => 12 + vectors + v;
  const up = (v: number): number => 12 + 2 * vectors + v;
  const plusGamma = withGamma ? [...get(gammas), ...add] : [];
  const borderValue = [...get(i), ...ofInteger, ...get(gamma), ...multiply, ...splat];
  const fillFirstRow = [
    ...i32(0),
    ...set(i),
    ...get(table),
    ...set(cell),
    ...loop([
      ...borderValue,
      ...set(border),
      ...numbers.flatMap((v) => [...get(cell), ...get(border), ...store(16 * v)]),
      ...get(cell),
      ...i32(cellBytes),
      ...I32_ADD,
      ...set(cell),
      ...get(i),
      ...i32(1),
      ...I32_ADD,
      ...tee(i),
      ...get(length),
      ...I32_LESS_EQUAL,
      ...BRANCH_TO_LOOP_IF,
    ]),
    ...get(cell),
    ...set(end),
  ];
  const oneCell = numbers.flatMap((v) => [
    ...get(cell),
    ...get(cell),
    ...load(16 * v),
    ...tee(up(v)),
    ...plusGamma,
    ...get(diagonal(v)),
    ...get(cost),
    ...load(16 * v, 2),
    ...add,
    ...minimum,
    ...get(left(v)),
    ...plusGamma,
    ...minimum,
    ...tee(left(v)),
    ...store(16 * v),
    ...get(up(v)),
    ...set(diagonal(v)),
  ]);
  const rows = [
    ...i32(0),
    ...set(i),
    ...loop([
      ...get(costs),
      ...get(tokens),
      ...get(i),
      ...i32(4),
      ...I32_MUL,
      ...I32_ADD,
      ...I32_LOAD,
      ...get(stride),
      ...I32_MUL,
      ...I32_ADD,
      ...set(cost),
      ...get(i),
      ...i32(1),
      ...I32_ADD,
      ...set(i),
      ...borderValue,
      ...set(border),
      ...numbers.flatMap((v) => [
        ...get(table),
        ...load(16 * v),
        ...set(diagonal(v)),
        ...get(table),
        ...get(border),
        ...tee(left(v)),
        ...store(16 * v),
      ]),
      ...get(table),
      ...i32(cellBytes),
      ...I32_ADD,
      ...set(cell),
      ...loop([
        ...oneCell,
        ...get(cost),
        ...i32(bytes),
        ...I32_ADD,
        ...set(cost),
        ...get(cell),
        ...i32(cellBytes),
        ...I32_ADD,
        ...tee(cell),
        ...get(end),
        ...I32_LESS,
        ...BRANCH_TO_LOOP_IF,
      ]),
      ...get(i),
      ...get(length),
      ...I32_LESS,
      ...BRANCH_TO_LOOP_IF,
    ]),
  ];
  return {
    name,
    parameters: [I32, I32, I32, I32, I32, type],
    locals: [
      [4, I32],
      [2 + 3 * vectors, V128],
    ],
    body: [...get(gamma), ...splat, ...set(gammas), ...fillFirstRow, ...rows],
  };
}

/** Exports `edit` (any gamma) and `free` (gamma 0, one addition less on the critical path). */
export function kernelModule(precision: 'float32' | 'float64'): Uint8Array {
  const chosen = precision === 'float32' ? SINGLE : DOUBLE;
  return wasmModule([kernel('edit', true, chosen), kernel('free', false, chosen)]);
}
