// Reads SentencePiece .model files: BPE, Unigram, word and character models.
// Source: google/sentencepiece (bpe_model.cc, unigram_model.cc, model_interface.cc, sentencepiece_processor.cc).
import { AddedTokenMatcher } from './addedTokens';
import { borderedModel, NeighbourSet } from './certainBorders';
import { byteOfToken, joinBytes } from './decoders';
import {
  FormatError,
  guarded,
  sourceLabel,
  type FileIdentity,
  type FormatResult,
  type TokenizerDescription,
} from './formatResult';
import { SymbolRow } from './mergeModel';
import { characterSize, remembering, type PieceModel, type PieceTokens } from './pieceModel';
import { PipelineTokenizer } from './pipelineTokenizer';
import { pairsFromRanks } from './rankedPairs';
import { longestPrefix, sentencePieceNormalizer } from './sentencePieceNormalizer';
import { readSentencePieceProto, type SentencePieceProto } from './sentencePieceProto';
import { TokenTable } from './tokenTable';
import { knownPoints } from './tokenizerJsonModel';
import { UnitTrie } from './unitTrie';
import { byteTokenIds, unigramModel } from '../unigramTokenizer';
import { encodeUtf8 } from '../utf8Encoding';

const UNKNOWN_SYMBOL = 0xfffffffe;

/** Reads the bytes of a .model file. */
export function readSentencePieceModel(bytes: Uint8Array, identity: FileIdentity): FormatResult {
  return guarded(() => read(readSentencePieceProto(bytes), identity));
}

function read(
  proto: SentencePieceProto,
  identity: FileIdentity,
): { tokenizer: PipelineTokenizer; description: TokenizerDescription } {
  const table = new TokenTable();
  proto.pieces.forEach((piece, id) => table.add(piece.text, id, `Piece ${id}`));
  const unknownId = proto.pieces.findIndex((piece) => piece.type === 'unknown');
  if (unknownId < 0)
    throw new FormatError(
      'missing-token',
      'The model has no unknown piece. The file is damaged; download it again.',
    );
  const byteTokens = proto.byteFallback ? byteTokenIds(table.texts) : null;
  if (byteTokens?.includes(undefined)) {
    throw new FormatError(
      'missing-bytes',
      'The model falls back to bytes but lacks some of its 256 byte pieces. The file is damaged; download it again.',
    );
  }
  const userDefined = new UnitTrie();
  proto.pieces.forEach((piece, id) => {
    if (piece.type === 'userDefined') userDefined.add(piece.text, id);
  });
  const context: Context = { proto, table, unknownId, byteTokens, userDefined };
  const specials = proto.pieces.flatMap((piece, id) =>
    piece.type === 'control' || piece.type === 'unknown' ? [{ text: piece.text, id }] : [],
  );
  const stripped = proto.addDummyPrefix || proto.removeExtraWhitespaces;
  const nothing = new AddedTokenMatcher([], () => '');
  const tokenizer = new PipelineTokenizer({
    name: identity.name,
    kind: proto.modelType === 'unigram' ? 'unigram' : proto.modelType === 'word' ? 'wordpiece' : 'bpe',
    provenance: { exactness: 'exact', source: sourceLabel(identity) },
    specialTokens: new Map(specials.map(({ text, id }) => [text, id])),
    tokenTexts: table.texts,
    bytesOf: (id) => bytesOfPiece(proto, id),
    decode: (texts) => decode(context, texts),
    decoding: 'bytes',
    dropsFirstSpace: stripped && !proto.whitespaceAsSuffix,
    rawTokens: nothing,
    normalizedTokens: nothing,
    normalizer: sentencePieceNormalizer(proto, userDefined),
    preTokenizer: null,
    engine: null,
    model: buildModel(context),
  });
  const failed = proto.selfTests.filter(
    ({ input, expected }) =>
      Array.from(tokenizer.encode(input), (id) => table.texts[id]).join(' ') !== expected,
  ).length;
  if (failed > 0) {
    throw new FormatError(
      'unsupported-version',
      `${failed} of the file's ${proto.selfTests.length} own check strings give other pieces than the file says, so its ids would be wrong here.`,
    );
  }
  return { tokenizer, description: describe(context, specials) };
}

interface Context {
  readonly proto: SentencePieceProto;
  readonly table: TokenTable;
  readonly unknownId: number;
  readonly byteTokens: readonly (number | undefined)[] | null;
  readonly userDefined: UnitTrie;
}

function buildModel(context: Context): PieceModel {
  const { proto } = context;
  switch (proto.modelType) {
    case 'unigram':
      return buildUnigram(context);
    case 'word':
      return wordModel(context);
    case 'bpe':
    case 'char':
      return buildBytePair(context);
  }
}

function buildUnigram({ proto, unknownId }: Context): PieceModel {
  const normal = proto.pieces.filter((piece) => piece.type === 'normal').map((piece) => piece.score);
  const highest = normal.reduce((a, b) => Math.max(a, b), -Infinity);
  return unigramModel({
    texts: proto.pieces.map((piece) => piece.text),
    // User-defined pieces win by their length in bytes, as in EncodeOptimized.
    scores: Float64Array.from(proto.pieces, (piece) =>
      piece.type === 'userDefined' ? Math.fround(encodeUtf8(piece.text).length * highest) - 0.1 : piece.score,
    ),
    excluded: new Set(
      proto.pieces.flatMap(({ type }, id) => (type === 'normal' || type === 'userDefined' ? [] : [id])),
    ),
    unknownId,
    byteFallback: proto.byteFallback,
    singlePrecision: true,
    lowestScore: normal.reduce((a, b) => Math.min(a, b), 3.4028234663852886e38),
  });
}

/** Appends unknown text: its bytes, or one unknown piece that neighbours join. */
function pushUnknown(
  context: Context,
  piece: string,
  from: number,
  to: number,
  out: PieceTokens,
  first: number,
): void {
  const { byteTokens, unknownId } = context;
  if (!byteTokens) {
    const last = out.length - 1;
    if (last >= first && out.ids[last] === unknownId) out.ends[last] = to;
    else out.push(unknownId, to, 0);
    return;
  }
  for (let at = from; at < to;) {
    const end = at + characterSize(piece, at)[1];
    const bytes = encodeUtf8(piece.slice(at, end));
    bytes.forEach((byte, i) => {
      const done = i === bytes.length - 1;
      out.push(byteTokens[byte]!, done ? end : at, done ? 0 : i + 1);
    });
    at = end;
  }
}

function buildBytePair(context: Context): PieceModel {
  const { proto, table, userDefined, unknownId } = context;
  const merges = proto.modelType === 'bpe';
  const isText = (id: number): boolean =>
    ['normal', 'userDefined', 'unused'].includes(proto.pieces[id]!.type);
  const idOf = (text: string): number | undefined => {
    const id = table.idOf(text);
    return id !== undefined && isText(id) ? id : undefined;
  };
  // Characters that stand in pieces without being one get symbols above the vocabulary.
  const extra = new Map<string, number>();
  const symbolOf = (character: string): number => {
    const id = idOf(character) ?? extra.get(character);
    if (id !== undefined) return id;
    const added = proto.pieces.length + extra.size;
    extra.set(character, added);
    return added;
  };
  const ranks = new Map(
    [...new Set(proto.pieces.map((piece) => piece.score))]
      .sort((a, b) => b - a)
      .map((score, rank) => [score, rank]),
  );
  const texts = merges ? proto.pieces.map((piece, id) => ({ piece, id })).filter(({ id }) => isText(id)) : [];
  const { pairs, halves } = pairsFromRanks(
    texts.map(({ piece, id }) => ({
      id,
      symbols: Array.from(piece.text, symbolOf),
      rank: ranks.get(piece.score)!,
    })),
  );
  const charactersOf = (id: number): number => (halves.has(id) ? Array.from(table.texts[id]!).length : 1);
  const known = new Map<string, number>();
  const row = new SymbolRow();
  const merged = new SymbolRow();
  const pushPart = (
    piece: string,
    from: number,
    id: number,
    end: number,
    out: PieceTokens,
    first: number,
  ): void => {
    const half = id < proto.pieces.length && proto.pieces[id]!.type === 'unused' ? halves.get(id) : undefined;
    if (half) {
      const middle =
        from + (table.texts[half[0]]?.length ?? end - from - (table.texts[half[1]]?.length ?? 0));
      pushPart(piece, from, half[0], middle, out, first);
      pushPart(piece, middle, half[1], end, out, first);
    } else if (id >= proto.pieces.length || id === unknownId)
      pushUnknown(context, piece, from, end, out, first);
    else out.push(id, end, 0);
  };
  const model: PieceModel = {
    kind: 'bpe',
    encodePiece(piece, out) {
      const first = out.length;
      let from = 0;
      const flush = (): void => {
        merged.length = 0;
        row.mergeInto(merged, pairs, charactersOf);
        for (let i = 0; i < merged.length; i++) {
          pushPart(piece, from, merged.ids[i]!, merged.ends[i]!, out, first);
          from = merged.ends[i]!;
        }
        row.length = 0;
      };
      row.length = 0;
      for (let at = 0; at < piece.length;) {
        const symbol = longestPrefix(userDefined, piece, at);
        if (symbol > 0) {
          flush();
          at += symbol;
          out.push(table.idOf(piece.slice(from, at))!, at, 0);
          from = at;
          continue;
        }
        const end = at + characterSize(piece, at)[1];
        const character = piece.slice(at, end);
        let id = known.get(character);
        if (id === undefined)
          known.set(character, (id = idOf(character) ?? extra.get(character) ?? UNKNOWN_SYMBOL));
        row.push(id, end, 0);
        at = end;
      }
      flush();
    },
  };
  const neighbours = new NeighbourSet();
  for (const id of halves.keys()) neighbours.addText(table.texts[id]!);
  proto.pieces.forEach((piece) => {
    if (piece.type === 'userDefined') neighbours.addText(piece.text);
  });
  return borderedModel(remembering(model), neighbours, knownPoints(idOf));
}

/** Word models: text is cut before (or, with white space as a suffix, after) each ▁. */
function wordModel(context: Context): PieceModel {
  const { proto, table } = context;
  const words = proto.whitespaceAsSuffix ? /[^▁]*▁|[^▁]+/g : /▁[^▁]*|[^▁]+/g;
  return {
    kind: 'wordpiece',
    encodePiece(piece, out) {
      const first = out.length;
      for (const { index, 0: word } of piece.matchAll(words)) {
        const id = table.idOf(word);
        const end = index + word.length;
        if (id !== undefined && proto.pieces[id]!.type === 'normal') out.push(id, end, 0);
        else pushUnknown(context, piece, index, end, out, first);
      }
    },
  };
}

function bytesOfPiece(proto: SentencePieceProto, id: number): Uint8Array {
  const { text, type } = proto.pieces[id]!;
  const byte = type === 'byte' ? byteOfToken(text) : null;
  if (byte !== null) return Uint8Array.of(byte);
  return encodeUtf8(type === 'control' || type === 'unknown' ? text : text.replaceAll('▁', ' '));
}

const lossy = new TextDecoder('utf-8', { ignoreBOM: true });

function decode({ proto, table }: Context, texts: readonly string[]): string {
  const drops = proto.addDummyPrefix || proto.removeExtraWhitespaces;
  let atStart = true;
  const parts: Uint8Array[] = [];
  for (const text of texts) {
    const id = table.idOf(text);
    const type = id === undefined ? 'normal' : proto.pieces[id]!.type;
    if (type === 'control') continue;
    if (type === 'unknown') parts.push(encodeUtf8(proto.unknownSurface));
    else if (type === 'byte') parts.push(Uint8Array.of(byteOfToken(text)!));
    else parts.push(encodeUtf8((atStart && drops ? text.replace(/^▁/, '') : text).replaceAll('▁', ' ')));
    if (type !== 'normal' || !proto.removeExtraWhitespaces || text !== '▁') atStart = false;
  }
  return lossy.decode(joinBytes(parts));
}

function describe(context: Context, specials: TokenizerDescription['specialTokens']): TokenizerDescription {
  const { proto } = context;
  const names = { unigram: 'Unigram', bpe: 'BPE on characters', word: 'Words', char: 'Characters' } as const;
  const spaces = [
    proto.addDummyPrefix && `▁ put ${proto.whitespaceAsSuffix ? 'last' : 'first'}`,
    proto.removeExtraWhitespaces && 'extra white space removed',
  ].filter((one) => one !== false);
  return {
    format: 'SentencePiece .model',
    model: names[proto.modelType] + (proto.byteFallback ? ', byte fallback' : ''),
    vocabularySize: proto.pieces.length,
    specialTokens: specials,
    matchedTokens: proto.pieces.filter((piece) => piece.type === 'userDefined').length,
    normalizer: [proto.normalizationName || 'none', ...spaces].join(', '),
    preTokenizer: 'none',
    decoder: 'SentencePiece',
    postProcessor: 'none',
    ownTests: proto.selfTests.length,
    notes: ['Control pieces (<s>, </s>) in a document count as ordinary text.'],
  };
}
