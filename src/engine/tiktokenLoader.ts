// Loads the OpenAI encodings from tiktoken's own tables. The only file that imports tiktoken.
import { BytePairTokenizer } from '../core/tokenizers/bytePairTokenizer';
import { vocabularyFromTokens } from '../core/tokenizers/bytePairVocabulary';
import { writeUnits, type UnitWriter } from '../core/tokenizers/bytePairKernel';
import { buildTables, type BytePairTables } from '../core/tokenizers/bytePairTables';
import { KernelMemory } from '../core/tokenizers/wasmKernel';
import { patternOf } from '../core/tokenizers/splitScanners';
import { describeEncoding, type EncodingName, type RankTableName } from '../core/tokenizers/encodings';

const TIKTOKEN_VERSION = '1.0.22';

interface RankFile {
  readonly bpe_ranks: string;
}

const RANK_FILES: Readonly<Record<RankTableName, () => Promise<{ default: RankFile }>>> = {
  o200k_base: () => import('tiktoken/encoders/o200k_base'),
  cl100k_base: () => import('tiktoken/encoders/cl100k_base'),
  p50k_base: () => import('tiktoken/encoders/p50k_base'),
  r50k_base: () => import('tiktoken/encoders/r50k_base'),
};

/** The exact tokenizer of an OpenAI encoding. */
export async function loadEncoding(name: EncodingName): Promise<BytePairTokenizer> {
  const { pattern, table, specialTokens } = describeEncoding(name);
  const memory = new KernelMemory();
  return new BytePairTokenizer(await loadTables(table, memory), {
    name,
    pattern: patternOf(pattern),
    specialTokens,
    provenance: { exactness: 'exact', source: `tiktoken ${TIKTOKEN_VERSION}, ${name}` },
    writeUnits: writeUnitsFast,
    makeKernel: (tables, classes, split) => memory.makeKernel(tables, classes, split, writeUnitsFast),
  });
}

async function loadTables(table: RankTableName, memory: KernelMemory): Promise<BytePairTables> {
  const file = await RANK_FILES[table]();
  return buildTables(vocabularyFromTokens(parseRanks(file.default.bpe_ranks)), (byteLength) =>
    memory.allocate(byteLength),
  );
}

/** Node's string writer copies several gigabytes a second; below some hundred units its call costs more. */
const writeUnitsFast: UnitWriter = (text, from, to, target) => {
  if (to - from < 512) writeUnits(text, from, to, target);
  else
    Buffer.from(target.buffer, target.byteOffset, target.byteLength).write(text.slice(from, to), 'utf16le');
};

/**
 * tiktoken's npm rank text: lines of `! first token token ...`, tokens in base64, ranks counting up from `first`.
 */
export function parseRanks(text: string): (Uint8Array | undefined)[] {
  const tokens: (Uint8Array | undefined)[] = [];
  for (const line of text.split('\n')) {
    const [mark, first, ...encoded] = line.split(' ');
    if (mark === '') continue;
    if (mark !== '!' || first === undefined) throw new Error('This is not a tiktoken rank table.');
    let rank = Number(first);
    while (tokens.length < rank) tokens.push(undefined);
    for (const token of encoded) tokens[rank++] = Buffer.from(token, 'base64');
  }
  return tokens;
}
