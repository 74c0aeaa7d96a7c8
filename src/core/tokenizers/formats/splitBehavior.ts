// What happens to the delimiters when text is split at matches.
// Source: huggingface/tokenizers, tokenizer/normalizer.rs, SplitDelimiterBehavior. Worked example, splitting 'a--b' at
// '-': removed a|b, isolated a|-|-|b, mergedWithPrevious a-|-|b, mergedWithNext a|-|-b, contiguous a|--|b.
import { sliceAligned, type AlignedText } from './alignedText';
import { FormatError } from './formatResult';

const BEHAVIORS = {
  removed: 'removed',
  isolated: 'isolated',
  mergedwithprevious: 'mergedWithPrevious',
  mergedwithnext: 'mergedWithNext',
  contiguous: 'contiguous',
} as const;
export type SplitBehavior = (typeof BEHAVIORS)[keyof typeof BEHAVIORS];

/** Reads 'Isolated', 'isolated', 'MergedWithNext', 'merged_with_next', … */
export function readBehavior(name: string, where: string): SplitBehavior {
  const key = name.toLowerCase().replace(/_/g, '');
  const behavior = Object.hasOwn(BEHAVIORS, key) ? BEHAVIORS[key as keyof typeof BEHAVIORS] : undefined;
  if (!behavior) {
    throw new FormatError(
      'unsupported-part',
      `${where} has the behavior '${name}', which is not known. The file is refused.`,
    );
  }
  return behavior;
}

/** [from, to, is a delimiter], covering the text in order. */
type Part = [number, number, boolean];

/** The parts of `piece` after splitting at `matches`; empty parts are left out. */
export function splitAligned(
  piece: AlignedText,
  matches: Iterable<readonly [number, number]>,
  behavior: SplitBehavior,
  invert = false,
): AlignedText[] {
  const parts: Part[] = [];
  let at = 0;
  for (const [from, to] of matches) {
    if (from > at) parts.push([at, from, invert]);
    parts.push([from, to, !invert]);
    at = to;
  }
  if (at < piece.text.length) parts.push([at, piece.text.length, invert]);
  const out: AlignedText[] = [];
  for (const [from, to] of arrange(parts, behavior)) if (to > from) out.push(sliceAligned(piece, from, to));
  return out;
}

function arrange(parts: Part[], behavior: SplitBehavior): Part[] {
  switch (behavior) {
    case 'isolated':
      return parts;
    case 'removed':
      return parts.filter(([, , delimiter]) => !delimiter);
    case 'contiguous':
      return join(parts, (part, before) => part[2] === before);
    case 'mergedWithPrevious':
      return join(parts, (part, before) => part[2] && !before);
    case 'mergedWithNext':
      return join(parts.reverse(), (part, before) => part[2] && !before).reverse();
  }
}

/** Joins a part to its neighbour when `joins` says so; `before` is whether the part before it was a delimiter. */
function join(parts: readonly Part[], joins: (part: Part, before: boolean) => boolean): Part[] {
  const out: Part[] = [];
  let before = false;
  for (const part of parts) {
    const last = out[out.length - 1];
    if (last && joins(part, before)) {
      last[0] = Math.min(last[0], part[0]);
      last[1] = Math.max(last[1], part[1]);
    } else out.push([...part]);
    before = part[2];
  }
  return out;
}
