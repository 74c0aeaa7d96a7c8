// Reads .tiktoken rank files: a line for each token, its bytes in base64, a space, its rank. The file does not hold
// its split pattern; it is known by the file's fingerprint or name, else the user is asked.
// Source: openai/tiktoken load.py; sums from openai_public.py.
import { decodeBase64 } from './base64';
import {
  FormatError,
  guarded,
  MAX_VOCABULARY,
  sourceLabel,
  type FileIdentity,
  type FormatResult,
} from './formatResult';
import { checkTokens, rankTokenizer } from './rankTokenizer';
import { RANK_PATTERNS, type RankPattern } from './rankPatterns';
import { describeEncoding } from '../encodings';

const CL100K = (digits: string): string =>
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|${digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const CASED = String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const LOWER = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
const SUFFIX = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";
const O200K =
  `${CASED}*${LOWER}+${SUFFIX}|${CASED}+${LOWER}*${SUFFIX}|` +
  String.raw`\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const GPT2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;
const PATTERNS: Readonly<Record<RankPattern, string>> = {
  o200k: O200K,
  cl100k: CL100K(String.raw`\p{N}{1,3}`),
  gpt2: GPT2,
  llama3: CL100K(String.raw`\p{N}{1,3}`),
  qwen: CL100K(String.raw`\p{N}`),
};

const KNOWN_SUMS: ReadonlyMap<string, 'o200k_base' | 'cl100k_base' | 'p50k_base' | 'r50k_base'> = new Map([
  ['446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d', 'o200k_base'],
  ['223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7', 'cl100k_base'],
  ['94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069', 'p50k_base'],
  ['306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930', 'r50k_base'],
]);

/** Whether the text starts like a rank file. */
export function looksLikeRanks(text: string): boolean {
  return /^[A-Za-z0-9+/]+={0,2} \d+\r?\n/.test(text.slice(0, 4096));
}

/** Reads a rank file; `pattern` is needed when neither sum nor name tells it. */
export function readRankFile(text: string, identity: FileIdentity, pattern?: RankPattern): FormatResult {
  return guarded(() => {
    const tokens = readRanks(text);
    // Damage is told before the user is asked for anything.
    checkTokens(tokens);
    const encoding = identity.sha256 ? KNOWN_SUMS.get(identity.sha256) : undefined;
    const chosen =
      pattern ??
      (encoding
        ? describeEncoding(encoding).pattern
        : patternByName(identity.fileName ?? identity.name, tokens));
    if (!chosen) {
      throw new FormatError(
        'needs-pattern',
        `A rank file does not say how text is split. Choose one of ${RANK_PATTERNS.join(', ')}, as the model's documentation says.`,
      );
    }
    const specialTokens = encoding
      ? describeEncoding(encoding).specialTokens
      : specialsOf(chosen, tokens.length);
    const tokenizer = rankTokenizer({
      tokens,
      firstId: 0,
      pattern: PATTERNS[chosen],
      nfc: chosen === 'qwen',
      specialTokens,
      name: identity.name,
      provenance: { exactness: 'exact', source: `${sourceLabel(identity)}, split as ${encoding ?? chosen}` },
    });
    const why = pattern
      ? 'chosen by you'
      : encoding
        ? 'known by the fingerprint'
        : 'taken from the file name';
    return {
      tokenizer,
      description: {
        format: '.tiktoken',
        model: 'BPE on bytes, by rank',
        vocabularySize: tokenizer.vocabularySize,
        specialTokens: [...specialTokens].map(([token, id]) => ({ text: token, id })),
        matchedTokens: 0,
        normalizer: chosen === 'qwen' ? 'NFC' : 'none',
        preTokenizer: `Split as ${chosen} (${why})`,
        decoder: 'bytes',
        postProcessor: 'none',
        notes: ['Special tokens in a document count as ordinary text.'],
      },
    };
  });
}

function readRanks(text: string): (Uint8Array | undefined)[] {
  const lines = text.split('\n');
  if (lines.length > MAX_VOCABULARY)
    throw new FormatError('too-large', `The file has ${lines.length} lines; that many are refused.`);
  const tokens: (Uint8Array | undefined)[] = [];
  lines.forEach((raw, i) => {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line === '') return;
    const space = line.indexOf(' ');
    const rankText = line.slice(space + 1);
    if (space <= 0 || !/^\d{1,7}$/.test(rankText)) {
      const cut = i === lines.length - 1;
      throw new FormatError(
        cut ? 'truncated' : 'bad-vocabulary',
        cut
          ? 'The last line is not complete: the download was cut off. Download the file again.'
          : `Line ${i + 1} is not 'base64 rank'. This is not a rank file, or it is damaged.`,
      );
    }
    const rank = Number(rankText);
    if (rank >= MAX_VOCABULARY)
      throw new FormatError(
        'too-large',
        `Line ${i + 1} has rank ${rank}; ranks from ${MAX_VOCABULARY} on are refused.`,
      );
    while (tokens.length <= rank) tokens.push(undefined);
    if (tokens[rank])
      throw new FormatError(
        'duplicate-id',
        `Rank ${rank} is given twice (line ${i + 1}). The file is damaged; download it again.`,
      );
    tokens[rank] = decodeBase64(line.slice(0, space), `Line ${i + 1}`);
  });
  return tokens;
}

function patternByName(name: string, tokens: readonly unknown[]): RankPattern | null {
  const lower = name.toLowerCase();
  if (lower.includes('o200k')) return 'o200k';
  if (lower.includes('cl100k')) return 'cl100k';
  if (/(?:p50k|r50k|gpt2)/.test(lower)) return 'gpt2';
  if (lower.includes('qwen')) return 'qwen';
  // Llama 3 ships its 128 000 ranks as 'tokenizer.model'.
  return lower === 'tokenizer.model' && tokens.length === 128_000 ? 'llama3' : null;
}

function specialsOf(pattern: RankPattern, first: number): ReadonlyMap<string, number> {
  switch (pattern) {
    case 'qwen':
      return new Map(['<|endoftext|>', '<|im_start|>', '<|im_end|>'].map((text, i) => [text, first + i]));
    case 'llama3':
      return new Map(
        ['<|begin_of_text|>', '<|end_of_text|>'].map((text, i): [string, number] => [text, first + i]),
      );
    default:
      return new Map();
  }
}
