// Which words a tokenizer cuts. A word is a run of letters with the marks and apostrophes inside it; a cut is a token
// boundary strictly inside the run. Example with o200k_base: "tokenization" is "token" + "ization", one cut, two pieces.

export interface SplitWord {
  readonly text: string;
  /** UTF-16 offsets in the text. */
  readonly start: number;
  readonly end: number;
  /** Number of tokens that hold a part of the word, at least 2. */
  readonly pieces: number;
}

export interface WordSplits {
  readonly words: number;
  /** Words cut at least once, and words cut into three or more pieces. */
  readonly splitWords: number;
  readonly shreddedWords: number;
  /** The words cut into at least `minPieces`, in order of the text. */
  readonly found: readonly SplitWord[];
}

const WORD = /\p{L}[\p{L}\p{M}]*(?:['’][\p{L}\p{M}]+)*/gu;

/**
 * Finds words cut into at least `minPieces` tokens.
 * @param utf16Ends exclusive ends of the tokens of the whole text, ascending (see TokenSpans)
 */
export function findSplitWords(text: string, utf16Ends: Uint32Array, minPieces = 2): WordSplits {
  let words = 0;
  let splitWords = 0;
  let shreddedWords = 0;
  const found: SplitWord[] = [];
  let token = 0;
  for (const match of text.matchAll(WORD)) {
    words++;
    const start = match.index;
    const end = start + match[0].length;
    while (token < utf16Ends.length && utf16Ends[token]! <= start) token++;
    // Ends that repeat belong to tokens inside one character: each is a piece of its own.
    let inner = token;
    while (inner < utf16Ends.length && utf16Ends[inner]! < end) inner++;
    let pieces = inner - token + 1;
    while (inner + 1 < utf16Ends.length && utf16Ends[inner] === end && utf16Ends[inner + 1] === end) {
      pieces++;
      inner++;
    }
    if (pieces >= 2) splitWords++;
    if (pieces >= 3) shreddedWords++;
    if (pieces >= minPieces && pieces >= 2) found.push({ text: match[0], start, end, pieces });
  }
  return { words, splitWords, shreddedWords, found };
}
