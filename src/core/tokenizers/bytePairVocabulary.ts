// A byte-level byte-pair vocabulary: the bytes of every token and, for every merged token, the pair it is made of.
// Tokens are numbered by rank here (for tiktoken's tables that is the id), so a merged token's number is the rank of
// its merge. One pair a token is enough, the last merge of the token encoded alone: any text in which the token
// appears reaches it by that merge, because until then no merge crosses its ends and those inside keep their order.
import { PairTable, mergeSymbols } from './bytePairMerge';

/** Marks the half of a token that no merge makes. */
const NO_HALF = 0xffffff;
const PACKED_MAGIC = 0x31504254; // 'TBP1'
const HEADER_WORDS = 5;

export interface BytePairVocabulary {
  /** One more than the largest token number. Numbers without a token have zero bytes. */
  readonly size: number;
  /** Token t spans offsets[t] .. offsets[t + 1] of `bytes`. */
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
  /** Halves of each token; the token itself for single bytes and for tokens no merge makes. */
  readonly left: Uint32Array;
  readonly right: Uint32Array;
  /** Token of each single byte; all are below every merged token. */
  readonly byteIds: Uint32Array;
}

/**
 * Tokens in rank order, `undefined` where a number is free, single bytes first. Throws RangeError when a byte has no
 * token or comes after a merged token.
 */
export function vocabularyFromTokens(tokens: readonly (Uint8Array | undefined)[]): BytePairVocabulary {
  const size = tokens.length;
  const offsets = new Uint32Array(size + 1);
  let longest = 2;
  for (let id = 0; id < size; id++) {
    const length = tokens[id]?.length ?? 0;
    offsets[id + 1] = offsets[id]! + length;
    if (length > longest) longest = length;
  }
  const bytes = new Uint8Array(offsets[size]!);
  tokens.forEach((token, id) => {
    if (token) bytes.set(token, offsets[id]);
  });
  const byteIds = singleBytes(size, offsets, bytes);
  const left = Uint32Array.from(tokens, (_, id) => id);
  const right = left.slice();
  const pairs = new PairTable(size);
  const symbols = new Uint32Array(longest);
  for (let id = 0; id < size; id++) {
    const start = offsets[id]!;
    const length = offsets[id + 1]! - start;
    if (length < 2) continue;
    for (let i = 0; i < length; i++) symbols[i] = byteIds[bytes[start + i]!]!;
    if (mergeSymbols(symbols, length, pairs) !== 2) continue;
    left[id] = symbols[0]!;
    right[id] = symbols[1]!;
    pairs.set(symbols[0]!, symbols[1]!, id, id);
  }
  return { size, offsets, bytes, left, right, byteIds };
}

function singleBytes(size: number, offsets: Uint32Array, bytes: Uint8Array): Uint32Array {
  const byteIds = new Uint32Array(256).fill(NO_HALF);
  let merged = false;
  for (let id = 0; id < size; id++) {
    const length = offsets[id + 1]! - offsets[id]!;
    if (length > 1) merged = true;
    if (length !== 1) continue;
    if (merged) throw new RangeError(`Token ${id} is a single byte but comes after a merged token.`);
    byteIds[bytes[offsets[id]!]!] = id;
  }
  const missing = byteIds.indexOf(NO_HALF);
  if (missing >= 0) throw new RangeError(`The vocabulary has no token for byte 0x${missing.toString(16)}.`);
  return byteIds;
}

/** Bytes of one token. Throws RangeError for a number without a token. */
export function bytesOfToken(
  vocabulary: Pick<BytePairVocabulary, 'offsets' | 'bytes'>,
  id: number,
): Uint8Array {
  const start = vocabulary.offsets[id];
  const end = vocabulary.offsets[id + 1];
  if (start === undefined || end === undefined || start === end) {
    throw new RangeError(`Id ${id} is not in the vocabulary.`);
  }
  return vocabulary.bytes.subarray(start, end);
}

/**
 * The vocabulary as merge pairs only: magic, size, number of raw tokens, bytes of raw tokens, fingerprint of the rest
 * (32-bit words, low byte first); the raw tokens (single bytes and those no merge makes) as length byte and bytes; then the left halves and the right halves
 * of the tokens 0..size-1, low bytes first: three planes of `size` bytes each. 0xffffff, 0xffffff marks a raw token
 * and 0xffffff, 0xfffffe a free number.
 */
export function packVocabulary(vocabulary: BytePairVocabulary): Uint8Array {
  const { size, offsets, bytes, left, right } = vocabulary;
  const raw: number[] = [];
  let rawTokens = 0;
  const halves = [new Uint32Array(size), new Uint32Array(size)] as const;
  for (let id = 0; id < size; id++) {
    const start = offsets[id]!;
    const length = offsets[id + 1]! - start;
    const made = left[id] !== id;
    halves[0][id] = made ? left[id]! : NO_HALF;
    halves[1][id] = made ? right[id]! : length === 0 ? NO_HALF - 1 : NO_HALF;
    if (made || length === 0) continue;
    if (length > 255) throw new RangeError(`Token ${id} is longer than 255 bytes and no merge makes it.`);
    rawTokens++;
    raw.push(length, ...bytes.subarray(start, start + length));
  }
  const packed = new Uint8Array(HEADER_WORDS * 4 + raw.length + size * 6);
  packed.set(raw, HEADER_WORDS * 4);
  let at = HEADER_WORDS * 4 + raw.length;
  for (const half of halves) {
    for (let shift = 0; shift < 24; shift += 8) {
      for (let id = 0; id < size; id++) packed[at++] = half[id]! >>> shift;
    }
  }
  const header = new DataView(packed.buffer);
  const sum = fingerprint(packed.subarray(HEADER_WORDS * 4));
  [PACKED_MAGIC, size, rawTokens, raw.length, sum].forEach((word, i) => header.setUint32(i * 4, word, true));
  return packed;
}

/** Writes the bytes of token `id` once more, from `at`; returns where they end. */
function copyToken(bytes: Uint8Array, offsets: Uint32Array, id: number, at: number): number {
  const end = offsets[id + 1]!;
  for (let i = offsets[id]!; i < end; i++) bytes[at++] = bytes[i]!;
  return at;
}

/** Number `id` of a plane of 24-bit numbers that lies from `start` on, low bytes first. */
function planeNumber(planes: Uint8Array, start: number, size: number, id: number): number {
  const at = start + id;
  return planes[at]! | (planes[at + size]! << 8) | (planes[at + 2 * size]! << 16);
}

export type UnpackResult =
  | { readonly ok: true; readonly vocabulary: BytePairVocabulary }
  | { readonly ok: false; readonly reason: string };

export const PACKED_HEADER_BYTES = HEADER_WORDS * 4;

export interface PackedHeader {
  readonly size: number;
  readonly rawTokens: number;
  /** Bytes of the raw tokens, each with its length byte. */
  readonly rawLength: number;
  readonly fingerprint: number;
  /** Of the whole file. */
  readonly byteLength: number;
}

/** The header of a packed vocabulary; undefined when it is not of this version. */
export function readPackedHeader(packed: Uint8Array): PackedHeader | undefined {
  if (packed.length < PACKED_HEADER_BYTES) return undefined;
  const header = new DataView(packed.buffer, packed.byteOffset, PACKED_HEADER_BYTES);
  const word = (index: number): number => header.getUint32(index * 4, true);
  if (word(0) !== PACKED_MAGIC) return undefined;
  const [size, rawTokens, rawLength, fingerprint] = [word(1), word(2), word(3), word(4)];
  return { size, rawTokens, rawLength, fingerprint, byteLength: PACKED_HEADER_BYTES + rawLength + size * 6 };
}

/** Whether a file of so many bytes can be what its header says. */
export function fitsHeader({ size, byteLength }: PackedHeader, fileBytes: number): boolean {
  return size < NO_HALF && byteLength === fileBytes;
}

/** FNV-1a; finds damage, not malice. */
function fingerprint(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  // By index: an iterator costs ten times as much before it is compiled.
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0;
}

/** Reads what packVocabulary wrote; checks every length and every half. */
export function unpackVocabulary(packed: Uint8Array): UnpackResult {
  const fail = (reason: string): UnpackResult => ({ ok: false, reason: `Packed vocabulary: ${reason}.` });
  const header = readPackedHeader(packed);
  if (!header) return fail('not a packed vocabulary of this version');
  const { size, rawTokens, rawLength } = header;
  if (!fitsHeader(header, packed.length)) return fail('its length does not fit its header');
  if (fingerprint(packed.subarray(PACKED_HEADER_BYTES)) !== header.fingerprint)
    return fail('damaged, its fingerprint differs');
  const rawStart = HEADER_WORDS * 4;
  const planes = packed.subarray(rawStart + rawLength);
  const left = new Uint32Array(size);
  const right = new Uint32Array(size);
  const offsets = new Uint32Array(size + 1);
  let rawAt = rawStart;
  let rawSeen = 0;
  for (let id = 0; id < size; id++) {
    const l = planeNumber(planes, 0, size, id);
    const r = planeNumber(planes, 3 * size, size, id);
    let length = 0;
    if (l === NO_HALF) {
      left[id] = id;
      right[id] = id;
      if (r === NO_HALF) {
        length = packed[rawAt]!;
        rawAt += 1 + length;
        rawSeen++;
      }
    } else {
      if (l >= id || r >= id) return fail(`token ${id} is made of tokens that come after it`);
      left[id] = l;
      right[id] = r;
      length = offsets[l + 1]! - offsets[l]! + (offsets[r + 1]! - offsets[r]!);
    }
    offsets[id + 1] = offsets[id]! + length;
    if (offsets[id + 1]! > 0x10000000) return fail('its tokens are longer than 256 MB together');
  }
  if (rawAt !== rawStart + rawLength || rawSeen !== rawTokens) return fail('its raw tokens do not add up');
  const bytes = new Uint8Array(offsets[size]!);
  rawAt = rawStart;
  for (let id = 0; id < size; id++) {
    let at = offsets[id]!;
    if (offsets[id + 1] === at) continue;
    if (left[id] === id) {
      const length = packed[rawAt]!;
      for (let i = 1; i <= length; i++) bytes[at++] = packed[rawAt + i]!;
      rawAt += 1 + length;
      continue;
    }
    at = copyToken(bytes, offsets, left[id]!, at);
    copyToken(bytes, offsets, right[id]!, at);
  }
  try {
    return {
      ok: true,
      vocabulary: { size, offsets, bytes, left, right, byteIds: singleBytes(size, offsets, bytes) },
    };
  } catch (error) {
    return fail(error instanceof Error ? error.message : 'unreadable');
  }
}
