// Finished tables on disk: everything up to the end of the seeded arena, as it lies in memory. Reading it back is
// one copy, where building takes the vocabulary through merges, trie and piece table again.
// A snapshot is only taken of fresh tables, before any piece was learned.
import { HEADER, holdsTables, viewTables, type BytePairTables } from './bytePairTables';

export const SNAPSHOT_HEADER_BYTES = 256;

/** Bytes to store. `source` is the fingerprint of what the tables were built from. */
export function snapshotOf(tables: BytePairTables, source: number): Uint8Array {
  const { header } = tables;
  if (header[HEADER.arenaUsed] !== header[HEADER.arenaSeeded])
    throw new Error('These tables have learned pieces.');
  const length = snapshotLength(header);
  header[HEADER.source] = source;
  header[HEADER.sum] = sumOf(tables.buffer, length);
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
export function tablesFromSnapshot(buffer: ArrayBufferLike, fileLength: number): BytePairTables | undefined {
  const header = new Uint32Array(buffer, 0, SNAPSHOT_HEADER_BYTES / 4);
  return sumOf(buffer, fileLength) === header[HEADER.sum] ? viewTables(buffer) : undefined;
}

/** Header word with the place of the arena, the last region. */
const ARENA_WORD = HEADER.regions + 2 * HEADER.arenaRegion;

function snapshotLength(header: Uint32Array): number {
  return header[ARENA_WORD]! + header[HEADER.arenaSeeded]! * 4;
}

/** Two running sums over the words behind the header: finds a torn or damaged file. */
function sumOf(buffer: ArrayBufferLike, length: number): number {
  const words = new Uint32Array(buffer, SNAPSHOT_HEADER_BYTES, (length - SNAPSHOT_HEADER_BYTES) >> 2);
  let first = 1;
  let second = 0;
  for (let i = 0; i < words.length; i++) {
    first = (first + words[i]!) | 0;
    second = (second + first) | 0;
  }
  return (first ^ ((second << 16) | (second >>> 16))) >>> 0;
}
