// The tokens of a document while it is edited: exact totals and look-ups after every change, in microseconds.
// The text is kept as blocks of about 256 units between borders that are certain from the two units beside them
// (see IncrementalTokenizer). No token crosses such a border and nothing beyond it changes the tokens on this side,
// so an edit tokenizes again only the blocks it touches, and a neighbour when it unsettles their common border.
import { BlockTree, type Block } from './blockTree';
import type { IncrementalTokenizer, Tokenizer, TokenSpans } from './tokenizer';

/** One change as VS Code reports it: offsets are UTF-16 units; later edits of one event lie before earlier ones. */
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

const BLOCK_UNITS = 256;
/** A block this small is joined to its neighbour when an edit touches it. */
const SMALL_UNITS = 48;
const CACHED_BLOCKS = 256;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

export class LiveDocument {
  readonly #isBorder: (before: number, after: number) => boolean;
  readonly #continuation: Tokenizer | undefined;
  readonly #tree: BlockTree;
  /** Spans of blocks looked at lately; blocks never change, so an entry never goes stale. */
  readonly #spans = new Map<Block, TokenSpans>();

  constructor(
    readonly tokenizer: Tokenizer,
    text: string,
  ) {
    const { isCertainBorder, continuation } = tokenizer as Partial<IncrementalTokenizer>;
    this.#continuation = continuation;
    this.#isBorder = isCertainBorder
      ? (before, after) => !belongTogether(before, after) && isCertainBorder.call(tokenizer, before, after)
      : () => false;
    this.#tree = new BlockTree(this.#cut(text, true));
  }

  /** The whole text; takes time linear in its length. */
  get text(): string {
    return Array.from(this.#tree.range(0, this.#tree.length), (block) => block.text).join('');
  }

  /** Part of the text, both ends moved into the document; takes time linear in the length of the part. */
  slice(startUtf16: number, endUtf16: number): string {
    const start = Math.max(0, startUtf16);
    const end = Math.min(this.utf16Length, endUtf16);
    if (end <= start) return '';
    const { index: first, before } = this.#tree.find('units', start)!;
    let text = '';
    for (let index = first, from = before.units; from < end; index++) {
      const block = this.#tree.at(index)!;
      text += block.text.slice(Math.max(0, start - from), end - from);
      from += block.units;
    }
    return text;
  }

  get tokenCount(): number {
    return this.#tree.sums.tokens;
  }

  get utf16Length(): number {
    return this.#tree.sums.units;
  }

  get byteLength(): number {
    return this.#tree.sums.bytes;
  }

  /** Unicode code points; a lone surrogate counts as one. */
  get characterCount(): number {
    return this.#tree.sums.characters;
  }

  get lineCount(): number {
    return this.#tree.sums.breaks + 1;
  }

  /** Applies the edits of one change event. They must not overlap; any order. Throws RangeError outside the text. */
  applyEdits(edits: readonly TextEdit[]): void {
    if (edits.length === 1) this.#apply(edits[0]!);
    else for (const edit of [...edits].sort((a, b) => b.offset - a.offset)) this.#apply(edit);
  }

  /** Number of the token that holds the character at this offset; tokenCount at the end of the document. */
  tokenIndexAt(utf16Offset: number): number {
    if (utf16Offset >= this.utf16Length) return this.tokenCount;
    const { block, before } = this.#tree.find('units', Math.max(0, utf16Offset))!;
    const byte = byteAt(block.text, utf16Offset - before.units, 'start');
    return before.tokens + countUpTo(this.#spansOf(block, before.units).byteEnds, byte);
  }

  /** Tokens of which the range holds at least a part. */
  countRange(startUtf16: number, endUtf16: number): number {
    const start = Math.max(0, startUtf16);
    const end = Math.min(this.utf16Length, endUtf16);
    return end <= start ? 0 : this.#tokensBegunBefore(end, 'end') - this.tokenIndexAt(start);
  }

  /** The tokens of which the range holds at least a part. */
  spansByOffset(startUtf16: number, endUtf16: number): SpanRange {
    return this.spansByIndex(this.tokenIndexAt(startUtf16), this.countRange(startUtf16, endUtf16));
  }

  /** `count` tokens from number `firstToken` on, fewer at the end of the document. */
  spansByIndex(firstToken: number, count: number): SpanRange {
    const first = Math.min(Math.max(0, firstToken), this.tokenCount);
    const length = Math.max(0, Math.min(this.tokenCount - first, count));
    const ids = new Uint32Array(length);
    const byteEnds = new Uint32Array(length);
    const utf16Ends = new Uint32Array(length);
    const found = this.#tree.find('tokens', first);
    if (!found) return { firstToken: 0, startUtf16: 0, startByte: 0, spans: { ids, byteEnds, utf16Ends } };
    let { units, bytes } = found.before;
    const skipped = first - found.before.tokens;
    const head = this.#spansOf(found.block, units);
    const startUtf16 = units + (skipped === 0 ? 0 : head.utf16Ends[skipped - 1]!);
    const startByte = bytes + (skipped === 0 ? 0 : head.byteEnds[skipped - 1]!);
    for (let written = 0, from = skipped, index = found.index; written < length; index++, from = 0) {
      const block = this.#tree.at(index)!;
      const spans = this.#spansOf(block, units);
      for (let i = from; i < spans.ids.length && written < length; i++, written++) {
        ids[written] = spans.ids[i]!;
        byteEnds[written] = bytes + spans.byteEnds[i]! - startByte;
        utf16Ends[written] = units + spans.utf16Ends[i]! - startUtf16;
      }
      units += block.units;
      bytes += block.bytes;
    }
    return { firstToken: first, startUtf16, startByte, spans: { ids, byteEnds, utf16Ends } };
  }

  /** Tokens that start on each line from firstLine to lastLine, both included; fewer past the end. */
  lineCounts(firstLine: number, lastLine: number): Uint32Array {
    const first = Math.max(0, firstLine);
    const last = Math.min(lastLine, this.lineCount - 1);
    const counts = new Uint32Array(Math.max(0, last - first + 1));
    let begun = last < first ? 0 : this.#tokensBegunBefore(this.lineStart(first), 'start');
    for (let line = first; line <= last; line++) {
      const next =
        line + 1 < this.lineCount
          ? this.#tokensBegunBefore(this.lineStart(line + 1), 'start')
          : this.tokenCount;
      counts[line - first] = next - begun;
      begun = next;
    }
    return counts;
  }

  /** UTF-16 offset at which a line starts. Throws RangeError for a line the document does not have. */
  lineStart(line: number): number {
    if (line < 0 || line >= this.lineCount) throw new RangeError(`There is no line ${line}.`);
    if (line === 0) return 0;
    const { block, before } = this.#tree.find('breaks', line - 1)!;
    let at = 0;
    for (let breaks = before.breaks; breaks < line; at++) if (breaksAfter(block.text, at)) breaks++;
    return before.units + at;
  }

  /** Tokens whose first byte lies before this offset. Inside a character, its start or its end is meant. */
  #tokensBegunBefore(utf16Offset: number, edge: 'start' | 'end'): number {
    if (utf16Offset <= 0) return 0;
    const { block, before } = this.#tree.find('units', utf16Offset - 1)!;
    const byte = byteAt(block.text, utf16Offset - before.units, edge);
    if (byte === 0) return before.tokens;
    const { byteEnds } = this.#spansOf(block, before.units);
    // The first token starts at byte 0, every other one where the one before it ends.
    return before.tokens + Math.min(byteEnds.length, 1 + countUpTo(byteEnds, byte - 1));
  }

  #apply(edit: TextEdit): void {
    const tree = this.#tree;
    const end = edit.offset + edit.deletedLength;
    if (edit.offset < 0 || edit.deletedLength < 0 || end > this.utf16Length) {
      throw new RangeError(
        `The edit ${edit.offset}..${end} lies outside the ${this.utf16Length} units of text.`,
      );
    }
    const head = tree.find('units', edit.offset);
    if (!head) {
      tree.replace(0, 0, this.#cut(edit.text, true));
      return;
    }
    const inHead = edit.offset - head.before.units;
    const tail =
      inHead + edit.deletedLength <= head.block.units
        ? head
        : tree.find('units', Math.max(edit.offset, end - 1))!;
    let first = head.index;
    let last = tail.index;
    let text = head.block.text.slice(0, inHead) + edit.text + tail.block.text.slice(end - tail.before.units);
    const next = tree.at(last + 1);
    if (next && (text.length < SMALL_UNITS || !this.#parts(text, next.text))) {
      text += next.text;
      last++;
    }
    const previous = tree.at(first - 1);
    if (previous && (text.length < SMALL_UNITS || !this.#parts(previous.text, text))) {
      text = previous.text + text;
      first--;
    }
    tree.replace(first, last - first + 1, this.#cut(text, first === 0));
    if (this.#continuation && first === 0 && text === '') this.#remakeFirst();
  }

  /** The block that is now the first was tokenized as a continuation. */
  #remakeFirst(): void {
    const block = this.#tree.at(0);
    if (block) this.#tree.replace(0, 1, [this.#makeBlock(block.text, true)]);
  }

  #parts(left: string, right: string): boolean {
    return this.#isBorder(left.charCodeAt(left.length - 1), right.charCodeAt(0));
  }

  /** Blocks of `text`, whose ends are certain borders or ends of the document. */
  #cut(text: string, startsDocument: boolean): Block[] {
    const blocks: Block[] = [];
    let from = 0;
    while (text.length - from > 2 * BLOCK_UNITS) {
      let at = from + BLOCK_UNITS;
      while (at < text.length && !this.#isBorder(text.charCodeAt(at - 1), text.charCodeAt(at))) at++;
      if (at === text.length) break;
      blocks.push(this.#makeBlock(text.slice(from, at), startsDocument && from === 0));
      from = at;
    }
    if (from < text.length) blocks.push(this.#makeBlock(text.slice(from), startsDocument && from === 0));
    return blocks;
  }

  #makeBlock(text: string, startsDocument: boolean): Block {
    const tokenizer = startsDocument ? this.tokenizer : (this.#continuation ?? this.tokenizer);
    let bytes = 0;
    let characters = 0;
    let breaks = 0;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      characters++;
      if (unit < 0x80) {
        bytes++;
        if (unit <= CARRIAGE_RETURN && breaksAfter(text, i)) breaks++;
      } else if (unit < 0x800) bytes += 2;
      else if (isPairAt(text, i)) {
        bytes += 4;
        i++;
      } else bytes += 3;
    }
    return { text, units: text.length, tokens: tokenizer.count(text), bytes, characters, breaks };
  }

  #spansOf(block: Block, startUtf16: number): TokenSpans {
    let spans = this.#spans.get(block);
    if (!spans) {
      const tokenizer = startUtf16 === 0 ? this.tokenizer : (this.#continuation ?? this.tokenizer);
      spans = tokenizer.encodeSpans(block.text);
      if (this.#spans.size >= CACHED_BLOCKS) this.#spans.delete(this.#spans.keys().next().value!);
      this.#spans.set(block, spans);
    }
    return spans;
  }
}

/** \r\n and the halves of a surrogate pair stay in one block, so that lines and characters add up. */
function belongTogether(before: number, after: number): boolean {
  if (before === CARRIAGE_RETURN) return after === LINE_FEED;
  return (before & 0xfc00) === 0xd800 && (after & 0xfc00) === 0xdc00;
}

function isPairAt(text: string, at: number): boolean {
  return belongTogetherAsPair(text.charCodeAt(at), at + 1 < text.length ? text.charCodeAt(at + 1) : 0);
}

function belongTogetherAsPair(before: number, after: number): boolean {
  return (before & 0xfc00) === 0xd800 && (after & 0xfc00) === 0xdc00;
}

/** Whether a line ends after the unit at `at`. */
function breaksAfter(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit === LINE_FEED || (unit === CARRIAGE_RETURN && text.charCodeAt(at + 1) !== LINE_FEED);
}

/** UTF-8 offset of a UTF-16 offset; between the halves of a pair, of the pair's start or end. */
function byteAt(text: string, utf16Offset: number, edge: 'start' | 'end'): number {
  let bytes = 0;
  for (let i = 0; i < utf16Offset; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes++;
    else if (unit < 0x800) bytes += 2;
    else if (isPairAt(text, i)) {
      if (i + 1 === utf16Offset && edge === 'start') return bytes;
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}

/** How many of the ascending `values` are at most `limit`. */
function countUpTo(values: Uint32Array, limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
