// Several schemes checked one by one, each with its own tokenizer, made into one answer: Holm's correction over all of
// them, then the verdicts again. Pure.
import { holm } from '../core/watermark/significance/multipleTests';
import { verdictOf } from '../core/watermark/watermarkCheck';
import type { SchemeResult, Verdict } from '../core/watermark/watermarkReport';
import type { WatermarkAnswer } from '../engine/engineProtocol';
import type { SavedScheme } from './watermarkSchemeStore';
import type { ToolComparison } from './watermarkToolComparison';

/** One scheme's answer, before the others are known. */
export interface CheckedScheme {
  readonly saved: SavedScheme;
  readonly answer: WatermarkAnswer;
  readonly comparison: ToolComparison | undefined;
}

/** One scheme's part of the whole answer; `result` is corrected for all schemes. */
export interface SchemeFinding {
  readonly saved: SavedScheme;
  readonly result: SchemeResult;
  readonly comparison: ToolComparison | undefined;
  readonly tokenizer: string;
  /** Token i ends at utf16Ends[i] of the checked text. */
  readonly ids: Uint32Array;
  readonly utf16Ends: Uint32Array;
}

export interface CombinedFinding {
  readonly verdict: Verdict;
  readonly level: number;
  readonly findings: readonly SchemeFinding[];
  /** Index of the finding with the smallest corrected p. */
  readonly strongest: number;
}

/** Holm over schemes and keys. `checked` must not be empty. */
export function combineChecks(checked: readonly CheckedScheme[], level: number): CombinedFinding {
  const single = checked.flatMap(({ saved, answer, comparison }) => {
    const [result] = answer.report.results;
    return result === undefined ? [] : [{ saved, answer, comparison, result }];
  });
  const adjusted = holm(single.map(({ result }) => result.correctedP));
  const findings = single.map(({ saved, answer, comparison, result }, i): SchemeFinding => {
    const correctedP = adjusted[i] ?? result.correctedP;
    const verdict = verdictOf(correctedP.p, result.power.probability, level);
    return {
      saved,
      comparison,
      tokenizer: answer.report.tokenizer,
      ids: answer.ids,
      utf16Ends: answer.utf16Ends,
      result: { ...result, correctedP, verdict, range: verdict === 'found' ? result.range : null },
    };
  });
  const least = Math.min(...findings.map(({ result }) => result.correctedP.log10P));
  const verdicts = new Set(findings.map(({ result }) => result.verdict));
  return {
    verdict: verdicts.has('found') ? 'found' : verdicts.has('not-found') ? 'not-found' : 'too-little-text',
    level,
    findings,
    strongest: Math.max(
      0,
      findings.findIndex(({ result }) => result.correctedP.log10P === least),
    ),
  };
}
