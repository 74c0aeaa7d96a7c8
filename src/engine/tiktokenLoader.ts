// Loads the OpenAI encodings: packed rank tables that ship with Tessera (made from npm tiktoken's by
// scripts/packTables.mjs), or the finished tables kept from an earlier start.
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeUnits, type UnitWriter } from '../core/tokenizers/bytePairKernel';
import { buildTables, type BytePairTables } from '../core/tokenizers/bytePairTables';
import { BytePairTokenizer } from '../core/tokenizers/bytePairTokenizer';
import { packedFingerprint, unpackVocabulary } from '../core/tokenizers/bytePairVocabulary';
import { describeEncoding, type EncodingName, type RankTableName } from '../core/tokenizers/encodings';
import { patternOf } from '../core/tokenizers/splitScanners';
import {
  readSnapshotHeader,
  SNAPSHOT_HEADER_BYTES,
  snapshotOf,
  tablesFromSnapshot,
} from '../core/tokenizers/tableSnapshot';
import { KernelMemory } from '../core/tokenizers/wasmKernel';

const TIKTOKEN_VERSION = '1.0.22';

export interface LoadOptions {
  /** Where the packed tables are; beside the bundle, or in the checkout, when left out. */
  readonly tableFolder?: string;
  /** Where finished tables may be kept between starts (global storage); not kept when left out. */
  readonly snapshotFolder?: string;
  /** 'script' runs the TypeScript kernel even where WebAssembly could. */
  readonly kernel?: 'wasm' | 'script';
}

/** The exact tokenizer of an OpenAI encoding. Throws when its packed table is missing or damaged. */
export async function loadEncoding(
  name: EncodingName,
  options: LoadOptions = {},
): Promise<BytePairTokenizer> {
  const { pattern, table, specialTokens } = describeEncoding(name);
  const memory = new KernelMemory();
  return new BytePairTokenizer(await loadTables(table, memory, options), {
    name,
    pattern: patternOf(pattern),
    specialTokens,
    provenance: { exactness: 'exact', source: `tiktoken ${TIKTOKEN_VERSION}, ${name}` },
    writeUnits: writeUnitsFast,
    makeKernel: (tables, classes, split) =>
      options.kernel === 'script' ? undefined : memory.makeKernel(tables, classes, split, writeUnitsFast),
  });
}

/** Node's string writer copies several gigabytes a second; below some hundred units its call costs more. */
export const writeUnitsFast: UnitWriter = (text, from, to, target) => {
  if (to - from < 512) writeUnits(text, from, to, target);
  else
    Buffer.from(target.buffer, target.byteOffset, target.byteLength).write(text.slice(from, to), 'utf16le');
};

async function loadTables(
  table: RankTableName,
  memory: KernelMemory,
  options: LoadOptions,
): Promise<BytePairTables> {
  const packed = await readFile(join(options.tableFolder ?? shippedTables(), `${table}.pairs`));
  const source = packedFingerprint(packed);
  const snapshot = options.snapshotFolder && join(options.snapshotFolder, `${table}.tables`);
  const kept = snapshot && (await readSnapshot(snapshot, source, memory));
  if (kept) return kept;
  const unpacked = unpackVocabulary(packed);
  if (!unpacked.ok) throw new Error(`${unpacked.reason} Install Tessera again to repair ${table}.`);
  const tables = buildTables(unpacked.vocabulary, (byteLength) => memory.allocate(byteLength));
  if (snapshot) await keepSnapshot(snapshot, snapshotOf(tables, source, sumIn(memory)));
  return tables;
}

const sumIn =
  (memory: KernelMemory) =>
  (at: number, length: number): number | undefined =>
    memory.sum(at, length);

/** Packed tables lie beside the bundle in an installed extension and in assets/ of a checkout. */
function shippedTables(): string {
  const candidates = [join(__dirname, 'tables'), join(__dirname, '../../assets/tables')];
  const found = candidates.find((folder) => existsSync(folder));
  if (!found)
    throw new Error(`Tessera's rank tables are missing from ${candidates[0]!}. Install Tessera again.`);
  return found;
}

async function readSnapshot(
  path: string,
  source: number,
  memory: KernelMemory,
): Promise<BytePairTables | undefined> {
  let file;
  try {
    file = await open(path, 'r');
    const header = new Uint8Array(SNAPSHOT_HEADER_BYTES);
    await file.read(header, 0, header.length, 0);
    const shape = readSnapshotHeader(header, source);
    if (shape?.fileLength !== (await file.stat()).size) return undefined;
    const buffer = memory.allocate(shape.tableLength);
    await file.read(new Uint8Array(buffer, 0, shape.fileLength), 0, shape.fileLength, 0);
    return tablesFromSnapshot(buffer, shape.fileLength, sumIn(memory));
  } catch {
    // Missing or unreadable: the tables are built again.
    return undefined;
  } finally {
    await file?.close();
  }
}

/** Writes beside the final name and renames, so that a reader never sees half a file. A full disk is no error. */
async function keepSnapshot(path: string, bytes: Uint8Array): Promise<void> {
  const scratch = `${path}.${process.pid}`;
  try {
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(scratch, bytes);
    await rename(scratch, path);
  } catch {
    await rm(scratch, { force: true });
  }
}
