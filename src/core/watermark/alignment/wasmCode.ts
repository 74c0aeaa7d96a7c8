// The edit-distance kernel as WebAssembly SIMD, written out byte by byte so that no build tool or binary file is needed.
// It fills the Levenshtein table of one text block against 16 neighbouring key shifts at once, four lanes a vector: cell
// = min(up + gamma, left + gamma, diagonal + cost). Lanes are shifts, so their costs lie side by side in memory.

/** Shifts handled by one call. */
export const LANES = 16;
const VECTORS = LANES / 4;
const CELL_BYTES = LANES * 4;

const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

/** For constants of i32.const, which are signed. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

const vector = (items: readonly number[][]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, body: number[]): number[] => [id, ...unsigned(body.length), ...body];
const name = (text: string): number[] => [text.length, ...Array.from(text, (c) => c.charCodeAt(0))];

const get = (local: number): number[] => [0x20, ...unsigned(local)];
const set = (local: number): number[] => [0x21, ...unsigned(local)];
const tee = (local: number): number[] => [0x22, ...unsigned(local)];
const i32 = (value: number): number[] => [0x41, ...signed(value)];
const I32_ADD = [0x6a];
const I32_MUL = [0x6c];
const I32_LESS = [0x49];
const I32_LESS_EQUAL = [0x4d];
const I32_LOAD = [0x28, 2, 0];
const F32_OF_I32 = [0xb3];
const F32_MUL = [0x94];
const SPLAT = [0xfd, 0x13];
const ADD = [0xfd, 0xe4, 0x01];
/** a if a < b, else b, in one machine instruction; there are no NaNs here. */
const MINIMUM = [0xfd, 0xea, 0x01];
const load = (offset: number, align = 4): number[] => [0xfd, 0x00, align, ...unsigned(offset)];
const store = (offset: number): number[] => [0xfd, 0x0b, 4, ...unsigned(offset)];
const loop = (body: number[]): number[] => [0x03, 0x40, ...body, 0x0b];
const BRANCH_TO_LOOP_IF = [0x0d, 0];

const VECTOR_NUMBERS = Array.from({ length: VECTORS }, (_, v) => v);

/** Body of kernel(costs, tokens, length, stride, table, gamma). */
function kernelBody(withGamma: boolean): number[] {
  const [costs, tokens, length, stride, table, gamma] = [0, 1, 2, 3, 4, 5];
  const [i, cell, cost, end] = [6, 7, 8, 9];
  const gammas = 10;
  const border = 11;
  const left = (v: number): number => 12 + v;
  const diagonal = (v: number): number => 12 + VECTORS + v;
  const up = (v: number): number => 12 + 2 * VECTORS + v;
  const plusGamma = withGamma ? [...get(gammas), ...ADD] : [];
  const borderValue = [...get(i), ...F32_OF_I32, ...get(gamma), ...F32_MUL, ...SPLAT];
  const fillFirstRow = [
    ...i32(0),
    ...set(i),
    ...get(table),
    ...set(cell),
    ...loop([
      ...borderValue,
      ...set(border),
      ...VECTOR_NUMBERS.flatMap((v) => [...get(cell), ...get(border), ...store(16 * v)]),
      ...get(cell),
      ...i32(CELL_BYTES),
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
  const oneCell = VECTOR_NUMBERS.flatMap((v) => [
    ...get(cell),
    ...get(cell),
    ...load(16 * v),
    ...tee(up(v)),
    ...plusGamma,
    ...get(diagonal(v)),
    ...get(cost),
    ...load(16 * v, 2),
    ...ADD,
    ...MINIMUM,
    ...get(left(v)),
    ...plusGamma,
    ...MINIMUM,
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
      ...VECTOR_NUMBERS.flatMap((v) => [
        ...get(table),
        ...load(16 * v),
        ...set(diagonal(v)),
        ...get(table),
        ...get(border),
        ...tee(left(v)),
        ...store(16 * v),
      ]),
      ...get(table),
      ...i32(CELL_BYTES),
      ...I32_ADD,
      ...set(cell),
      ...loop([
        ...oneCell,
        ...get(cost),
        ...i32(4),
        ...I32_ADD,
        ...set(cost),
        ...get(cell),
        ...i32(CELL_BYTES),
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
  const locals = vector([
    [4, I32],
    [2 + 3 * VECTORS, V128],
  ]);
  const body = [...locals, ...get(gamma), ...SPLAT, ...set(gammas), ...fillFirstRow, ...rows, 0x0b];
  return [...unsigned(body.length), ...body];
}

/** The module: imports m.memory, exports `edit` (any gamma) and `free` (gamma 0, one addition less on the critical path). */
export function kernelModule(): Uint8Array {
  const type = [0x60, ...vector([[I32], [I32], [I32], [I32], [I32], [F32]]), 0];
  const memory = [...name('m'), ...name('memory'), 0x02, 0x00, 1];
  const exported = (text: string, index: number): number[] => [...name(text), 0x00, index];
  return Uint8Array.from([
    0x00,
    0x61,
    0x73,
    0x6d,
    0x01,
    0x00,
    0x00,
    0x00,
    ...section(1, vector([type])),
    ...section(2, vector([memory])),
    ...section(3, vector([[0], [0]])),
    ...section(7, vector([exported('edit', 0), exported('free', 1)])),
    ...section(10, vector([kernelBody(true), kernelBody(false)])),
  ]);
}
