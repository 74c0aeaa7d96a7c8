// Loads the OpenAI encodings from tiktoken's own tables. The only file that imports tiktoken.
import { BytePairTokenizer } from '../core/tokenizers/bytePairTokenizer';
import { vocabularyFromTokens, type BytePairVocabulary } from '../core/tokenizers/bytePairVocabulary';
import { describeEncoding, type EncodingName, type RankTableName } from '../core/tokenizers/encodings';
import type { Tokenizer } from '../core/tokenizers/tokenizer';

const TIKTOKEN_VERSION = '1.0.22';

interface RankFile {
  readonly bpe_ranks: string;
}

const RANK_FILES: Readonly<Record<RankTableName, () => Promise<{ default: RankFile }>>> = {
  o200k_base: () => import('tiktoken/encoders/o200k_base.json'),
  cl100k_base: () => import('tiktoken/encoders/cl100k_base.json'),
  p50k_base: () => import('tiktoken/encoders/p50k_base.json'),
  r50k_base: () => import('tiktoken/encoders/r50k_base.json'),
};

/** The exact tokenizer of an OpenAI encoding. */
export async function loadEncoding(name: EncodingName): Promise<Tokenizer> {
  const { pattern, table, specialTokens } = describeEncoding(name);
  return new BytePairTokenizer(await loadVocabulary(table), {
    name,
    pattern,
    specialTokens,
    provenance: { exactness: 'exact', source: `tiktoken ${TIKTOKEN_VERSION}, ${name}` },
  });
}

async function loadVocabulary(table: RankTableName): Promise<BytePairVocabulary> {
  const file = await RANK_FILES[table]();
  return vocabularyFromTokens(parseRanks(file.default.bpe_ranks));
}

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
