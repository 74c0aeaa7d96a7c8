// Added tokens: texts that are cut out before the model runs.
// Source: huggingface/tokenizers, tokenizer/added_vocabulary.rs (v0.23): leftmost-longest search; tokens that are not
// `normalized` are looked for in the text as it is, the others in the normalized text; `single_word`, `lstrip` and
// `rstrip` as there. Special tokens are found only in library mode; else their text is ordinary text, which is what
// the library does with encode_special_tokens = true.
import type { AlignedText } from './alignedText';
import { sliceAligned } from './alignedText';

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  readonly singleWord: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
}

/** A part of the text: an added token (id set) or text for the model. */
export interface TextPart {
  readonly id: number | null;
  readonly piece: AlignedText;
}

interface TrieNode {
  readonly next: Map<number, TrieNode>;
  token: AddedToken | null;
}

const WORD = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;
const WORD_AT_END = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u;
const SPACES_AT_START = /^\p{White_Space}*/u;
const WHITE_SPACE = /\p{White_Space}/u;

/** Finds added tokens in text. */
export class AddedTokenMatcher {
  readonly #root: TrieNode = { next: new Map(), token: null };
  /** 1 for each first unit of a token, so that ordinary text is passed over quickly. */
  readonly #starts = new Uint8Array(65536);
  #empty = true;

  /** `contentOf` gives the text to look for, for tokens matched in normalized text. */
  constructor(tokens: readonly AddedToken[], contentOf: (token: AddedToken) => string) {
    for (const token of tokens) {
      const content = contentOf(token);
      if (content === '') continue;
      this.#empty = false;
      this.#starts[content.charCodeAt(0)] = 1;
      let node = this.#root;
      for (let i = 0; i < content.length; i++) {
        const unit = content.charCodeAt(i);
        let next = node.next.get(unit);
        if (!next) node.next.set(unit, (next = { next: new Map(), token: null }));
        node = next;
      }
      node.token ??= token;
    }
  }

  /** The parts of `piece`; special tokens are passed over as text unless `matchSpecial`. */
  split(piece: AlignedText, matchSpecial: boolean): TextPart[] {
    const { text } = piece;
    if (this.#empty || text === '') return [{ id: null, piece }];
    const parts: TextPart[] = [];
    let from = 0;
    for (let at = 0; at < text.length;) {
      const found = this.#starts[text.charCodeAt(at)] === 1 ? this.#longest(text, at) : null;
      if (!found) {
        at++;
        continue;
      }
      let [start, stop] = [at, at + found.length];
      at = stop;
      const { token } = found;
      if (token.special && !matchSpecial) continue;
      if (
        token.singleWord &&
        (WORD_AT_END.test(text.slice(Math.max(0, start - 2), start)) || startsWord(text, stop))
      )
        continue;
      if (token.lstrip) while (start > from && WHITE_SPACE.test(text[start - 1]!)) start--;
      if (token.rstrip) stop += SPACES_AT_START.exec(text.slice(stop))![0].length;
      start = Math.max(start, from);
      if (stop <= from) continue;
      if (start > from) parts.push({ id: null, piece: sliceAligned(piece, from, start) });
      parts.push({ id: token.id, piece: sliceAligned(piece, start, stop) });
      from = stop;
    }
    if (from < text.length) parts.push({ id: null, piece: sliceAligned(piece, from, text.length) });
    return parts;
  }

  #longest(text: string, at: number): { token: AddedToken; length: number } | null {
    let node: TrieNode | undefined = this.#root;
    let best: { token: AddedToken; length: number } | null = null;
    for (let i = at; i < text.length; i++) {
      node = node.next.get(text.charCodeAt(i));
      if (!node) break;
      if (node.token) best = { token: node.token, length: i - at + 1 };
    }
    return best;
  }
}

const startsWord = (text: string, at: number): boolean =>
  at < text.length && WORD.test(String.fromCodePoint(text.codePointAt(at)!));
