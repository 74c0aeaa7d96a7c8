// Reads a tokenizer file of any known format. The format is told by what is in the file, never by its name alone: Llama 3
// calls its rank file 'tokenizer.model', and a failed download is often a web page.
import type { FormatError } from './formatResult';
import { guarded, MAX_FILE_BYTES, type FileIdentity, type FormatResult } from './formatResult';
import { looksLikeRanks, readRankFile } from './rankFileReader';
import type { RankPattern } from './rankPatterns';
import { readSentencePieceModel } from './sentencePieceReader';
import { looksLikeTekken, readTekken } from './tekkenReader';
import { parseJson, readTokenizerJson } from './tokenizerJsonReader';

export interface ReadOptions {
  /** How a rank file splits text, when it is not known by its fingerprint or name. */
  readonly pattern?: RankPattern;
}

const refuse = (code: FormatError['code'], message: string): FormatResult => ({
  ok: false,
  reason: { code, message },
});

/** Reads the bytes of a file. Never throws for what is in the file. */
export function readTokenizerFile(
  bytes: Uint8Array,
  identity: FileIdentity,
  options: ReadOptions = {},
): FormatResult {
  if (bytes.length === 0) return refuse('empty-file', 'The file is empty. Download it again.');
  if (bytes.length > MAX_FILE_BYTES) {
    return refuse(
      'too-large',
      `The file is larger than ${MAX_FILE_BYTES / 1024 / 1024} MB; no tokenizer is. Choose the tokenizer file, not the model's weights.`,
    );
  }
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 512));
  const foreign = foreignFormat(start);
  if (foreign) return refuse('unknown-format', foreign);
  const jsonLike = /^(?:\u00ef\u00bb\u00bf)?\s*[{[]/.test(start);
  if (!jsonLike && bytes[0] === 0x0a && !looksLikeRanks(start))
    return readSentencePieceModel(bytes, identity);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse(
      jsonLike ? 'bad-text' : 'unknown-format',
      jsonLike
        ? 'The JSON is not UTF-8, so it is damaged. Download it again.'
        : 'This is not a tokenizer file. Choose a tokenizer.json, a .tiktoken file, a SentencePiece .model or a tekken.json.',
    );
  }
  if (looksLikeRanks(text)) return readRankFile(text, identity, options.pattern);
  if (!jsonLike) {
    return refuse(
      'unknown-format',
      'This is not a tokenizer file. Choose a tokenizer.json, a .tiktoken file, a SentencePiece .model or a tekken.json.',
    );
  }
  return guarded(() => {
    const value = parseJson(text);
    return looksLikeTekken(value) ? readTekken(value, identity) : readTokenizerJson(value, identity);
  });
}

/** A message for files that people choose by mistake; null for others. */
function foreignFormat(start: string): string | null {
  if (start.startsWith('version https://git-lfs')) {
    return 'This is a Git LFS pointer, not the file itself. Run "git lfs pull", or download the file from the model page.';
  }
  if (/^\s*<(?:!doctype|html)/i.test(start)) {
    return 'This is a web page: the download needs a login or the address is wrong. Download the raw file.';
  }
  if (start.startsWith('\u001f\u008b') || start.startsWith('PK\u0003\u0004'))
    return 'This is a compressed archive. Unpack it and choose the tokenizer file inside.';
  if (start.startsWith('GGUF')) return 'This is a GGUF model. Choose the tokenizer.json that belongs to it.';
  if (start.startsWith('#version:'))
    return 'This is a merges.txt. Choose the tokenizer.json that belongs to it.';
  return null;
}
