// ByteVocabulary of a byte-level byte-pair tokenizer whose pre-token pattern works on Unicode text (GPT-2, cl100k, o200k,
// Llama 3, Qwen, StarCoder, DeepSeek and our own model). Witnesses and signatures follow the character classes that
// these patterns distinguish: letter case, marks, digits, spaces, line ends, apostrophes with contraction letters, slash,
// punctuation, symbols, Han and Kana.
import type { ByteVocabulary } from './byteVocabulary';
import { completions, decodeUtf8Tail, encodeUtf8 } from './utf8Tail';

/** The parts of a tokenizer that the adapter needs. */
export interface BytePairParts {
  /** One more than the largest id. */
  readonly size: number;
  /** Bytes of an ordinary token; empty for special tokens and holes. */
  tokenBytes(id: number): Uint8Array;
  /** Byte-pair merge of one pre-token. */
  mergePiece(bytes: Uint8Array): ArrayLike<number>;
  /** Exclusive ends of pre-tokens in UTF-16 units. */
  splitText(text: string): ArrayLike<number>;
  /** The same for bytes that are all ASCII; saves making a string. */
  splitAscii?(bytes: Uint8Array): readonly number[];
  /** True when a pre-token that is itself in the vocabulary is taken whole (`ignore_merges`). */
  readonly wholePieces: boolean;
  /** The whole-piece look-up; needed with `wholePieces`. */
  findToken?(bytes: Uint8Array): number | undefined;
  /** Faster pair test, where the engine has one. */
  isValidPair?(left: number, right: number): boolean;
  /** Whether a pre-token boundary between two ASCII characters is certain whatever surrounds them. */
  isCertainBorder?(before: number, after: number): boolean;
}

/** Builds the byte-level view of a byte-pair tokenizer. */
export function textByteVocabulary(parts: BytePairParts): ByteVocabulary {
  const encodePiece = (bytes: Uint8Array): ArrayLike<number> => {
    const whole = parts.wholePieces ? parts.findToken?.(bytes) : undefined;
    return whole === undefined ? parts.mergePiece(bytes) : [whole];
  };
  const mergedPair = (left: number, right: number): boolean => {
    const a = parts.tokenBytes(left);
    const b = parts.tokenBytes(right);
    const joined = new Uint8Array(a.length + b.length);
    joined.set(a);
    joined.set(b, a.length);
    const ids = parts.mergePiece(joined);
    return ids.length === 2 && ids[0] === left && ids[1] === right;
  };
  return {
    size: parts.size,
    validity: 'pairs',
    wholePieces: parts.wholePieces,
    tokenBytes: (id) => parts.tokenBytes(id),
    encodePiece,
    // A boundary inside a pre-token means that the whole was not looked up, so its start was merged.
    encodePieceStart: (bytes) => parts.mergePiece(bytes),
    utf8: true,
    split: (bytes) =>
      parts.splitAscii !== undefined && isAscii(bytes)
        ? parts.splitAscii(bytes)
        : splitBytes(bytes, (text) => parts.splitText(text)),
    isValidPair: parts.isValidPair === undefined ? mergedPair : (a, b) => parts.isValidPair!(a, b),
    witnesses: textWitnesses,
    extensions: textExtensions,
    signature: textSignature,
    ...(parts.isCertainBorder === undefined
      ? {}
      : { certainBoundary: (bytes) => certainBoundary(bytes, (a, b) => parts.isCertainBorder!(a, b)) }),
  };
}

function isAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! >= 0x80) return false;
  return true;
}

/** The last certain border between two ASCII characters. */
function certainBoundary(bytes: Uint8Array, isCertain: (before: number, after: number) => boolean): number {
  for (let at = bytes.length - 1; at > 0; at--) {
    const before = bytes[at - 1]!;
    const after = bytes[at]!;
    if (before < 0x80 && after < 0x80 && isCertain(before, after)) return at;
  }
  return 0;
}

/** Pre-token ends in bytes. A cut last character belongs to a pre-token of its own: callers complete it first. */
export function splitBytes(bytes: Uint8Array, splitText: (text: string) => ArrayLike<number>): number[] {
  const decoded = decodeUtf8Tail(bytes);
  if (decoded === undefined) throw new RangeError('split needs bytes that are the start of valid UTF-8');
  const { text, completeBytes, cutBytes } = decoded;
  const ends = splitText(text);
  const result: number[] = [];
  if (completeBytes === text.length) {
    for (let i = 0; i < ends.length; i++) result.push(ends[i]!);
  } else {
    let unit = 0;
    let byte = 0;
    for (let i = 0; i < ends.length; i++) {
      for (; unit < ends[i]!; unit++) {
        const code = text.charCodeAt(unit);
        // A surrogate pair is four bytes: two for each half.
        byte += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3;
      }
      result.push(byte);
    }
  }
  if (cutBytes > 0) result.push(bytes.length);
  return result;
}

const bytesOf = (texts: readonly string[]): readonly Uint8Array[] => texts.map(encodeUtf8);
const afterWord = bytesOf(['', 'a', '.', '\n']);
const afterSpace = bytesOf(['', 'a', '.', '1', ' ', '\n', ' a', '\na', ' \n', '\n a', "'", '_']);
const afterDigit = bytesOf(['', '1', '11', '111', 'a', '.1']);
const contractions = [
  's',
  't',
  're',
  've',
  'm',
  'll',
  'd',
  'S',
  'T',
  'RE',
  'VE',
  'M',
  'LL',
  'D',
  'e',
  'l',
  'E',
  'L',
];
const afterApostrophe = bytesOf(['', 'a', '.', '\n', ...contractions, 'sa', 'la', 'ra', 'va']);
const apostropheNear = /['’][\p{L}]{0,2}$/u;
const spaceEnd = /\s$/u;
const digitEnd = /\p{N}$/u;

function textWitnesses(bytes: Uint8Array): readonly Uint8Array[] {
  return asciiWitnesses(bytes) ?? unicodeWitnesses(bytes);
}

/** The same choice for bytes that are all ASCII, without making a string. */
function asciiWitnesses(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  if (bytes.length > 192 || !isAscii(bytes)) return undefined;
  const last = bytes[bytes.length - 1] ?? 0x41;
  if (last === 0x20 || (last >= 9 && last <= 13)) return afterSpace;
  if (last >= 0x30 && last <= 0x39) return afterDigit;
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte === 0x27) return afterApostrophe;
    if (!((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a)) break;
  }
  return afterWord;
}

function unicodeWitnesses(bytes: Uint8Array): readonly Uint8Array[] {
  // Only the last characters matter, but a long last token must be seen whole to know that it joins at a character.
  let from = Math.max(0, bytes.length - 192);
  while (from > 0 && (bytes[from]! & 0xc0) === 0x80) from--;
  const decoded = decodeUtf8Tail(bytes.subarray(from));
  if (decoded === undefined) return [];
  if (decoded.cutBytes > 0) return completionsByClass(bytes.subarray(bytes.length - decoded.cutBytes));
  const { text } = decoded;
  if (spaceEnd.test(text)) return afterSpace;
  if (digitEnd.test(text)) return afterDigit;
  if (apostropheNear.test(text)) return afterApostrophe;
  return afterWord;
}

const extensionTexts = bytesOf([
  ...'etaoinsrhldcumfpgwybvkxjqzETAOINSRHLDCUMFPGWYBVKXJQZ0123456789'.split(/(?:)/u),
  ...'._-/(){}[];:,=+*<>!?&|^%$#@~`"\'\\'.split(/(?:)/u),
  ...['zq', 'qx', 'ZQ', 'xj', '  ', '   ', '\n\n', '\r\n', '\t', '\t\t', '()', '==', '/*', '--', '..'],
  ...['é', 'я', '日', '\u0301', '→', 'qzxj', 'QZXJ'],
]);

function* textExtensions(bytes: Uint8Array): Generator<Uint8Array> {
  let from = Math.max(0, bytes.length - 4);
  while (from > 0 && (bytes[from]! & 0xc0) === 0x80) from--;
  const cut = decodeUtf8Tail(bytes.subarray(from))?.cutBytes ?? 0;
  if (cut === 0) yield* extensionTexts;
  else
    yield* completions(
      bytes.subarray(bytes.length - cut),
      [1, 1, 1, 16, 1024][lengthOfLead(bytes[bytes.length - cut]!) - cut + 1]!,
    );
}

const lengthOfLead = (lead: number): number => (lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4);

const completionCache = new Map<string, readonly Uint8Array[]>();

/** One completion of a cut character for each class of characters that it can become. */
function completionsByClass(cut: Uint8Array): readonly Uint8Array[] {
  const key = cut.join();
  const known = completionCache.get(key);
  if (known !== undefined) return known;
  const missing = lengthOfLead(cut[0]!) - cut.length;
  const byClass = new Map<string, Uint8Array>();
  // Scripts lie in blocks of at least eight, so a stride meets each class that matters; this runs once a cut.
  for (const rest of completions(cut, [1, 1, 5, 61][missing]!)) {
    const whole = new Uint8Array(cut.length + rest.length);
    whole.set(cut);
    whole.set(rest, cut.length);
    const { text } = decodeUtf8Tail(whole)!;
    const name = characterClass(text);
    if (!byClass.has(name)) byClass.set(name, rest);
  }
  const found = [...byClass.values()];
  completionCache.set(key, found);
  return found;
}

const classes: readonly (readonly [RegExp, string])[] = [
  [/^[\p{Lu}\p{Lt}]$/u, 'U'],
  [/^\p{Ll}$/u, 'l'],
  [/^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]$/u, 'h'],
  [/^\p{L}$/u, 'o'],
  [/^\p{M}$/u, 'm'],
  [/^\p{N}$/u, 'n'],
  [/^\s$/u, 'w'],
  [/^\p{P}$/u, 'p'],
  [/^\p{S}$/u, 's'],
];

function characterClass(character: string): string {
  for (const [pattern, name] of classes) if (pattern.test(character)) return name;
  return 'x';
}

const asciiClass: readonly string[] = Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  return ' \r\n\t/_'.includes(character) ? character : characterClass(character);
});

/** Tokens whose exact characters matter are their own signature. */
const exactly = /['’\u017f\u212a]/u;
const contractionStart = /^(?:[sStTmMdD]|[rRvV][eE]|[lL][lL]|[rRvVlL]$)/u;

function textSignature(token: Uint8Array): string {
  const decoded = decodeUtf8Tail(token);
  if (decoded === undefined) return `=${token.join()}`;
  const { text, completeBytes, cutBytes } = decoded;
  if (exactly.test(text)) return `=${token.join()}`;
  let signature = contractionStart.exec(text)?.[0] ?? '';
  signature += ':';
  let previous = '';
  let run = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const name = code < 128 ? asciiClass[code]! : characterClass(character);
    run = name === previous ? run + 1 : 1;
    previous = name;
    // Patterns repeat a class without limit, digits by threes at most, so three in a row behave like four.
    if (run <= 3) signature += name;
  }
  return cutBytes === 0 ? signature : `${signature}#${token.subarray(completeBytes).join()}`;
}
