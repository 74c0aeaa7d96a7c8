// Loads the OpenAI encodings from packed rank tables that ship with Tessera (made from npm tiktoken's by
// scripts/packTables.mjs). The compiled kernel unpacks a file of a megabyte in some ten milliseconds, so that finished
// tables need not be kept between starts.
import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeUnits, type UnitWriter } from '../core/tokenizers/bytePairKernel';
import { buildTables } from '../core/tokenizers/bytePairTables';
import { BytePairTokenizer, type BytePairOptions } from '../core/tokenizers/bytePairTokenizer';
import { PACKED_HEADER_BYTES, unpackVocabulary } from '../core/tokenizers/bytePairVocabulary';
import { describeEncoding, type EncodingName, type RankTableName } from '../core/tokenizers/encodings';
import { patternOf } from '../core/tokenizers/splitScanners';
import { KernelMemory } from '../core/tokenizers/wasmKernel';

const TIKTOKEN_VERSION = '1.0.22';

export interface LoadOptions {
  /** Where the packed tables are; beside the bundle, or in the checkout, when left out. */
  readonly tableFolder?: string;
  /** 'script' runs the TypeScript kernel even where WebAssembly could. */
  readonly kernel?: 'wasm' | 'script';
}

/** The exact tokenizer of an OpenAI encoding. Throws when its packed table is missing or damaged. */
export async function loadEncoding(
  name: EncodingName,
  options: LoadOptions = {},
): Promise<BytePairTokenizer> {
  const { pattern, table, specialTokens } = describeEncoding(name);
  const described: BytePairOptions = {
    name,
    pattern: patternOf(pattern),
    specialTokens,
    provenance: { exactness: 'exact', source: `tiktoken ${TIKTOKEN_VERSION}, ${name}` },
    writeUnits: writeUnitsFast,
  };
  const path = join(options.tableFolder ?? shippedTables(), `${table}.pairs`);
  const memory = options.kernel === 'script' ? undefined : await readCompiled(path, table);
  if (memory) {
    const kernel = memory.makeKernel(described.pattern, writeUnitsFast);
    return new BytePairTokenizer(memory, { ...described, kernel });
  }
  const unpacked = unpackVocabulary(await readFile(path));
  if (!unpacked.ok) throw new Error(`${unpacked.reason} ${repair(table)}`);
  return new BytePairTokenizer(buildTables(unpacked.vocabulary), described);
}

/** Node's string writer copies several gigabytes a second; below some hundred units its call costs more. */
export const writeUnitsFast: UnitWriter = (text, from, to, target) => {
  if (to - from < 512) writeUnits(text, from, to, target);
  else
    Buffer.from(target.buffer, target.byteOffset, target.byteLength).write(text.slice(from, to), 'utf16le');
};

/** The table in the compiled kernel's memory; undefined where that cannot run, or for what is no packed vocabulary. */
async function readCompiled(path: string, table: RankTableName): Promise<KernelMemory | undefined> {
  const file = await open(path, 'r');
  try {
    const header = new Uint8Array(PACKED_HEADER_BYTES);
    await file.read(header, 0, header.length, 0);
    const memory = KernelMemory.forPacked(header);
    if (!memory) return undefined;
    const { packed } = memory;
    if ((await file.stat()).size !== packed.length) return undefined;
    for (let at = 0; at < packed.length;) {
      const { bytesRead } = await file.read(packed, at, packed.length - at, at);
      if (bytesRead === 0) return undefined;
      at += bytesRead;
    }
    const failed = memory.unpack();
    if (failed !== undefined) throw new Error(`Packed vocabulary: ${failed}. ${repair(table)}`);
    return memory;
  } finally {
    await file.close();
  }
}

const repair = (table: RankTableName): string => `Install Tessera again to repair ${table}.`;

/** Packed tables lie beside the bundle in an installed extension and in assets/ of a checkout. */
function shippedTables(): string {
  const candidates = [join(__dirname, 'tables'), join(__dirname, '../../assets/tables')];
  const found = candidates.find((folder) => existsSync(folder));
  if (!found)
    throw new Error(`Tessera's rank tables are missing from ${candidates[0]!}. Install Tessera again.`);
  return found;
}
