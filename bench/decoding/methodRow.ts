// The numbers of one draft method: measured at one cursor as plain data, and gathered over the cursors as one row of the table.
import type { DraftsDone } from '../../src/core/decoding/completeDrafts';
import { quantile } from './cursorPositions';
import { editSimilarity, firstWord, mean, nllPerToken, selfBleu2 } from './draftMeasures';
import type { HeldOutCursor } from './heldOutCursors';

export const round = (value: number): number => Math.round(value * 1000) / 1000;

/** What one method did at one cursor. */
export interface DraftMeasures {
  readonly milliseconds: number;
  /** Nats a token of each draft, in ranked order. */
  readonly nll: readonly number[];
  readonly words: number;
  readonly bleu: number | null;
  readonly similarity: number;
  readonly firstWord: boolean;
  readonly firstToken: boolean;
  readonly threeTokens: boolean;
  readonly line: boolean;
  /** Drafts that end by themselves, and those of them that parse (parseCheck.ts). */
  readonly whole: number;
  readonly parse: number;
}

export function measuresOf(
  { truth, nextTokens }: HeldOutCursor,
  { drafts }: DraftsDone,
  milliseconds: number,
  { whole, parse }: { readonly whole: number; readonly parse: number },
): DraftMeasures {
  const some = (holds: (text: string) => boolean): boolean => drafts.some(({ text }) => holds(text));
  // A single-line draft never holds the newline that the third token may be.
  const next = (count: number): string => nextTokens.slice(0, count).join('').trimEnd();
  return {
    milliseconds: round(milliseconds),
    nll: drafts.map((draft) => round(nllPerToken(draft))),
    words: new Set(drafts.map(({ text }) => firstWord(text))).size,
    bleu: drafts.length > 1 ? round(selfBleu2(drafts)) : null,
    similarity: round(Math.max(0, ...drafts.map(({ text }) => editSimilarity(text, truth)))),
    firstWord: some((text) => firstWord(text) === firstWord(truth)),
    firstToken: some((text) => text.startsWith(next(1))),
    threeTokens: some((text) => text.startsWith(next(3))),
    line: some((text) => text.trimEnd() === truth.trimEnd()),
    whole,
    parse,
  };
}

/** One row of the table. `greedy`: what greedy did at the same cursors. */
export function methodRow(
  name: string,
  k: number,
  rows: readonly DraftMeasures[],
  greedy: readonly DraftMeasures[],
): Record<string, unknown> {
  const times = rows.map(({ milliseconds }) => milliseconds);
  const share = (holds: (row: DraftMeasures) => boolean): number =>
    round(rows.filter(holds).length / Math.max(1, rows.length));
  const some = rows.filter(({ nll }) => nll.length > 0);
  const whole = rows.reduce((sum, row) => sum + row.whole, 0);
  return {
    method: name,
    k,
    nllByDraft: Array.from({ length: Math.min(k, 3) }, (_, d) =>
      round(mean(rows.flatMap(({ nll }) => nll.slice(d, d + 1)))),
    ),
    nllBest: round(mean(some.map(({ nll }) => Math.min(...nll)))),
    nllWorst: round(mean(some.map(({ nll }) => Math.max(...nll)))),
    firstTokenCovered: share((row) => row.firstToken),
    threeTokensCovered: share((row) => row.threeTokens),
    firstWordCovered: share((row) => row.firstWord),
    lineCovered: share((row) => row.line),
    editSimilarityOfBest: round(mean(rows.map(({ similarity }) => similarity))),
    distinctTexts: round(mean(rows.map(({ nll }) => nll.length))),
    distinctFirstWords: round(mean(rows.map(({ words }) => words))),
    selfBleu2: round(mean(rows.flatMap(({ bleu }) => bleu ?? []))),
    wholeLineDrafts: whole,
    wholeLineDraftsThatParse:
      whole === 0 ? null : round(rows.reduce((sum, row) => sum + row.parse, 0) / whole),
    cpuMilliseconds: {
      mean: round(mean(times)),
      p50: round(quantile(times, 0.5)),
      p95: round(quantile(times, 0.95)),
    },
    timesGreedy: round(mean(times) / mean(greedy.map(({ milliseconds }) => milliseconds))),
  };
}
