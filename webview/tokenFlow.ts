// Tokens as running text: lines as in the file, one box a token in two alternating bands with an edge, whitespace made
// visible, editor line numbers beside. A block of the scroll is about 128 tokens, moved to the next line start so that
// blocks do not break lines; only a line of more than 128 tokens is broken, and its rest is marked as continued.
import { element } from './elements';
import { endsLine, splitLines, tokenLabel, tokenPieces } from './tokenText';
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

/**
 * One box. A token that goes on over a line break has a further box on each of its lines; the first stands for it, with
 * label and focus, the others only look and click the same.
 */
function tokenBox(
  token: TokenAtIndex,
  bytes: Uint8Array,
  further: boolean,
  context: DrawContext,
): HTMLElement {
  const band = token.index % 2 === 0 ? 'even' : 'odd';
  const box = further
    ? element('span', { class: `token ${band} further`, 'aria-hidden': 'true', 'data-further': token.index })
    : element('span', {
        class: `token ${band}`,
        role: 'gridcell',
        tabindex: -1,
        'data-token': token.index,
        'aria-label': tokenLabel(context.format.whole(token.index), token.id, token.bytes),
      });
  appendPieces(box, bytes);
  return box;
}

/** Adds a token's visible text to an element. */
export function appendPieces(into: HTMLElement, bytes: Uint8Array): void {
  for (const piece of tokenPieces(bytes))
    into.append(piece.kind === 'text' ? piece.text : element('span', { class: piece.kind }, piece.text));
}

/** An editor line; `number` is null where a long line had to be broken. */
function lineRow(number: number | null, context: DrawContext): { row: HTMLElement; text: HTMLElement } {
  const text = element('span', { class: 'flow-text', role: 'presentation' });
  const label = number === null ? '⋯' : context.format.whole(number + 1);
  const row = element(
    'div',
    { class: 'flow-line', 'aria-hidden': 'true' },
    element('span', { class: 'flow-number', 'aria-hidden': 'true' }, label),
    text,
  );
  return { row, text };
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
    let open: { row: HTMLElement; text: HTMLElement } | undefined;
    for (let index = first; index < last; index++) {
      const token = context.pages.token(index);
      if (!token) continue;
      const line = context.pages.line(index) ?? 0;
      splitLines(token.bytes).forEach((bytes, i) => {
        if (!open) {
          open = lineRow(i > 0 || context.pages.startsLine(index) ? line + i : null, context);
          into.append(open.row);
        }
        // A row is one for assistive technology only if a token begins in it: a grid has no empty rows.
        if (i === 0) {
          open.row.removeAttribute('aria-hidden');
          open.row.setAttribute('role', 'row');
        }
        open.text.append(tokenBox(token, bytes, i > 0, context));
        if (endsLine(bytes)) open = undefined;
      });
    }
  },
};
