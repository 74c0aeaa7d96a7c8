// "How stealable is this watermark?": attackers see completions of the user's own model under the user's own key, and are
// judged on held-out texts with the true list known. A control without any mark runs beside every attacker: its precision
// must be the list's share and nothing may be removed beyond what random edits remove.
import { countGreen, countedTokens, fixedListFlags, greenZ } from '../greenListEvidence';
import { MersenneTwister } from '../random/mersenneTwister';
import type { FixedListScheme, Outcome } from '../scheme';
import { accept, refuse } from '../scheme';
import { completionSet, type CompletionSet, frequencyAttack } from './completionSet';
import {
  programWithLabels,
  programWithoutDetector,
  programWithTrust,
  type SolveProgram,
  stolenTokens,
} from './greenListPrograms';

export type Attacker = 'frequency' | 'lp' | 'lp-with-labels' | 'mip';

export interface AuditRequest {
  readonly scheme: FixedListScheme;
  /** Completions with and without the mark, as ids; the attackers use the first `sizes[k]` of each. */
  readonly marked: readonly ArrayLike<number>[];
  readonly plain: readonly ArrayLike<number>[];
  /** Marked texts no attacker sees. */
  readonly heldOut: readonly ArrayLike<number>[];
  /** Further unmarked completions, which play the marked ones in the control. */
  readonly control: readonly ArrayLike<number>[];
  readonly sizes: readonly number[];
  readonly attackers: readonly Attacker[];
  readonly timeLimitSeconds: number;
  readonly seed: number;
}

export interface RemovalPoint {
  /** Share of tokens the attacker may change. */
  readonly budget: number;
  /** Held-out texts at z > 4 before and after. */
  readonly detectedBefore: number;
  readonly detectedAfter: number;
}

export interface AttackResult {
  readonly attacker: Attacker;
  readonly control: boolean;
  /** Completions a class. */
  readonly completions: number;
  readonly stolen: number;
  /** Share of stolen tokens that are green; NaN when nothing was stolen. */
  readonly precision: number;
  /** Share of green occurrences (distinct tokens a text) of the held-out texts that are stolen. */
  readonly coverage: number;
  readonly removal: readonly RemovalPoint[];
  /** As the solver says; 'exact' for counting. */
  readonly status: string;
  readonly seconds: number;
}

const DETECTOR_Z = 4;
/** Shares of a text's tokens that may be changed; with 1 every token believed green is. */
const BUDGETS = [0, 0.1, 0.2, 0.3, 1];
const CLASSES_AT_MOST = { mip: 150, other: 2000 } as const;

/** Runs every attacker at every size, each with its control. `shouldStop` is asked between solves. */
export async function auditStealability(
  request: AuditRequest,
  solve: SolveProgram,
  shouldStop: () => boolean = () => false,
  onResult: (result: AttackResult) => void = () => undefined,
): Promise<Outcome<readonly AttackResult[]>> {
  const problem = requestProblem(request);
  if (problem !== undefined) return refuse(problem);
  const results: AttackResult[] = [];
  for (const size of request.sizes) {
    for (const attacker of request.attackers) {
      for (const control of [false, true]) {
        if (shouldStop()) return refuse('Stopped.');
        if (size > (attacker === 'mip' ? CLASSES_AT_MOST.mip : CLASSES_AT_MOST.other)) continue;
        const result = await attack(request, attacker, size, control, solve);
        results.push(result);
        onResult(result);
      }
    }
  }
  return accept(results);
}

function requestProblem({ marked, plain, heldOut, control, sizes }: AuditRequest): string | undefined {
  const largest = Math.max(...sizes);
  if (sizes.length === 0 || Math.min(...sizes) < 10) return 'Choose sizes of at least 10 completions.';
  const least = Math.min(marked.length, plain.length, control.length);
  if (least < largest) return `The audit needs ${largest} completions of each class; ${least} are ready.`;
  return heldOut.length === 0 ? 'The audit needs held-out marked texts to judge the attackers.' : undefined;
}

async function attack(
  request: AuditRequest,
  attacker: Attacker,
  size: number,
  control: boolean,
  solve: SolveProgram,
): Promise<AttackResult> {
  const believedMarked = (control ? request.control : request.marked).slice(0, size);
  const plain = request.plain.slice(0, size);
  const { scheme } = request;
  let set = completionSet(believedMarked, plain);
  let stolen: Set<number>;
  let status = 'exact';
  let seconds = 0;
  if (attacker === 'frequency') stolen = frequencyAttack(set, scheme.listSize);
  else {
    if (attacker === 'lp-with-labels') set = labelledSet(scheme, [...believedMarked, ...plain]);
    if (attacker === 'lp-with-labels' && set.marked.length === 0) {
      stolen = new Set();
      status = 'the detector calls no text marked';
    } else {
      const answer = await solve(programOf(attacker, set, scheme), {
        timeLimitSeconds: request.timeLimitSeconds,
      });
      ({ status, seconds } = answer);
      stolen = stolenTokens(set, answer);
    }
  }
  const mask = scheme.mask();
  const green = [...stolen].filter((token) => mask[token] === 1).length;
  return {
    attacker,
    control,
    completions: size,
    stolen: stolen.size,
    precision: green / stolen.size,
    coverage: coverageOf(request.heldOut, mask, stolen),
    removal: BUDGETS.map((budget) => removalAt(request, stolen, set, budget)),
    status,
    seconds,
  };
}

function programOf(attacker: Attacker, set: CompletionSet, scheme: FixedListScheme): string {
  if (attacker === 'mip') return programWithTrust(set);
  if (attacker === 'lp') return programWithoutDetector(set);
  return programWithLabels(set, scheme.gamma, DETECTOR_Z, scheme.vocabularySize);
}

/** z over distinct tokens, as the scheme's own detector computes it. */
export function distinctZ(scheme: FixedListScheme, ids: ArrayLike<number>): number {
  const evidence = fixedListFlags(scheme, ids);
  return greenZ(countGreen(evidence.flags, countedTokens(ids, evidence, 1, 'pairs')), scheme.gamma);
}

function labelledSet(scheme: FixedListScheme, texts: readonly ArrayLike<number>[]): CompletionSet {
  const marked = texts.filter((text) => distinctZ(scheme, text) >= DETECTOR_Z);
  return completionSet(
    marked,
    texts.filter((text) => !marked.includes(text)),
  );
}

function coverageOf(
  texts: readonly ArrayLike<number>[],
  mask: Uint8Array,
  stolen: ReadonlySet<number>,
): number {
  let [green, known] = [0, 0];
  for (const text of texts) {
    for (const token of new Set(Array.from(text))) {
      if (mask[token] !== 1) continue;
      green += 1;
      known += Number(stolen.has(token));
    }
  }
  return green === 0 ? 0 : known / green;
}

/** Swaps tokens believed green for random ones believed red: an upper bound on what synonyms would do. */
function removalAt(
  { scheme, heldOut, seed }: AuditRequest,
  stolen: ReadonlySet<number>,
  set: CompletionSet,
  budget: number,
): RemovalPoint {
  const random = new MersenneTwister(seed);
  const red = set.tokens.filter((token) => !stolen.has(token));
  let [detectedBefore, detectedAfter] = [0, 0];
  for (const text of heldOut) {
    if (distinctZ(scheme, text) <= DETECTOR_Z) continue;
    detectedBefore += 1;
    let left = Math.floor(budget * text.length);
    const changed = Array.from(text, (token) => {
      if (left === 0 || !stolen.has(token) || red.length === 0) return token;
      left -= 1;
      return red[random.word() % red.length]!;
    });
    detectedAfter += Number(distinctZ(scheme, changed) > DETECTOR_Z);
  }
  return { budget, detectedBefore, detectedAfter };
}
