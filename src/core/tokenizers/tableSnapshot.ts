// Finished tables on disk: everything up to the end of the seeded arena, as it lies in memory. Reading it back is
// one copy, where building takes the vocabulary through merges, trie and piece table again.
// A snapshot is only taken of fresh tables, before any piece was learned.
import { HEADER, holdsTables, viewTables, type BytePairTables } from './bytePairTables';

export const SNAPSHOT_HEADER_BYTES = 256;

/** A faster way to sum words of the tables' buffer (KernelMemory.sum), where there is one. */
export type SumWords = (at: number, length: number) => number | undefined;

/** Bytes to store. `source` is the fingerprint of what the tables were built from. */
export function snapshotOf(tables: BytePairTables, source: number, sum?: SumWords): Uint8Array {
  const { header } = tables;
  if (header[HEADER.arenaUsed] !== header[HEADER.arenaSeeded])
    throw new Error('These tables have learned pieces.');
  const length = snapshotLength(header);
  header[HEADER.source] = source;
  header[HEADER.sum] = sumOf(tables.buffer, length, sum);
  return new Uint8Array(tables.buffer, 0, length);
}

export interface SnapshotShape {
  /** Bytes of the stored file. */
  readonly fileLength: number;
  /** Bytes the tables need in memory; more than are stored, for the pieces to be learned. */
  readonly tableLength: number;
}

/** What a stored header announces, or undefined when it is not of this version and this source. */
export function readSnapshotHeader(stored: Uint8Array, source: number): SnapshotShape | undefined {
  if (stored.length < SNAPSHOT_HEADER_BYTES) return undefined;
  const header = new Uint32Array(stored.slice(0, SNAPSHOT_HEADER_BYTES).buffer);
  if (header[HEADER.source] !== source) return undefined;
  const tableLength = header[ARENA_WORD]! + header[ARENA_WORD + 1]!;
  if (!holdsTables(header.buffer, tableLength)) return undefined;
  return { fileLength: snapshotLength(header), tableLength };
}

/** Tables whose stored bytes were read to the start of `buffer`; undefined when they are damaged. */
export function tablesFromSnapshot(
  buffer: ArrayBufferLike,
  fileLength: number,
  sum?: SumWords,
): BytePairTables | undefined {
  const header = new Uint32Array(buffer, 0, SNAPSHOT_HEADER_BYTES / 4);
  return sumOf(buffer, fileLength, sum) === header[HEADER.sum] ? viewTables(buffer) : undefined;
}

/** Header word with the place of the arena, the last region. */
const ARENA_WORD = HEADER.regions + 2 * HEADER.arenaRegion;

function snapshotLength(header: Uint32Array): number {
  return header[ARENA_WORD]! + header[HEADER.arenaSeeded]! * 4;
}

/** Words are summed in four lanes, as many as the compiled sum takes at once. */
const LANES = 4;

/** Two running sums a lane over the words behind the header: finds a torn or damaged file. */
function sumOf(buffer: ArrayBufferLike, length: number, sum?: SumWords): number {
  const count = (length - SNAPSHOT_HEADER_BYTES) >> 2;
  const fast = sum?.(SNAPSHOT_HEADER_BYTES, count);
  if (fast !== undefined) return fast;
  const words = new Uint32Array(buffer, SNAPSHOT_HEADER_BYTES, count);
  const first = new Int32Array(LANES).fill(1);
  const second = new Int32Array(LANES);
  for (let i = 0; i < words.length; i++) {
    const lane = i % LANES;
    first[lane] = (first[lane]! + words[i]!) | 0;
    second[lane] = (second[lane]! + first[lane]) | 0;
  }
  let both = 0;
  for (let lane = 0; lane < LANES; lane++) {
    both = Math.imul(both, 31) + first[lane]! + ((second[lane]! << 16) | (second[lane]! >>> 16));
    both |= 0;
  }
  return both >>> 0;
}
