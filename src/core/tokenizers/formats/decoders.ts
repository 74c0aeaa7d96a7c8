// The decoders of a tokenizer.json: token texts in, text out, exactly as the library decodes.
// Source: huggingface/tokenizers, decoders/*.rs and pre_tokenizers/byte_level.rs (v0.23).
import { decodeByteAlphabet } from './byteAlphabet';
import { FormatError } from './formatResult';
import {
  asArray,
  asObject,
  booleanField,
  field,
  integerField,
  optionalString,
  stringField,
  typeOf,
} from './jsonFields';
import { findPattern } from './patternFinder';
import { encodeUtf8 } from '../utf8Encoding';

export type Decoder = (tokens: readonly string[]) => readonly string[];

export interface DecoderPart {
  readonly run: Decoder;
  readonly label: string;
  /** The parts of a sequence by type, itself for a single one. */
  readonly types: readonly string[];
}

const MAX_DEPTH = 16;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const strictUtf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** Builds the `decoder` of a tokenizer.json; null when there is none. Throws FormatError. */
export function readDecoder(value: unknown, where = 'decoder', depth = 0): DecoderPart | null {
  if (value === null || value === undefined) return null;
  if (depth > MAX_DEPTH) {
    throw new FormatError(
      'too-deep',
      `${where} is nested more than ${MAX_DEPTH} deep; no real tokenizer is.`,
    );
  }
  const part = asObject(value, where);
  const type = typeOf(part, where);
  const one = (run: Decoder): DecoderPart => ({ run, label: type, types: [type] });
  switch (type) {
    case 'Sequence': {
      const parts = asArray(field(part, 'decoders'), `${where}.decoders`)
        .map((each, i) => readDecoder(each, `${where}.decoders[${i}]`, depth + 1))
        .filter((each) => each !== null);
      return {
        run: (tokens) => parts.reduce((all, each) => each.run(all), tokens),
        label: parts.map((each) => each.label).join(' → '),
        types: parts.flatMap((each) => each.types),
      };
    }
    case 'ByteLevel':
      return one((tokens) => [utf8.decode(joinBytes(tokens.map(bytesInAlphabet)))]);
    case 'ByteFallback':
      return one(byteFallback);
    case 'Fuse':
      return one((tokens) => [tokens.join('')]);
    case 'Strip': {
      const content = stringField(part, 'content', where);
      const [start, stop] = [integerField(part, 'start', where, 0), integerField(part, 'stop', where, 0)];
      return one((tokens) => tokens.map((token) => stripEnds(token, content, start, stop)));
    }
    case 'Replace': {
      const finder = findPattern(field(part, 'pattern'), `${where}.pattern`);
      const content = stringField(part, 'content', where);
      return one((tokens) => tokens.map((token) => replaceIn(token, finder.matches(token), content)));
    }
    case 'Metaspace': {
      const mark = optionalString(part, 'replacement', where) ?? '▁';
      const scheme = optionalString(part, 'prepend_scheme', where);
      const never =
        scheme === null ? !booleanField(part, 'add_prefix_space', where, true) : scheme === 'never';
      return one((tokens) => tokens.map((token, i) => token.replaceAll(mark, i === 0 && !never ? '' : ' ')));
    }
    case 'WordPiece': {
      const prefix = optionalString(part, 'prefix', where) ?? '##';
      const clean = booleanField(part, 'cleanup', where, true);
      return one((tokens) =>
        tokens.map((token, i) => {
          const text = i === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
          return clean ? cleanUp(text) : text;
        }),
      );
    }
    case 'BPEDecoder': {
      const suffix = optionalString(part, 'suffix', where) ?? '</w>';
      return one((tokens) =>
        tokens.map((token, i) => token.replaceAll(suffix, i === tokens.length - 1 ? '' : ' ')),
      );
    }
    case 'CTC': {
      const pad = optionalString(part, 'pad_token', where) ?? '<pad>';
      const delimiter = optionalString(part, 'word_delimiter_token', where) ?? '|';
      const clean = booleanField(part, 'cleanup', where, true);
      return one((tokens) =>
        tokens
          .filter((token, i) => token !== tokens[i - 1])
          .map((token) => {
            const text = token.replaceAll(pad, '');
            return clean ? cleanUp(text).replaceAll(delimiter, ' ') : text;
          })
          .filter((text) => text !== ''),
      );
    }
    default:
      throw new FormatError(
        'unsupported-part',
        `${where} is of type '${type.slice(0, 40)}', which Tessera does not know; the file is refused.`,
      );
  }
}

/** Bytes of a token in GPT-2's alphabet, or of its own text when it has other characters. */
export function bytesInAlphabet(token: string): Uint8Array {
  return decodeByteAlphabet(token) ?? encodeUtf8(token);
}

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The byte of '<0x41>', or null. */
export function byteOfToken(token: string): number | null {
  const hex = /^<0x([0-9A-Fa-f]{2})>$/.exec(token);
  return hex ? parseInt(hex[1]!, 16) : null;
}

function byteFallback(tokens: readonly string[]): string[] {
  const out: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length === 0) return;
    try {
      out.push(strictUtf8.decode(Uint8Array.from(bytes)));
    } catch {
      for (let i = 0; i < bytes.length; i++) out.push('\ufffd');
    }
    bytes = [];
  };
  for (const token of tokens) {
    const byte = byteOfToken(token);
    if (byte === null) {
      flush();
      out.push(token);
    } else bytes.push(byte);
  }
  flush();
  return out;
}

function stripEnds(token: string, content: string, start: number, stop: number): string {
  const characters = Array.from(token);
  let from = 0;
  while (from < start && characters[from] === content) from++;
  let to = characters.length;
  while (to > from && characters.length - to < stop && characters[to - 1] === content) to--;
  return characters.slice(from, to).join('');
}

function replaceIn(token: string, matches: Iterable<readonly [number, number]>, content: string): string {
  let out = '';
  let at = 0;
  for (const [from, to] of matches) {
    out += token.slice(at, from) + content;
    at = to;
  }
  return out + token.slice(at);
}

const CLEAN_UP: readonly (readonly [string, string])[] = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [' do not', " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];

const cleanUp = (text: string): string =>
  CLEAN_UP.reduce((all, [from, to]) => all.replaceAll(from, to), text);
