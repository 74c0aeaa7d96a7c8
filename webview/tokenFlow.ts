// Tokens as running text: lines as in the file, one box a token in two alternating bands with an edge, whitespace made
// visible, editor line numbers beside. A block of the scroll is about 128 tokens, moved to the next line start so that
// blocks do not break lines; only a line of more than 128 tokens is broken, and its rest is marked as continued.
import { element } from './elements';
import { endsLine, tokenLabel, tokenPieces } from './tokenText';
import type { TokenAtIndex } from './tokenPages';
import type { DrawContext, TokenArrangement, TokenRange } from './tokenLayout';

const blockTokens = 128;

const blockStart = (block: number, range: TokenRange): number =>
  Math.min(range.last, range.first + block * blockTokens);

/** First token of a block: the first line start in its stretch of tokens, else the start of the stretch. */
function alignedStart(block: number, { pages, range }: DrawContext): number | undefined {
  const from = blockStart(block, range);
  if (block === 0 || from === range.last) return from;
  const to = blockStart(block + 1, range);
  for (let index = from; index < to; index++) {
    const token = pages.token(index);
    if (!token) return undefined;
    if (endsLine(token.bytes)) return index + 1;
  }
  return from;
}

/** One box. The text goes in as text; marks and cut characters get a span of their own. */
export function tokenBox(token: TokenAtIndex, context: DrawContext): HTMLElement {
  const box = element('span', {
    class: token.index % 2 === 0 ? 'token even' : 'token odd',
    role: 'gridcell',
    tabindex: -1,
    'data-token': token.index,
    'aria-label': tokenLabel(context.format.whole(token.index), token.id, token.bytes),
  });
  appendPieces(box, token.bytes);
  return box;
}

/** Adds a token's visible text to an element. */
export function appendPieces(into: HTMLElement, bytes: Uint8Array): void {
  for (const piece of tokenPieces(bytes))
    into.append(piece.kind === 'text' ? piece.text : element('span', { class: piece.kind }, piece.text));
}

function lineOf(index: number, context: DrawContext): HTMLElement {
  const starts = context.pages.startsLine(index);
  const line = context.pages.line(index);
  const number = starts && line !== undefined ? context.format.whole(line + 1) : '⋯';
  const row = element('div', { class: 'flow-line', role: 'row' });
  row.append(element('span', { class: 'flow-number', 'aria-hidden': 'true' }, number));
  return row;
}

export const tokenFlow: TokenArrangement = {
  kind: 'text',
  blockTokens,
  guess: 14,

  header: () => null,

  needs: (block, range) => ({ first: blockStart(block, range), last: blockStart(block + 2, range) }),

  tokensOf: (block, context) => {
    const first = alignedStart(block, context);
    const last = alignedStart(block + 1, context);
    if (first === undefined || last === undefined) return undefined;
    for (let index = first; index < last; index++) if (!context.pages.token(index)) return undefined;
    return { first, last };
  },

  draw: ({ first, last }, into, context) => {
    let text: HTMLElement | undefined;
    for (let index = first; index < last; index++) {
      const token = context.pages.token(index);
      if (!token) continue;
      if (!text) {
        const row = lineOf(index, context);
        text = element('span', { class: 'flow-text', role: 'presentation' });
        row.append(text);
        into.append(row);
      }
      text.append(tokenBox(token, context));
      if (endsLine(token.bytes)) text = undefined;
    }
  },
};
