// The few WebAssembly instructions that the kernels here are written in, as bytes, so that no build tool or binary file is
// needed. Source: WebAssembly core specification 2.0, binary format, with fixed-width SIMD.

export const I32 = 0x7f;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;

export function unsigned(value: number): number[] {
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

export const vector = (items: readonly (readonly number[])[]): number[] => [
  ...unsigned(items.length),
  ...items.flat(),
];
const section = (id: number, body: readonly number[]): number[] => [id, ...unsigned(body.length), ...body];
const name = (text: string): number[] => [text.length, ...Array.from(text, (c) => c.charCodeAt(0))];

export const get = (local: number): number[] => [0x20, ...unsigned(local)];
export const set = (local: number): number[] => [0x21, ...unsigned(local)];
export const tee = (local: number): number[] => [0x22, ...unsigned(local)];
export const i32 = (value: number): number[] => [0x41, ...signed(value)];
export const I32_ADD = [0x6a];
export const I32_MUL = [0x6c];
export const I32_LESS = [0x49];
export const I32_LESS_EQUAL = [0x4d];
export const I32_LOAD = [0x28, 2, 0];
/** v128.load and v128.store at an address plus `offset`; `align` is a hint, as a power of two. */
export const load = (offset: number, align = 4): number[] => [0xfd, 0x00, align, ...unsigned(offset)];
export const store = (offset: number, align = 4): number[] => [0xfd, 0x0b, align, ...unsigned(offset)];
export const loop = (body: readonly number[]): number[] => [0x03, 0x40, ...body, 0x0b];
export const BRANCH_TO_LOOP_IF = [0x0d, 0];
export const END = 0x0b;

export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly number[];
  /** Local declarations (count, type), then the instructions without the final end. */
  readonly locals: readonly (readonly [count: number, type: number])[];
  readonly body: readonly number[];
}

/** A module that imports memory m.memory and exports the functions, which return nothing. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array {
  const types = functions.map(({ parameters }) => [0x60, ...vector(parameters.map((type) => [type])), 0]);
  const code = functions.map(({ locals, body }) => {
    const bytes = [...vector(locals.map(([count, type]) => [...unsigned(count), type])), ...body, END];
    return [...unsigned(bytes.length), ...bytes];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(2, vector([[...name('m'), ...name('memory'), 0x02, 0x00, 1]])),
    ...section(3, vector(functions.map((_, i) => unsigned(i)))),
    ...section(7, vector(functions.map((one, i) => [...name(one.name), 0x00, ...unsigned(i)]))),
    ...section(10, vector(code)),
  ]);
}

/** The part of the WebAssembly interface used here; core's libraries do not declare it. */
interface WasmApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

export interface WasmInstance {
  readonly buffer: ArrayBuffer;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** Undefined where the host has no WebAssembly or no SIMD: callers then use their plain loop. */
export function instantiate(module: Uint8Array, bytes: number): WasmInstance | undefined {
  const wasm = (globalThis as { readonly WebAssembly?: WasmApi }).WebAssembly;
  if (wasm === undefined) return undefined;
  try {
    const memory = new wasm.Memory({ initial: Math.ceil(bytes / 65536) });
    const { exports } = new wasm.Instance(new wasm.Module(module), { m: { memory } });
    return { buffer: memory.buffer, exports };
  } catch {
    return undefined;
  }
}
