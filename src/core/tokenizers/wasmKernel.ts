// Runs the compiled inner loop (wasm/bytePairKernel.c) on tables that lie in its memory.
// Where WebAssembly or its SIMD is missing, and for single pieces beyond the work area, the TypeScript kernel takes
// over on the same tables; it gives the same tokens.
import { ScriptKernel, writeUnits, type BytePairKernel, type UnitWriter } from './bytePairKernel';
import { KERNEL_BASE64 } from './bytePairKernelBinary';
import { forgetLearned, regionOffset, type BytePairTables } from './bytePairTables';
import { scannerFor, type SplitPattern } from './splitScanners';

const PAGE = 65536;
const CLASS_BYTES = 0x110000;
/** Longest text given to one call. Only touched pages of the work area take memory. */
const WORK_UNITS = 1 << 19;
/** Words of each of the two work areas for short pieces and runs. */
const MERGE_WORDS = 32;
/** Words of the C file's Context. */
const CONTEXT_WORDS = 31;
const FULL_WORD = 30;
/** Texts shorter than this (edits) never clear what was learned: that takes milliseconds. */
const FORGET_UNITS = 4096;
const FAMILIES = { o200k: 0, cl100k: 1, gpt2: 2 } as const;

/** The part of the WebAssembly interface used here; core is compiled without the DOM's declarations. */
interface WasmHost {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> };
  readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
}

type EncodeUnits = (context: number, length: number, countOnly: number) => number;
interface KernelExports {
  readonly encode: EncodeUnits;
  readonly sum: (at: number, length: number) => number;
}

/** Memory for tables and work area, and the kernels that run in it. */
export class KernelMemory {
  readonly #host = (globalThis as { WebAssembly?: WasmHost }).WebAssembly;
  #memory: { readonly buffer: ArrayBuffer } | undefined;
  #exports: KernelExports | undefined;

  /** Room for tables of that many bytes; hand it to buildTables, or read a snapshot into it. */
  allocate(byteLength: number): ArrayBuffer {
    if (!this.#host) return new ArrayBuffer(byteLength);
    const pages = Math.ceil((byteLength + CLASS_BYTES + workBytes() + PAGE) / PAGE);
    this.#memory = new this.#host.Memory({ initial: pages, maximum: pages });
    this.#exports = undefined;
    return this.#memory.buffer;
  }

  /** A kernel for tables in this memory; undefined where WebAssembly with SIMD cannot run. */
  makeKernel(
    tables: BytePairTables,
    classes: Uint8Array,
    pattern: SplitPattern,
    write: UnitWriter = writeUnits,
  ): BytePairKernel | undefined {
    if (tables.buffer !== this.#memory?.buffer) return undefined;
    const compiled = this.#compiled();
    return compiled && new WasmKernel(tables, classes, pattern, write, compiled.encode);
  }

  /** The sum over `length` words from byte `at` of this memory (see tableSnapshot); undefined where makeKernel gives none. */
  sum(at: number, length: number): number | undefined {
    const compiled = this.#compiled();
    return compiled && compiled.sum(at, length) >>> 0;
  }

  #compiled(): KernelExports | undefined {
    if (this.#exports || !this.#host || !this.#memory) return this.#exports;
    try {
      const module = new this.#host.Module(decodeBase64(KERNEL_BASE64));
      const { exports } = new this.#host.Instance(module, { env: { memory: this.#memory } });
      this.#exports = exports as unknown as KernelExports;
    } catch {
      // No SIMD: the TypeScript kernel takes over.
    }
    return this.#exports;
  }
}

function workBytes(): number {
  return CONTEXT_WORDS * 4 + (WORK_UNITS + 16) * (2 + 3 + 3 + 12) + MERGE_WORDS * 8 + 256;
}

class WasmKernel implements BytePairKernel {
  readonly kind = 'wasm';
  readonly #context: number;
  readonly #contextWords: Uint32Array;
  readonly #units: Uint16Array;
  readonly #out: Uint32Array;
  #fallback: ScriptKernel | undefined;

  constructor(
    readonly tables: BytePairTables,
    readonly classes: Uint8Array,
    readonly pattern: SplitPattern,
    readonly write: UnitWriter,
    readonly encodeUnits: EncodeUnits,
  ) {
    const { buffer, pairs, pieces, validity, arena } = tables;
    let next = (tables.byteLength + 255) & ~255;
    const place = (bytes: number): number => {
      const at = next;
      next = (next + bytes + 31) & ~15;
      return at;
    };
    const classesAt = place(CLASS_BYTES);
    new Uint8Array(buffer, classesAt, CLASS_BYTES).set(classes);
    this.#context = place(CONTEXT_WORDS * 4);
    const units = place((WORK_UNITS + 16) * 2);
    const bytes = place(WORK_UNITS * 3);
    const dead = place(WORK_UNITS * 3 + 16);
    const out = place(WORK_UNITS * 12);
    const symbols = place(MERGE_WORDS * 4);
    const merged = place(MERGE_WORDS * 4);
    this.#units = new Uint16Array(buffer, units, WORK_UNITS + 16);
    this.#out = new Uint32Array(buffer, out, WORK_UNITS * 3);
    this.#contextWords = new Uint32Array(buffer, this.#context, CONTEXT_WORDS);
    const at = (region: Parameters<typeof regionOffset>[1]): number => regionOffset(tables, region);
    this.#contextWords.set([
      at('header'),
      at('pairs'),
      at('pieces'),
      at('offsets'),
      at('left'),
      at('right'),
      at('byteIds'),
      at('bytePairs'),
      at('twoByteNodes'),
      at('firstChild'),
      at('token'),
      at('prefixToken'),
      at('validity'),
      at('label'),
      at('arena'),
      classesAt,
      units,
      bytes,
      dead,
      out,
      symbols,
      merged,
      pairs.length / 4 - 1,
      pieces.length / 4 - 1,
      validity.length / 2 - 1,
      arena.length,
      Math.floor((pieces.length / 4) * 0.75),
      FAMILIES[pattern.family],
      pattern.digits === 0 ? NO_LIMIT : pattern.digits,
      pattern.contractions ? 1 : 0,
      0,
    ]);
  }

  encode(text: string, from: number, to: number): Uint32Array {
    if (to - from > WORK_UNITS) return this.#script().encode(text, from, to);
    return this.#out.subarray(0, this.#run(text, from, to, 0));
  }

  count(text: string, from: number, to: number): number {
    if (to - from > WORK_UNITS) return this.#script().count(text, from, to);
    return this.#run(text, from, to, 1);
  }

  #run(text: string, from: number, to: number, countOnly: 0 | 1): number {
    const length = to - from;
    this.write(text, from, to, this.#units);
    // The compiled scanners read eight units at a time and rely on zeros behind the text.
    this.#units.fill(0, length, length + 8);
    const tokens = this.encodeUnits(this.#context, length, countOnly);
    if (this.#contextWords[FULL_WORD] !== 0 && length >= FORGET_UNITS) {
      forgetLearned(this.tables);
      this.#contextWords[FULL_WORD] = 0;
    }
    return tokens;
  }

  #script(): ScriptKernel {
    this.#fallback ??= new ScriptKernel(this.tables, this.classes, scannerFor(this.pattern), this.write);
    return this.#fallback;
  }
}

const NO_LIMIT = 0x7fffffff;
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function decodeBase64(text: string): Uint8Array {
  const trimmed = text.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((trimmed.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const letter of trimmed) {
    held = (held << 6) | BASE64.indexOf(letter);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >>> bits) & 255;
    }
  }
  return bytes;
}
