// Everything the byte-pair kernels read, flat in one buffer, so that it can be written to disk and read back in one
// piece, shared with a worker, or used as the memory of the WebAssembly kernel.
// Pieces: one open-addressing table of whole pieces, seeded with the vocabulary, to which the kernels add the pieces
// that they had to merge. A slot is four words: key, key, value, shape.
//   inline piece (up to 8 ASCII units): key = its bytes, low byte first; else key = hash, place in the arena.
//   value = token when the piece is one token, else the place in the arena of its tokens.
//   shape = tokens (bits 0-7), units (8-23), INLINE; 0 in a free slot.
// Arena record: the units, two a word, then the tokens, one a word. Places are in words.
import { hashPair, PairTable } from './bytePairMerge';
import type { BytePairVocabulary } from './bytePairVocabulary';
import { buildVocabularyTrie, childOf, type VocabularyTrie } from './vocabularyTrie';

export const NONE = 0xffffffff;
export const INLINE = 1 << 24;
/** Longest piece that is learned, in units; keeps its token count within a byte. */
export const LEARNED_UNITS = 64;
/** Seeded pieces may be longer than learned ones, up to what the shape word holds. */
const SEEDED_UNITS = 0xffff;
const LEARNED_ARENA_WORDS = 1 << 20;
const VALIDITY_SLOTS = 1 << 16;
const MAGIC = 0x31544254; // 'TBT1'

/** Regions in order; all are 32-bit words except those in BYTE_REGIONS. */
const REGIONS = [
  'header',
  'pairs',
  'pieces',
  'offsets',
  'left',
  'right',
  'byteIds',
  'bytePairs',
  'twoByteNodes',
  'firstChild',
  'token',
  'prefixToken',
  'validity',
  'label',
  'bytes',
  'arena',
] as const;
export type Region = (typeof REGIONS)[number];
const BYTE_REGIONS: ReadonlySet<Region> = new Set(['label', 'bytes']);

/** Header words. */
export const HEADER = {
  magic: 0,
  /** Place and byte length of each region. */
  regions: 1,
  arenaRegion: REGIONS.indexOf('arena'),
  arenaUsed: 40,
  arenaSeeded: 41,
  pieceCount: 42,
  pieceSeeded: 43,
  /** Fingerprint of the vocabulary, and sum over the rest, of a snapshot. */
  source: 44,
  sum: 45,
} as const;
const HEADER_WORDS = 64;

export interface BytePairTables {
  readonly buffer: ArrayBufferLike;
  readonly byteLength: number;
  readonly header: Uint32Array;
  /** PairTable slots. */
  readonly pairs: Uint32Array;
  readonly pieces: Uint32Array;
  readonly offsets: Uint32Array;
  readonly left: Uint32Array;
  readonly right: Uint32Array;
  readonly byteIds: Uint32Array;
  /** Token of each pair of bytes that merges at once, or NONE: [first << 8 | second]. */
  readonly bytePairs: Uint32Array;
  /** Trie node of each two-byte prefix, or 0. */
  readonly twoByteNodes: Uint32Array;
  readonly firstChild: Uint32Array;
  readonly token: Uint32Array;
  readonly prefixToken: Uint32Array;
  /** Memo of pairs found valid or not: left, right << 1 | valid. */
  readonly validity: Uint32Array;
  readonly label: Uint8Array;
  readonly bytes: Uint8Array;
  readonly arena: Uint32Array;
  /** The arena again, by unit. */
  readonly arenaUnits: Uint16Array;
}

/** Byte offset of every region, from the header. */
export function regionOffset(tables: BytePairTables, region: Region): number {
  return tables.header[HEADER.regions + 2 * REGIONS.indexOf(region)]!;
}

/** Views on tables that lie at the start of `buffer`. */
export function viewTables(buffer: ArrayBufferLike): BytePairTables {
  const header = new Uint32Array(buffer, 0, HEADER_WORDS);
  const words = (region: Region): Uint32Array => {
    const at = HEADER.regions + 2 * REGIONS.indexOf(region);
    return new Uint32Array(buffer, header[at], header[at + 1]! >>> 2);
  };
  const octets = (region: Region): Uint8Array => {
    const at = HEADER.regions + 2 * REGIONS.indexOf(region);
    return new Uint8Array(buffer, header[at], header[at + 1]);
  };
  const arena = words('arena');
  return {
    buffer,
    byteLength: arena.byteOffset + arena.byteLength,
    header,
    pairs: words('pairs'),
    pieces: words('pieces'),
    offsets: words('offsets'),
    left: words('left'),
    right: words('right'),
    byteIds: words('byteIds'),
    bytePairs: words('bytePairs'),
    twoByteNodes: words('twoByteNodes'),
    firstChild: words('firstChild'),
    token: words('token'),
    prefixToken: words('prefixToken'),
    validity: words('validity'),
    label: octets('label'),
    bytes: octets('bytes'),
    arena,
    arenaUnits: new Uint16Array(buffer, arena.byteOffset, arena.length * 2),
  };
}

/** Builds the tables of a vocabulary. `allocate` gives a zeroed buffer of at least that many bytes. */
export function buildTables(
  vocabulary: BytePairVocabulary,
  allocate: (byteLength: number) => ArrayBufferLike = (byteLength) => new ArrayBuffer(byteLength),
): BytePairTables {
  const { size } = vocabulary;
  const trie = buildVocabularyTrie(vocabulary.offsets, vocabulary.bytes);
  let pairSlots = 16;
  while (pairSlots < size * 2) pairSlots *= 2;
  // Room for the vocabulary and at least as many learned pieces at a load of 0.75.
  let pieceSlots = 1024;
  while (pieceSlots * 0.75 < size * 1.6) pieceSlots *= 2;
  const nodes = trie.label.length;
  const lengths: Record<Region, number> = {
    header: HEADER_WORDS * 4,
    pairs: pairSlots * 16,
    pieces: pieceSlots * 16,
    offsets: (size + 1) * 4,
    left: size * 4,
    right: size * 4,
    byteIds: 256 * 4,
    bytePairs: 65536 * 4,
    twoByteNodes: 65536 * 4,
    firstChild: (nodes + 1) * 4,
    token: nodes * 4,
    prefixToken: size * 4,
    validity: VALIDITY_SLOTS * 8,
    label: nodes,
    bytes: vocabulary.bytes.length,
    arena: (seededArenaBound(vocabulary) + LEARNED_ARENA_WORDS) * 4,
  };
  let total = 0;
  const places = REGIONS.map((region) => {
    const place = total;
    total += (lengths[region] + 15) & ~15;
    return place;
  });
  const buffer = allocate(total);
  const header = new Uint32Array(buffer, 0, HEADER_WORDS);
  header[HEADER.magic] = MAGIC;
  REGIONS.forEach((region, i) => {
    header[HEADER.regions + 2 * i] = places[i]!;
    header[HEADER.regions + 2 * i + 1] = lengths[region];
  });
  const tables = viewTables(buffer);
  tables.offsets.set(vocabulary.offsets);
  tables.bytes.set(vocabulary.bytes);
  tables.left.set(vocabulary.left);
  tables.right.set(vocabulary.right);
  tables.byteIds.set(vocabulary.byteIds);
  fillPairs(tables, size);
  fillTrie(tables, trie);
  seedPieces(vocabulary, tables);
  tables.validity.fill(NONE);
  return tables;
}

function fillPairs(tables: BytePairTables, size: number): void {
  tables.pairs.fill(NONE);
  tables.bytePairs.fill(NONE);
  const pairs = new PairTable(tables.pairs);
  const { left, right, offsets, bytes } = tables;
  for (let id = 0; id < size; id++) {
    if (left[id] === id) continue;
    pairs.set(left[id]!, right[id]!, id, id);
    const start = offsets[id]!;
    if (offsets[id + 1]! - start === 2) tables.bytePairs[(bytes[start]! << 8) | bytes[start + 1]!] = id;
  }
}

function fillTrie(tables: BytePairTables, trie: VocabularyTrie): void {
  tables.firstChild.set(trie.firstChild);
  tables.token.set(trie.token);
  tables.label.set(trie.label);
  tables.prefixToken.set(trie.prefixToken);
  const { left, offsets } = tables;
  // The encoder walks this copy: tokens that no merge makes may not be matched inside a piece.
  for (let node = 0; node < tables.token.length; node++) {
    const id = tables.token[node]!;
    if (id !== NONE && !isMade(left, offsets, id)) tables.token[node] = NONE;
  }
  for (let id = 0; id < tables.prefixToken.length; id++) {
    let prefix = tables.prefixToken[id]!;
    while (prefix !== NONE && !isMade(left, offsets, prefix)) prefix = tables.prefixToken[prefix]!;
    tables.prefixToken[id] = prefix;
  }
  for (let first = 0; first < 256; first++) {
    const node = childOf(trie, 0, first);
    if (node < 0) continue;
    for (let child = trie.firstChild[node]!; child < trie.firstChild[node + 1]!; child++) {
      tables.twoByteNodes[(first << 8) | trie.label[child]!] = child;
    }
  }
}

function isMade(left: Uint32Array, offsets: Uint32Array, id: number): boolean {
  return left[id] !== id || offsets[id + 1]! - offsets[id]! === 1;
}

/** Hash of an inline piece. */
export function hashInline(low: number, high: number, length: number): number {
  return hashPair(low ^ Math.imul(length, 0x27d4eb2f), high);
}

/** Arena words that the vocabulary's pieces need at most: two units a word, and no more units than bytes. */
function seededArenaBound({ size, offsets }: BytePairVocabulary): number {
  let words = 0;
  for (let id = 0; id < size; id++) {
    const length = offsets[id + 1]! - offsets[id]!;
    // One unit of two bytes is not inline either.
    if (length > 1) words += (length + 1) >> 1;
  }
  return words;
}

/** The vocabulary as whole pieces; tokens that are not whole UTF-8 characters can never be a piece. */
function seedPieces(vocabulary: BytePairVocabulary, { pieces: slots, arena, header }: BytePairTables): void {
  const { size, offsets, bytes } = vocabulary;
  const mask = slots.length / 4 - 1;
  let arenaUsed = 0;
  let pieceCount = 0;
  let units = new Uint16Array(256);
  for (let id = 0; id < size; id++) {
    const start = offsets[id]!;
    const end = offsets[id + 1]!;
    if (end - start > units.length) units = new Uint16Array(end - start);
    const length = decodeUtf8(bytes, start, end, units);
    if (length <= 0 || length > SEEDED_UNITS) continue;
    const inline = length === end - start && length <= 8;
    if (inline) seedInline(slots, mask, units, length, id);
    else arenaUsed = seedLong(slots, mask, units, length, id, arena, arenaUsed);
    pieceCount++;
  }
  header[HEADER.arenaUsed] = header[HEADER.arenaSeeded] = arenaUsed;
  header[HEADER.pieceCount] = header[HEADER.pieceSeeded] = pieceCount;
}

function seedInline(slots: Uint32Array, mask: number, units: Uint16Array, length: number, id: number): void {
  let key0 = 0;
  let key1 = 0;
  for (let i = 0; i < length && i < 4; i++) key0 |= units[i]! << (8 * i);
  for (let i = 4; i < length; i++) key1 |= units[i]! << (8 * (i - 4));
  key0 >>>= 0;
  key1 >>>= 0;
  fillSlot(slots, hashInline(key0, key1, length) & mask, mask, key0, key1, id, 1 | (length << 8) | INLINE);
}

/** Returns how much of the arena is used then. */
function seedLong(
  slots: Uint32Array,
  mask: number,
  units: Uint16Array,
  length: number,
  id: number,
  arena: Uint32Array,
  place: number,
): number {
  let hash = 0;
  let at = place;
  for (let i = 0; i < length; i += 2) {
    const word = units[i]! | (i + 1 < length ? units[i + 1]! << 16 : 0);
    arena[at++] = word;
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash >>>= 0;
  fillSlot(slots, hash & mask, mask, hash, place, id, 1 | (length << 8));
  return at;
}

/** Writes a piece into the first free slot from `slot` on. */
function fillSlot(
  slots: Uint32Array,
  slot: number,
  mask: number,
  key0: number,
  key1: number,
  value: number,
  shape: number,
): void {
  while (slots[slot * 4 + 3] !== 0) slot = (slot + 1) & mask;
  const at = slot * 4;
  slots[at] = key0;
  slots[at + 1] = key1;
  slots[at + 2] = value;
  slots[at + 3] = shape;
}

/** Decodes bytes to UTF-16 units; -1 when they are not well-formed UTF-8. */
function decodeUtf8(bytes: Uint8Array, at: number, end: number, units: Uint16Array): number {
  let length = 0;
  while (at < end) {
    const first = bytes[at++]!;
    if (first < 0x80) {
      units[length++] = first;
      continue;
    }
    const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4 || at + more > end) return -1;
    let point = first & (0x3f >> more);
    for (let i = 0; i < more; i++) {
      const next = bytes[at++]!;
      if ((next & 0xc0) !== 0x80) return -1;
      point = (point << 6) | (next & 63);
    }
    if (point < (more === 1 ? 0x80 : more === 2 ? 0x800 : 0x10000) || point > 0x10ffff) return -1;
    if (point >= 0xd800 && point <= 0xdfff) return -1;
    if (point >= 0x10000) {
      units[length++] = 0xd7c0 + (point >> 10);
      units[length++] = 0xdc00 | (point & 0x3ff);
    } else units[length++] = point;
  }
  return length;
}

/** Takes out what was learned, when the piece table or the arena is full. */
export function forgetLearned(tables: BytePairTables): void {
  const { pieces, header, arena } = tables;
  const seededEnd = header[HEADER.arenaSeeded]!;
  const mask = pieces.length / 4 - 1;
  const old = pieces.slice();
  pieces.fill(0);
  for (let at = 0; at < old.length; at += 4) {
    const shape = old[at + 3]!;
    if (shape === 0) continue;
    const inline = (shape & INLINE) !== 0;
    // A seeded piece is one token whose text, when not inline, lies in the seeded part; a learned one-token piece
    // cannot exist because every token that is whole characters is seeded.
    if ((shape & 255) !== 1 || (!inline && old[at + 1]! >= seededEnd)) continue;
    let slot = (inline ? hashInline(old[at]!, old[at + 1]!, (shape >>> 8) & 0xffff) : old[at]!) & mask;
    while (pieces[slot * 4 + 3] !== 0) slot = (slot + 1) & mask;
    pieces.set(old.subarray(at, at + 4), slot * 4);
  }
  arena.fill(0, seededEnd);
  header[HEADER.arenaUsed] = seededEnd;
  header[HEADER.pieceCount] = header[HEADER.pieceSeeded]!;
}

/** Whether a header announces tables of this version that fit into `byteLength` bytes. */
export function holdsTables(buffer: ArrayBufferLike, byteLength: number): boolean {
  if (buffer.byteLength < HEADER_WORDS * 4) return false;
  const header = new Uint32Array(buffer, 0, HEADER_WORDS);
  if (header[HEADER.magic] !== MAGIC) return false;
  return REGIONS.every((region, i) => {
    const place = header[HEADER.regions + 2 * i]!;
    const length = header[HEADER.regions + 2 * i + 1]!;
    return place % 16 === 0 && (BYTE_REGIONS.has(region) || length % 4 === 0) && place + length <= byteLength;
  });
}
