// What the hover says about tokens, as lines of plain text. Pure. `Translate` is vscode.l10n.t.
import { hexBytes, visibleBytes } from '../core/text/visibleText';
import type { MergeStep, TokenDetails } from '../engine/engineProtocol';
import type { Translate } from './statusText';

export interface TokenHoverText {
  /** The token's text with white space made visible, or its bytes where they are no whole characters. */
  readonly heading: string;
  readonly lines: readonly string[];
}

/** Longer histories are cut in the middle: the first steps and the last ones say most. */
const MAX_STEPS = 8;

export function tokenHoverText(
  token: TokenDetails,
  numbers: Intl.NumberFormat,
  translate: Translate,
): TokenHoverText {
  const { id, index, bytes, byteStart, byteEnd, utf16Start, utf16End, rank, merges } = token;
  const lines = [
    translate('Token {0}, id {1}', numbers.format(index + 1), id),
    translate('Bytes: {0}', hexBytes(bytes)),
    translate('Byte offsets {0} to {1}, UTF-16 offsets {2} to {3}', byteStart, byteEnd, utf16Start, utf16End),
  ];
  if (rank !== null) lines.push(translate('Merge rank: {0}', numbers.format(rank)));
  if (merges.length > 0) lines.push(translate('Merged: {0}', mergeHistory(merges)));
  return { heading: visibleBytes(bytes), lines };
}

/** 't+h, th+e': each step joins two neighbours into a longer piece. */
export function mergeHistory(merges: readonly MergeStep[]): string {
  const steps = merges.map(({ left, right }) => `${visibleBytes(left)}+${visibleBytes(right)}`);
  if (steps.length <= MAX_STEPS) return steps.join(', ');
  return [...steps.slice(0, MAX_STEPS / 2), '…', ...steps.slice(-MAX_STEPS / 2)].join(', ');
}
