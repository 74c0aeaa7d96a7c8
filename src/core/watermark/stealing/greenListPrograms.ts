// Stealing a green list as a linear or mixed-integer program (Zhang et al. 2024), in the LP text format of HiGHS.
// c_t: token t is green, 0 to 1, taken as green from 0.5. The cheapest list that explains the data is sought, so the
// attack prefers precision over recall. Without a detector, the trusted completions only fix totals; with detector
// labels each text gives one row; the mixed-integer form also decides which texts to trust.
import { occurrenceRatio, type CompletionSet } from './completionSet';

export interface SolverOptions {
  readonly timeLimitSeconds: number;
}

export interface SolverAnswer {
  /** 'Optimal', 'Time limit reached', 'Infeasible', ... as the solver says. */
  readonly status: string;
  /** Values by variable name; empty without a solution. */
  readonly values: ReadonlyMap<string, number>;
  readonly seconds: number;
}

/** Solves a problem in LP text; the caller runs it off the main thread. */
export type SolveProgram = (program: string, options: SolverOptions) => Promise<SolverAnswer>;

/** Share of the first stage's totals that the second must keep, and may reach. */
const MARKED_KEPT = 0.95;
const PLAIN_ALLOWED = 0.95;

const term = (weight: number, name: string): string =>
  `${weight < 0 ? '-' : '+'} ${Math.abs(weight).toPrecision(10)} ${name}`;
/** LP text allows 510 characters a line; ten terms stay far below. */
function sumOf(terms: readonly string[]): string {
  const lines: string[] = [];
  for (let i = 0; i < terms.length; i += 10) lines.push(terms.slice(i, i + 10).join(' '));
  return lines.join('\n ');
}

/** What calling a token green costs: tokens that unmarked text likes are the expensive explanation. */
const weights = (set: CompletionSet): number[] => set.tokens.map((_, i) => 1 / occurrenceRatio(set, i));

const objective = (set: CompletionSet): string =>
  `Minimize\n obj: ${sumOf(weights(set).map((weight, i) => term(weight, `c${i}`)))}\nSubject To\n`;
const bounds = (set: CompletionSet): string =>
  `Bounds\n${set.tokens.map((_, i) => ` 0 <= c${i} <= 1`).join('\n')}\n`;

/** Column numbers of each text. */
function rowsOf(set: CompletionSet, texts: readonly (readonly number[])[]): number[][] {
  const index = new Map(set.tokens.map((token, i) => [token, i]));
  return texts.map((text) => text.map((token) => index.get(token)!));
}

/**
 * No detector, all texts trusted. Stage one has a closed answer: token t is green exactly when it occurs in relatively
 * more marked texts. Stage two trims that list as far as the totals allow.
 */
export function programWithoutDetector(set: CompletionSet): string {
  const [marked, plain] = firstStageTotals(set);
  const rates = (count: Float64Array, texts: number): string[] =>
    Array.from(count.keys())
      .filter((i) => count[i]! > 0)
      .map((i) => term(count[i]! / texts, `c${i}`));
  return (
    objective(set) +
    ` marked: ${sumOf(rates(set.markedCount, set.marked.length))} >= ${(MARKED_KEPT * marked).toPrecision(12)}\n` +
    ` plain: ${sumOf(rates(set.plainCount, set.plain.length))} <= ${(PLAIN_ALLOWED * plain).toPrecision(12)}\n` +
    `${bounds(set)}End\n`
  );
}

/** Mean green tokens a text in both classes after stage one. */
function firstStageTotals(set: CompletionSet): [marked: number, plain: number] {
  let [marked, plain] = [0, 0];
  set.tokens.forEach((_, i) => {
    const [w, n] = [set.markedCount[i]! / set.marked.length, set.plainCount[i]! / set.plain.length];
    if (w <= n) return;
    marked += w;
    plain += n;
  });
  return [marked, plain];
}

/** Green tokens among `distinct` that the detector calls marked: gamma l + z sqrt(gamma (1 - gamma) l). */
export const detectorBound = (distinct: number, gamma: number, z: number): number =>
  gamma * distinct + z * Math.sqrt(gamma * (1 - gamma) * distinct);

/** With a detector's labels, its gamma and threshold z: texts called marked must reach its bound, others stay below. */
export function programWithLabels(
  set: CompletionSet,
  gamma: number,
  z: number,
  vocabularySize: number,
): string {
  const row = (columns: number[], name: string, sign: string): string =>
    ` ${name}: ${sumOf(columns.map((i) => `+ c${i}`))} ${sign} ${detectorBound(columns.length, gamma, z).toPrecision(12)}\n`;
  return (
    objective(set) +
    rowsOf(set, set.marked)
      .map((columns, s) => row(columns, `w${s}`, '>='))
      .join('') +
    rowsOf(set, set.plain)
      .map((columns, s) => row(columns, `n${s}`, '<='))
      .join('') +
    ` size: ${sumOf(set.tokens.map((_, i) => `+ c${i}`))} <= ${Math.trunc(gamma * vocabularySize)}\n` +
    `${bounds(set)}End\n`
  );
}

/**
 * Mixed-integer form without a detector: y_s decides whether text s is trusted, b_s bounds its green tokens, and at least
 * `trusted` of each class must be. Two orders of magnitude slower than the linear form; for about 100 + 100 texts.
 */
export function programWithTrust(set: CompletionSet, trusted = 0.98): string {
  const [marked, plain] = firstStageTotals(set);
  const texts = [...rowsOf(set, set.marked), ...rowsOf(set, set.plain)];
  const split = set.marked.length;
  let rows = '';
  texts.forEach((columns, s) => {
    const most = 2 * columns.length;
    // Untrusted texts (y = 0) are freed by twice their length.
    const sum = sumOf(columns.map((i) => `+ c${i}`));
    rows +=
      s < split
        ? ` r${s}: ${sum} - b${s} - ${most} y${s} >= -${most}\n`
        : ` r${s}: ${sum} - b${s} + ${most} y${s} <= ${most}\n`;
    rows += ` t${s}: b${s} - ${columns.length} y${s} <= 0\n`;
  });
  const part = (name: string, from: number, to: number, factor: number): string =>
    sumOf(Array.from({ length: to - from }, (_, i) => term(factor, `${name}${from + i}`)));
  const total = texts.length;
  return (
    objective(set) +
    rows +
    ` marked: ${part('b', 0, split, 1 / split)} >= ${(MARKED_KEPT * marked).toPrecision(12)}\n` +
    ` plain: ${part('b', split, total, 1 / (total - split))} <= ${(PLAIN_ALLOWED * plain).toPrecision(12)}\n` +
    ` trustMarked: ${part('y', 0, split, 1)} >= ${Math.ceil(trusted * split)}\n` +
    ` trustPlain: ${part('y', split, total, 1)} >= ${Math.ceil(trusted * (total - split))}\n` +
    bounds(set) +
    `Binary\n ${sumOf(texts.map((_, s) => `y${s}`))}\nEnd\n`
  );
}

/** Tokens with c_t of at least one half. */
export function stolenTokens(set: CompletionSet, answer: SolverAnswer): Set<number> {
  return new Set(set.tokens.filter((_, i) => (answer.values.get(`c${i}`) ?? 0) >= 0.5));
}
