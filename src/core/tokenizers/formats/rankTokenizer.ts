// A tokenizer from a rank table: the bytes of each token in merge order, and a split pattern (tiktoken's rule).
import { AddedTokenMatcher } from './addedTokens';
import { FormatError } from './formatResult';
import { byteLevelMergeModel } from './mergeModel';
import { remembering } from './pieceModel';
import { PipelineTokenizer } from './pipelineTokenizer';
import { patternPreTokenizer } from './preTokenizers';
import { pairsFromRanks } from './rankedPairs';
import { knownSplit } from './splitFamilies';
import { normalizeForm } from './unicodeForms';
import { BytePairTokenizer } from '../bytePairTokenizer';
import { buildTables } from '../bytePairTables';
import { vocabularyFromTokens } from '../bytePairVocabulary';
import type { Provenance, Tokenizer } from '../tokenizer';
import { encodeUtf8 } from '../utf8Encoding';
import { decodeByteAlphabet, characterOfByte } from './byteAlphabet';

export interface RankTable {
  /** Bytes by rank; undefined where a rank is free. */
  readonly tokens: readonly (Uint8Array | undefined)[];
  /** The id of rank 0: ids are ranks plus this (tekken puts special tokens first). */
  readonly firstId: number;
  readonly pattern: string;
  readonly nfc: boolean;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly name: string;
  readonly provenance: Provenance;
}

/** Throws FormatError 'missing-bytes', 'duplicate-token' or what the pattern brings. */
export function rankTokenizer(table: RankTable): Tokenizer {
  const byteIds = checkTokens(table.tokens);
  const split = table.nfc ? null : knownSplit(table.pattern);
  if (split) {
    const vocabulary = engineVocabulary(table.tokens);
    if (vocabulary) {
      const { name, provenance, specialTokens } = table;
      const ids = Uint32Array.from(table.tokens, (_, rank) => rank + table.firstId);
      return new BytePairTokenizer(buildTables(vocabulary), {
        name,
        provenance,
        specialTokens,
        pattern: split,
        ...(table.firstId === 0 ? {} : { ids }),
      });
    }
  }
  return pipeline(table, byteIds);
}

/** Null when the engine's order of building is not this table's (a byte after a merged token). */
function engineVocabulary(tokens: RankTable['tokens']): ReturnType<typeof vocabularyFromTokens> | null {
  try {
    const vocabulary = vocabularyFromTokens(tokens);
    // A long token that no merge of lower ranks makes could be made by higher ones; the engine does not look there.
    const { offsets, left } = vocabulary;
    for (let id = 0; id < tokens.length; id++) {
      if (offsets[id + 1]! - offsets[id]! > 1 && left[id] === id) return null;
    }
    return vocabulary;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Ids of the 256 bytes. Throws FormatError for a vocabulary that cannot encode all text or names a token twice. */
export function checkTokens(tokens: RankTable['tokens']): Uint32Array {
  const byteIds = new Uint32Array(256).fill(0xffffffff);
  const seen = new Map<string, number>();
  tokens.forEach((token, rank) => {
    if (!token) return;
    if (token.length === 0)
      throw new FormatError(
        'bad-vocabulary',
        `Token ${rank} is empty. The file is damaged; download it again.`,
      );
    const key = String.fromCharCode(...token.subarray(0, 4096));
    const other = seen.get(key);
    if (other !== undefined && token.length <= 4096) {
      throw new FormatError(
        'duplicate-token',
        `Tokens ${other} and ${rank} are the same bytes. The file is damaged; download it again.`,
      );
    }
    seen.set(key, rank);
    if (token.length === 1) byteIds[token[0]!] = rank;
  });
  const missing = byteIds.filter((id) => id === 0xffffffff).length;
  if (missing > 0) {
    throw new FormatError(
      'missing-bytes',
      `${missing} of the 256 single bytes have no token, so some text could not be encoded: the file is cut off or not a rank file. Download it again.`,
    );
  }
  return byteIds;
}

function pipeline(table: RankTable, byteRanks: Uint32Array): PipelineTokenizer {
  const { tokens, firstId, specialTokens } = table;
  const { pairs } = pairsFromRanks(
    tokens.flatMap((token, rank) =>
      token
        ? [{ id: rank + firstId, symbols: Array.from(token, (byte) => byteRanks[byte]! + firstId), rank }]
        : [],
    ),
  );
  const size = Math.max(tokens.length + firstId, ...[...specialTokens.values()].map((id) => id + 1));
  const texts = new Array<string | undefined>(size).fill(undefined);
  const whole = new Map<string, number>();
  const byteLengths = new Uint32Array(size);
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
  tokens.forEach((token, rank) => {
    if (!token) return;
    texts[rank + firstId] = Array.from(token, characterOfByte).join('');
    byteLengths[rank + firstId] = token.length;
    try {
      whole.set(utf8.decode(token), rank + firstId);
    } catch {
      // Part of a character: never a whole piece.
    }
  });
  const specialIds = new Set(specialTokens.values());
  for (const [text, id] of specialTokens) texts[id] = text;
  const bytesOf = (id: number): Uint8Array =>
    specialIds.has(id) ? encodeUtf8(texts[id]!) : tokens[id - firstId]!;
  const nothing = new AddedTokenMatcher([], () => '');
  const lossy = new TextDecoder('utf-8', { ignoreBOM: true });
  return new PipelineTokenizer({
    name: table.name,
    kind: 'bpe',
    provenance: table.provenance,
    specialTokens,
    tokenTexts: texts,
    bytesOf,
    decode: (parts) =>
      lossy.decode(
        Uint8Array.from(parts.flatMap((part) => [...(decodeByteAlphabet(part) ?? encodeUtf8(part))])),
      ),
    decoding: 'bytes',
    dropsFirstSpace: false,
    rawTokens: nothing,
    normalizedTokens: nothing,
    normalizer: table.nfc ? (piece) => normalizeForm(piece, 'NFC') : null,
    engine: null,
    preTokenizer: patternPreTokenizer(table.pattern, 'the split pattern').run,
    model: remembering(
      byteLevelMergeModel({
        byteIds: byteRanks.map((rank) => rank + firstId),
        unknownId: null,
        pairs,
        byteLengths,
        whole,
      }),
    ),
  });
}
