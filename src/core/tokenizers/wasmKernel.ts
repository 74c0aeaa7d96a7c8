// Runs the compiled inner loop (wasm/bytePairKernel.c) on a packed vocabulary that is unpacked in its memory: halves and the
// index of pairs at once, which takes milliseconds; what only some texts need when they need it. Untouched memory of the
// layout below costs nothing. Where WebAssembly or its SIMD is missing, and for single pieces beyond the work area, the
// TypeScript kernel takes over; it gives the same tokens.
import { ScriptKernel, writeUnits, type BytePairKernel, type UnitWriter } from './bytePairKernel';
import { KERNEL_BASE64 } from './bytePairKernelBinary';
import { pairSlots, tokenMask, wholePieces, type BytePairTables } from './bytePairTables';
import { fitsHeader, PACKED_HEADER_BYTES, readPackedHeader, type PackedHeader } from './bytePairVocabulary';
import { characterClasses } from './characterClasses';
import {
  ARENA_WORDS,
  FIRST_SLOTS,
  GROWTH,
  LEARNED_UNITS,
  MOST_LOAD,
  MOST_SLOTS,
  TIDY_UNITS,
} from './pieceTable';
import { scannerFor, type SplitPattern } from './splitScanners';
import { decodeBase64 } from './tiktokenRanks';

const PAGE = 65536;
const CLASS_BYTES = 0x110000;
/** Longest text given to one call. Only touched pages of the work area take memory. */
const WORK_UNITS = 1 << 19;
/** Symbols that mergeShort holds. */
const MERGE_WORDS = 160;
const VALIDITY_SLOTS = 1 << 16;
/** Bytes of room for the text of each token; a vocabulary with longer ones on average is refused. */
const TOKEN_BYTES = 32;
const FAMILIES = { o200k: 0, cl100k: 1, gpt2: 2 } as const;
const NO_LIMIT = 0x7fffffff;

/** The part of the WebAssembly interface used here; core is compiled without the DOM's declarations. */
interface WasmHost {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
}

interface KernelExports {
  readonly encode: (context: number, length: number, countOnly: number) => number;
  readonly unpack: (context: number, length: number, fingerprint: number, rawTokens: number) => number;
  readonly makeTexts: (context: number) => number;
  readonly learnToken: (context: number, size: number) => void;
  readonly growPieces: (context: number, mask: number, mostPieces: number) => void;
  readonly forgetPieces: (context: number) => void;
}

/** What `unpack` answers, as reasons. */
const UNPACK_REASONS = [
  undefined,
  'damaged, its fingerprint differs',
  'its tokens are not in order of their merges',
  'its raw tokens do not add up',
];

/** The C file's Context: pointers in this order with the bytes that each needs, then numbers. */
const POINTERS = [
  'pairs',
  'halves',
  'byteIds',
  'bytePairs',
  'pieces',
  'arena',
  'validity',
  'classes',
  'units',
  'bytes',
  'dead',
  'out',
  'symbols',
  'merged',
  'next',
  'previous',
  'packed',
  'raw',
  'offsets',
  'texts',
  'order',
  'keys',
  'prefix',
  'buckets',
] as const;
type Pointer = (typeof POINTERS)[number];
const NUMBERS = [
  'size',
  'rawLength',
  'textRoom',
  'idMask',
  'pairMask',
  'pieceMask',
  'validityMask',
  'arenaWords',
  'mostPieces',
  'family',
  'digits',
  'contractions',
  'arenaUsed',
  'pieceCount',
  'full',
] as const;
type ContextNumber = (typeof NUMBERS)[number];
/** Those and the two flags that only the C file reads. */
const CONTEXT_WORDS = POINTERS.length + NUMBERS.length + 2;
const wordOf = (name: ContextNumber): number => POINTERS.length + NUMBERS.indexOf(name);

function regionBytes({ size, rawLength, byteLength }: PackedHeader): Record<Pointer, number> {
  return {
    pairs: pairSlots(size) * 4,
    halves: size * 8,
    byteIds: 256 * 4,
    bytePairs: 65536 * 4,
    pieces: MOST_SLOTS * 16,
    arena: ARENA_WORDS * 4,
    validity: VALIDITY_SLOTS * 8,
    classes: CLASS_BYTES,
    units: (WORK_UNITS + 16) * 2,
    bytes: WORK_UNITS * 3,
    dead: WORK_UNITS * 3 + 16,
    // The packed file lies where tokens will be written later.
    out: Math.max(WORK_UNITS * 12, byteLength),
    symbols: MERGE_WORDS * 4,
    merged: MERGE_WORDS * 4,
    next: MERGE_WORDS * 4,
    previous: MERGE_WORDS * 4,
    packed: 0,
    raw: rawLength + 256,
    offsets: (size + 1) * 4,
    texts: size * TOKEN_BYTES,
    order: size * 4,
    keys: size * 8,
    prefix: size * 4,
    buckets: 65536 * 4,
  };
}

/** A packed vocabulary on its way into the compiled kernel, and then its tables. */
export class KernelMemory implements BytePairTables {
  readonly size: number;
  readonly buffer: ArrayBuffer;
  readonly halves: Uint32Array;
  readonly byteIds: Uint32Array;
  readonly pairs: Uint32Array;
  /** Place of the Context. */
  readonly context: number;
  readonly exports: KernelExports;
  readonly #header: PackedHeader;
  readonly #places: Readonly<Record<Pointer, number>>;
  readonly #numbers: Uint32Array;

  private constructor(header: PackedHeader, host: WasmHost) {
    const bytes = regionBytes(header);
    const places = { ...bytes };
    let end = 256;
    this.context = end;
    end += CONTEXT_WORDS * 4;
    for (const name of POINTERS) {
      places[name] = end = (end + 31) & ~15;
      end += bytes[name];
    }
    places.packed = places.out;
    const pages = Math.ceil(end / PAGE);
    const memory = new host.Memory({ initial: pages, maximum: pages });
    const compiled = new host.Instance(new host.Module(kernelBinary()), { env: { memory } });
    this.exports = compiled.exports as KernelExports;
    const { size } = header;
    this.size = size;
    this.buffer = memory.buffer;
    this.#header = header;
    this.#places = places;
    this.pairs = new Uint32Array(memory.buffer, places.pairs, pairSlots(size));
    this.halves = new Uint32Array(memory.buffer, places.halves, size * 2);
    this.byteIds = new Uint32Array(memory.buffer, places.byteIds, 256);
    this.#numbers = new Uint32Array(memory.buffer, this.context, CONTEXT_WORDS);
    this.#numbers.set(POINTERS.map((name) => places[name]));
    this.set('size', size);
    this.set('rawLength', header.rawLength);
    this.set('textRoom', bytes.texts);
    this.set('idMask', tokenMask(size));
    this.set('pairMask', pairSlots(size) - 1);
    this.set('pieceMask', FIRST_SLOTS - 1);
    this.set('validityMask', VALIDITY_SLOTS - 1);
    this.set('arenaWords', ARENA_WORDS);
    this.set('mostPieces', Math.floor(FIRST_SLOTS * MOST_LOAD));
  }

  /**
   * Memory for the packed vocabulary with this header; undefined where WebAssembly with SIMD cannot run, and for what is
   * no packed vocabulary. Read the whole file to `packed`, then call `unpack`.
   * @param header the file's first PACKED_HEADER_BYTES
   */
  static forPacked(header: Uint8Array): KernelMemory | undefined {
    const host = (globalThis as { WebAssembly?: WasmHost }).WebAssembly;
    const read = readPackedHeader(header);
    if (!host || !read || !fitsHeader(read, read.byteLength)) return undefined;
    try {
      return new KernelMemory(read, host);
    } catch {
      // No SIMD, or no memory: the TypeScript kernel takes over.
      return undefined;
    }
  }

  /** Where the packed file goes, as long as its header says. */
  get packed(): Uint8Array {
    return new Uint8Array(this.buffer, this.#places.packed, this.#header.byteLength);
  }

  /** Makes the tables from `packed`. Returns why it cannot. */
  unpack(): string | undefined {
    const { byteLength, fingerprint, rawTokens } = this.#header;
    const packed = readPackedHeader(this.packed.subarray(0, PACKED_HEADER_BYTES));
    if (packed?.fingerprint !== fingerprint) return 'its header changed while it was read';
    return UNPACK_REASONS[this.exports.unpack(this.context, byteLength, fingerprint, rawTokens)];
  }

  get offsets(): Uint32Array {
    this.#makeTexts();
    return new Uint32Array(this.buffer, this.#places.offsets, this.size + 1);
  }

  get bytes(): Uint8Array {
    this.#makeTexts();
    return new Uint8Array(this.buffer, this.#places.texts, this.offsets[this.size]);
  }

  #makeTexts(): void {
    if (this.exports.makeTexts(this.context) === 0)
      throw new RangeError(`The vocabulary's tokens are longer than ${TOKEN_BYTES} bytes on average.`);
  }

  /** Tokens of several bytes that no merge makes; see wholePieces. */
  get wholePieces(): ReturnType<typeof wholePieces> {
    return this.#header.rawTokens > 256 ? wholePieces(this) : [];
  }

  get(name: ContextNumber): number {
    return this.#numbers[wordOf(name)]!;
  }

  set(name: ContextNumber, value: number): void {
    this.#numbers[wordOf(name)] = value;
  }

  /** The kernel for these tables; there is one work area, so make only one. */
  makeKernel(pattern: SplitPattern, write: UnitWriter = writeUnits): WasmKernel {
    return new WasmKernel(this, pattern, write, this.#places);
  }

  /** Character classes, which the kernel reads too. */
  get classes(): Uint8Array {
    return new Uint8Array(this.buffer, this.#places.classes, CLASS_BYTES);
  }
}

export class WasmKernel implements BytePairKernel {
  readonly kind = 'wasm';
  readonly classes: Uint8Array;
  readonly #units: Uint16Array;
  readonly #out: Uint32Array;
  readonly #mostLearned = MOST_SLOTS * MOST_LOAD;
  #fallback: ScriptKernel | undefined;

  constructor(
    readonly memory: KernelMemory,
    readonly pattern: SplitPattern,
    readonly write: UnitWriter,
    places: Readonly<Record<Pointer, number>>,
  ) {
    this.classes = characterClasses(memory.classes);
    this.#units = new Uint16Array(memory.buffer, places.units, WORK_UNITS + 16);
    this.#out = new Uint32Array(memory.buffer, places.out, WORK_UNITS * 3);
    memory.set('family', FAMILIES[pattern.family]);
    memory.set('digits', pattern.digits === 0 ? NO_LIMIT : pattern.digits);
    memory.set('contractions', pattern.contractions ? 1 : 0);
    this.#learnWholePieces();
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
    const { memory } = this;
    const length = to - from;
    // Before, not after: growing and learning use the place where the tokens are.
    if (length >= TIDY_UNITS) this.#tidy();
    this.write(text, from, to, this.#units);
    // The compiled scanners read eight units at a time and rely on zeros behind the text.
    this.#units.fill(0, length, length + 8);
    return memory.exports.encode(memory.context, length, countOnly);
  }

  /** Grows a piece table that is more than half as full as it may be; empties one that is full and cannot grow. */
  #tidy(): void {
    const { memory } = this;
    const most = memory.get('mostPieces');
    const roomy = memory.get('arenaUsed') + 2 * LEARNED_UNITS <= ARENA_WORDS;
    if (memory.get('pieceCount') * 2 > most && most < this.#mostLearned && roomy) {
      const slots = (memory.get('pieceMask') + 1) * GROWTH;
      memory.exports.growPieces(memory.context, slots - 1, Math.floor(slots * MOST_LOAD));
      memory.set('full', 0);
    } else if (memory.get('full') !== 0) {
      memory.exports.forgetPieces(memory.context);
      this.#learnWholePieces();
    }
  }

  #learnWholePieces(): void {
    const { memory } = this;
    for (const { token, units } of memory.wholePieces) {
      if (units.length > WORK_UNITS) continue;
      this.#units.set(units);
      this.#units.fill(0, units.length, units.length + 8);
      this.#out[0] = token;
      memory.exports.learnToken(memory.context, units.length);
    }
  }

  #script(): ScriptKernel {
    this.#fallback ??= new ScriptKernel(this.memory, this.classes, scannerFor(this.pattern), this.write);
    return this.#fallback;
  }
}

function kernelBinary(): Uint8Array {
  const binary = decodeBase64(KERNEL_BASE64);
  if (!binary) throw new Error('The compiled kernel is not base64.');
  return binary;
}
