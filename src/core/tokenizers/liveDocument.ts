// The tokens of a document that is being edited: totals, ranges and look-ups after every change.
import type { Tokenizer, TokenSpans } from './tokenizer';
import { utf8Length } from './utf8Encoding';

/** One change as VS Code reports it: offsets are UTF-16 units of the text before any edit of the same event. */
export interface TextEdit {
  readonly offset: number;
  readonly deletedLength: number;
  readonly text: string;
}

/** Consecutive tokens of the document; the ends in `spans` count from startByte and startUtf16. */
export interface SpanRange {
  readonly firstToken: number;
  readonly startUtf16: number;
  readonly startByte: number;
  readonly spans: TokenSpans;
}

export class LiveDocument {
  #text: string;
  #spans: TokenSpans;

  constructor(
    readonly tokenizer: Tokenizer,
    text: string,
  ) {
    this.#text = text;
    this.#spans = tokenizer.encodeSpans(text);
  }

  get text(): string {
    return this.#text;
  }

  get tokenCount(): number {
    return this.#spans.ids.length;
  }

  get utf16Length(): number {
    return this.#text.length;
  }

  get byteLength(): number {
    return utf8Length(this.#text);
  }

  /** Unicode characters (code points); a lone surrogate counts as one. */
  get characterCount(): number {
    let count = 0;
    for (let i = 0; i < this.#text.length; i++) {
      if (this.#text.codePointAt(i)! > 0xffff) i++;
      count++;
    }
    return count;
  }

  /** Applies the edits of one change event. They must not overlap; any order. */
  applyEdits(edits: readonly TextEdit[]): void {
    let text = this.#text;
    for (const edit of [...edits].sort((a, b) => b.offset - a.offset)) {
      text = text.slice(0, edit.offset) + edit.text + text.slice(edit.offset + edit.deletedLength);
    }
    this.#text = text;
    this.#spans = this.tokenizer.encodeSpans(text);
  }

  /** Tokens that share at least one UTF-16 unit, or a byte of it, with the range. */
  countRange(startUtf16: number, endUtf16: number): number {
    return this.spansByOffset(startUtf16, endUtf16).spans.ids.length;
  }

  /** The tokens that touch the UTF-16 range. */
  spansByOffset(startUtf16: number, endUtf16: number): SpanRange {
    if (endUtf16 <= startUtf16) return this.spansByIndex(this.tokenIndexAt(startUtf16), 0);
    const first = this.tokenIndexAt(startUtf16);
    let end = first;
    // A token that completes no character starts where the one before it ended.
    while (end < this.tokenCount && (end === 0 ? 0 : this.#spans.utf16Ends[end - 1]!) < endUtf16) end++;
    return this.spansByIndex(first, end - first);
  }

  /** `count` tokens from number `firstToken` on, fewer at the end of the document. */
  spansByIndex(firstToken: number, count: number): SpanRange {
    const { ids, byteEnds, utf16Ends } = this.#spans;
    const first = Math.min(Math.max(0, firstToken), ids.length);
    const last = Math.min(ids.length, first + count);
    const startUtf16 = first === 0 ? 0 : utf16Ends[first - 1]!;
    const startByte = first === 0 ? 0 : byteEnds[first - 1]!;
    return {
      firstToken: first,
      startUtf16,
      startByte,
      spans: {
        ids: ids.slice(first, last),
        byteEnds: byteEnds.slice(first, last).map((end) => end - startByte),
        utf16Ends: utf16Ends.slice(first, last).map((end) => end - startUtf16),
      },
    };
  }

  /** Number of the first token that ends after this offset; tokenCount at the end of the document. */
  tokenIndexAt(utf16Offset: number): number {
    const ends = this.#spans.utf16Ends;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! > utf16Offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Tokens that start on each line from firstLine to lastLine, both included. Lines end at \n, \r\n or \r. */
  lineCounts(firstLine: number, lastLine: number): Uint32Array {
    const starts = [0];
    for (let i = 0; i < this.#text.length; i++) {
      const unit = this.#text.charCodeAt(i);
      if (unit === 10 || (unit === 13 && this.#text.charCodeAt(i + 1) !== 10)) starts.push(i + 1);
    }
    const last = Math.min(lastLine, starts.length - 1);
    const counts = new Uint32Array(Math.max(0, last - firstLine + 1));
    for (let line = firstLine; line <= last; line++) {
      counts[line - firstLine] =
        this.#startingBefore(starts[line + 1] ?? Infinity) - this.#startingBefore(starts[line]!);
    }
    return counts;
  }

  #startingBefore(utf16Offset: number): number {
    const ends = this.#spans.utf16Ends;
    let count = 0;
    while (count < ends.length && (count === 0 ? 0 : ends[count - 1]!) < utf16Offset) count++;
    return count;
  }
}
