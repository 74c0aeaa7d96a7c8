// The numbers of one draft method, gathered over the cursors of draftQuality.ts and reported as one row of its table.
import type { DraftsDone } from '../../src/core/decoding/completeDrafts';
import { quantile } from './cursorPositions';
import { editSimilarity, firstWord, mean, nllPerToken, selfBleu2 } from './draftMeasures';
import type { HeldOutCursor } from './heldOutCursors';

export const round = (value: number): number => Math.round(value * 1000) / 1000;

/** Numbers of one method, gathered over the cursors. */
export class MethodRow {
  readonly nll: number[][];
  readonly times: number[] = [];
  readonly best: number[] = [];
  readonly worst: number[] = [];
  readonly distinct: number[] = [];
  readonly words: number[] = [];
  readonly bleu: number[] = [];
  readonly similarity: number[] = [];
  readonly covered = { firstWord: 0, firstToken: 0, threeTokens: 0, line: 0 };

  constructor(
    readonly name: string,
    readonly k: number,
  ) {
    this.nll = Array.from({ length: Math.min(k, 3) }, () => []);
  }

  add(cursor: HeldOutCursor, { drafts }: DraftsDone, milliseconds: number): void {
    this.times.push(milliseconds);
    const nll = drafts.map(nllPerToken);
    this.nll.forEach((column, d) => {
      if (nll[d] !== undefined) column.push(nll[d]);
    });
    if (nll.length > 0) {
      this.best.push(Math.min(...nll));
      this.worst.push(Math.max(...nll));
    }
    this.distinct.push(drafts.length);
    this.words.push(new Set(drafts.map(({ text }) => firstWord(text))).size);
    if (drafts.length > 1) this.bleu.push(selfBleu2(drafts));
    const { truth, nextTokens } = cursor;
    const some = (holds: (text: string) => boolean): number =>
      drafts.some(({ text }) => holds(text)) ? 1 : 0;
    this.covered.firstWord += some((text) => firstWord(text) === firstWord(truth));
    // A single-line draft never holds the newline that the third token may be.
    const next = (count: number): string => nextTokens.slice(0, count).join('').trimEnd();
    this.covered.firstToken += some((text) => text.startsWith(next(1)));
    this.covered.threeTokens += some((text) => text.startsWith(next(3)));
    this.covered.line += some((text) => text.trimEnd() === truth.trimEnd());
    this.similarity.push(Math.max(0, ...drafts.map(({ text }) => editSimilarity(text, truth))));
  }

  report(greedy: MethodRow): Record<string, unknown> {
    const n = this.times.length;
    const share = (count: number): number => round(count / n);
    return {
      method: this.name,
      k: this.k,
      nllByDraft: this.nll.map((column) => round(mean(column))),
      nllBest: round(mean(this.best)),
      nllWorst: round(mean(this.worst)),
      firstTokenCovered: share(this.covered.firstToken),
      threeTokensCovered: share(this.covered.threeTokens),
      firstWordCovered: share(this.covered.firstWord),
      lineCovered: share(this.covered.line),
      editSimilarityOfBest: round(mean(this.similarity)),
      distinctTexts: round(mean(this.distinct)),
      distinctFirstWords: round(mean(this.words)),
      selfBleu2: round(mean(this.bleu)),
      cpuMilliseconds: {
        mean: round(mean(this.times)),
        p50: round(quantile(this.times, 0.5)),
        p95: round(quantile(this.times, 0.95)),
      },
      timesGreedy: round(mean(this.times) / mean(greedy.times)),
    };
  }
}
