// Where tokens stand on the screen: the line above and below, the ends of a line. Tokens wrap where the panel is wide
// enough, so only the layout knows; lines are told apart by the top of the boxes' first client rectangle.

/** Elements of tokens in the grid, in order. */
export function tokenElements(grid: HTMLElement): Iterable<HTMLElement> {
  return grid.querySelectorAll<HTMLElement>('[data-token]');
}

interface Box {
  readonly index: number;
  readonly top: number;
  readonly bottom: number;
  readonly middle: number;
}

function boxOf(node: HTMLElement): Box {
  const box = node.getBoundingClientRect();
  return {
    index: Number(node.dataset['token']),
    top: box.top,
    bottom: box.bottom,
    middle: (box.left + box.right) / 2,
  };
}

const sameLine = (a: Box, b: Box): boolean => a.top < b.bottom - 1 && b.top < a.bottom - 1;

/** Token on the next line up or down, nearest in the horizontal; undefined at either end. */
export function tokenOnLine(grid: HTMLElement, from: HTMLElement, by: 1 | -1): number | undefined {
  const start = boxOf(from);
  const boxes = Array.from(tokenElements(grid), boxOf);
  const ordered = by === 1 ? boxes : boxes.reverse();
  const after = ordered.slice(ordered.findIndex((box) => box.index === start.index) + 1);
  const line = after.findIndex((box) => !sameLine(box, start));
  const head = after[line];
  if (!head) return undefined;
  let best = head;
  for (const box of after.slice(line)) {
    if (!sameLine(box, head)) break;
    if (Math.abs(box.middle - start.middle) < Math.abs(best.middle - start.middle)) best = box;
  }
  return best.index;
}

/** First or last token on the same line. */
export function lineEdge(grid: HTMLElement, from: HTMLElement, to: 'start' | 'end'): number {
  const start = boxOf(from);
  let edge = start.index;
  for (const node of tokenElements(grid)) {
    const box = boxOf(node);
    if (!sameLine(box, start)) continue;
    if (to === 'start' ? box.index < edge : box.index > edge) edge = box.index;
  }
  return edge;
}
