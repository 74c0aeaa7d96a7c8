// Turns the text around the cursor into a prompt: fill-in-the-middle with the model's own tokens where it has them, plain
// left-to-right otherwise, within a token budget shared by prefix, suffix and other open files.
//   PSM: PRE prefix SUF suffix MID | middle          SPM: PRE SUF suffix MID prefix | middle
//   Codestral: SUF suffix PRE prefix | middle        left to right: prefix | middle
// (Bavarian et al., arXiv 2207.14255; Code Llama, arXiv 2308.12950.) A cursor inside a token is never cut there: in PSM the
// prompt stops at the last safe boundary s and the rest of the prefix, the TAIL, is spelt again after MID; elsewhere the
// prefix stands directly before the draft and the byte-level engine reads it whole.
import type { FimTokens, ModelInfo } from '../model/languageModel';
import { findCovers } from './byteCovers';
import type { ByteVocabulary } from './byteVocabulary';
import { encodeUtf8 } from './utf8Tail';

export type LayoutName = 'psm' | 'spm' | 'leftToRight';

export interface OtherFile {
  readonly path: string;
  readonly text: string;
}

export interface PromptRequest {
  readonly prefix: string;
  readonly suffix: string;
  /** Path of the document, told to models that were trained with paths (those with a file separator). */
  readonly path?: string | undefined;
  readonly otherFiles: readonly OtherFile[];
  /** Tokens for everything before the draft. */
  readonly budget: number;
  /** Undefined: what suits the model. */
  readonly layout: LayoutName | undefined;
}

export interface PromptLayout {
  readonly name: LayoutName;
  /** Ids before the text; specials included. */
  readonly context: readonly number[];
  /** Ordinary tokens of the document that are part of `context` (PSM): those before `text`. */
  readonly before: readonly number[];
  /** Bytes directly before the draft: the tail (PSM) or the whole kept prefix. */
  readonly text: Uint8Array;
  /** What the user should know: fall-backs and cuts. */
  readonly notes: readonly string[];
}

/** Shares of the budget; what one part leaves, the prefix gets. */
const SUFFIX_SHARE = 0.25;
const FILES_SHARE = 0.15;
/** Characters of a path that the model is told. */
const MAX_PATH = 120;

/**
 * Prefix directly before the draft (SPM) keeps the cache valid while the user types, because only the end of the prompt
 * grows. Families trained on PSM alone get PSM.
 */
export function preferredLayout(fim: FimTokens): LayoutName {
  return fim.family === 'qwen' || fim.family === 'deepseek' ? 'psm' : 'spm';
}

/** Lays a prompt out. Line ends are given to the model as \n, as in training texts. */
export function layoutPrompt(
  vocabulary: ByteVocabulary,
  info: ModelInfo,
  request: PromptRequest,
): PromptLayout {
  const notes: string[] = [];
  const { fim } = info;
  const prefix = unixLines(request.prefix);
  const suffix = unixLines(request.suffix);
  let name: LayoutName = request.layout ?? (fim === undefined ? 'leftToRight' : preferredLayout(fim));
  if (fim === undefined && name !== 'leftToRight') name = 'leftToRight';
  if (fim === undefined && suffix.trim() !== '') {
    notes.push('This model cannot fill in the middle: the text after the cursor was not used.');
  }
  const encode = (text: string): number[] => encodeText(vocabulary, encodeUtf8(text));
  const start = info.beginOfText === undefined ? [] : [info.beginOfText];
  const files = fileIds(encode, fim, request, Math.floor(request.budget * FILES_SHARE), notes);
  const suffixIds =
    name === 'leftToRight' ? [] : headIds(encode, suffix, Math.floor(request.budget * SUFFIX_SHARE));
  const left = Math.max(16, request.budget - files.length - suffixIds.length - 4 - start.length);
  const kept = encodeUtf8(tailText(encode, prefix, left, notes));
  if (name === 'leftToRight' || fim === undefined) {
    // Without any token before it the first token of a text has no distribution.
    const opening = start.length > 0 || files.length > 0 ? start : info.endTokens.slice(0, 1);
    return { name, context: [...opening, ...files], before: [], text: kept, notes };
  }
  const head = [...start, ...files];
  if (name === 'spm') {
    const context =
      fim.family === 'codestral'
        ? [...head, fim.suffix, ...suffixIds, fim.prefix]
        : [...head, fim.prefix, fim.suffix, ...suffixIds, fim.middle];
    return { name, context, before: [], text: kept, notes };
  }
  const { safe } = findCovers(vocabulary, kept);
  const before = encodeText(vocabulary, kept.subarray(0, safe));
  const context = [...head, fim.prefix, ...before, fim.suffix, ...suffixIds, fim.middle];
  return { name, context, before, text: kept.subarray(safe), notes };
}

/** Ids of a whole text, piece by piece. */
export function encodeText(vocabulary: ByteVocabulary, bytes: Uint8Array): number[] {
  const ids: number[] = [];
  let start = 0;
  for (const end of vocabulary.split(bytes)) {
    const piece = vocabulary.encodePiece(bytes.subarray(start, end));
    for (let i = 0; i < piece.length; i++) ids.push(piece[i]!);
    start = end;
  }
  return ids;
}

/** The text with \n as line end, as in training texts. */
export function unixLines(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/** Characters that surely hold more than `tokens` tokens of code; keeps huge files from being encoded whole. */
const charactersFor = (tokens: number): number => tokens * 12 + 64;

/**
 * The end of a prefix within a number of tokens, cut at a line start where there is one. The cut moves in steps of about a
 * quarter of the room, counted from the start of the prefix: while the user types it stays, and with it the prompt cache.
 */
function tailText(
  encode: (text: string) => number[],
  prefix: string,
  tokens: number,
  notes: string[],
): string {
  const step = 2 ** Math.floor(Math.log2(Math.max(32, tokens)));
  let at = lowerBoundary(prefix, prefix.length - charactersFor(tokens));
  let text = prefix.slice(at);
  let used = encode(text).length;
  while (used > tokens) {
    // Cutting by the measured ratio reaches the budget in two or three rounds.
    const least = at + Math.max(1, Math.ceil(text.length * (1 - tokens / used)));
    const anchored = Math.ceil(least / step) * step;
    const drop = anchored < prefix.length - step / 2 ? anchored : least;
    const line = prefix.indexOf('\n', drop - 1);
    const cut = line >= 0 && line + 1 < prefix.length - 1 && line < drop + 400 ? line + 1 : drop;
    at = lowerBoundary(prefix, cut, at + 1);
    text = prefix.slice(at);
    used = encode(text).length;
  }
  if (text.length < prefix.length) notes.push(`The model saw the last ${used} tokens before the cursor.`);
  return text;
}

/** The start of a suffix within a number of tokens. */
function headIds(encode: (text: string) => number[], suffix: string, tokens: number): number[] {
  return encode(suffix.slice(0, lowerBoundary(suffix, charactersFor(tokens)))).slice(0, tokens);
}

/** A place at or after `at` (clamped to the text) that does not cut a surrogate pair. */
function lowerBoundary(text: string, at: number, least = 0): number {
  const place = Math.min(text.length, Math.max(least, at));
  const unit = text.charCodeAt(place);
  return unit >= 0xdc00 && unit < 0xe000 && place > 0 ? place + 1 : place;
}

function fileIds(
  encode: (text: string) => number[],
  fim: FimTokens | undefined,
  { otherFiles: files, path }: PromptRequest,
  budget: number,
  notes: string[],
): number[] {
  const ids: number[] = [];
  let used = 0;
  for (const file of files) {
    const head = encode(`${file.path}\n`);
    const separator = fim?.fileSeparator === undefined ? [] : [fim.fileSeparator];
    const room =
      Math.min(budget - ids.length, Math.ceil(budget / files.length)) - head.length - separator.length - 1;
    if (room < 16) continue;
    ids.push(...separator, ...head, ...headIds(encode, unixLines(file.text), room), ...encode('\n'));
    used++;
  }
  if (used > 0)
    notes.push(`Parts of ${used} other open ${used === 1 ? 'file' : 'files'} were in the prompt.`);
  // The file of the cursor follows as one more file.
  if (fim?.fileSeparator !== undefined) {
    if (path !== undefined) ids.push(fim.fileSeparator, ...encode(`${path.slice(-MAX_PATH)}\n`));
    else if (used > 0) ids.push(fim.fileSeparator);
  }
  return ids;
}
