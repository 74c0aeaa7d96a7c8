// What the scheme's own detector would have said: its way of counting, its z and, where it has one, its p. Shown beside
// Tessera's numbers and labelled, never used for the verdict. Sources: transformers WatermarkDetector, lm-watermarking
// WatermarkDetector, Unigram-Watermark GPTWatermarkDetector, MarkLLM, synthid-text mean_score.
import { transformersP } from '../core/watermark/greenListEvidence';
import type { Counting } from '../core/watermark/greenListEvidence';
import type { SchemeId } from '../core/watermark/scheme';
import { logNormalTail, probabilityFromLog, type Probability } from '../core/watermark/significance/tails';
import type { SchemeResult } from '../core/watermark/watermarkReport';
import type { Translate } from './statusText';

export interface ToolComparison {
  /** 'transformers, every token counted'. */
  readonly label: string;
  readonly z: number | null;
  readonly p: Probability | null;
  /** The tool's statistic where it has no z: 'mean g-value 0.5312'. */
  readonly statistic: string | null;
}

/** How the tool counts repeats; undefined where its test is the one that Tessera makes. */
export function toolCounting(schemeId: SchemeId): Counting | undefined {
  switch (schemeId) {
    case 'lm-watermarking':
    case 'synthid-hf':
    case 'synthid-text':
      return 'ngrams';
    case 'hf-kgw':
    case 'unigram':
    case 'markllm-kgw':
    case 'markllm-exp':
      return 'all';
    default:
      return undefined;
  }
}

/** The tool's numbers from a result that was counted its way. */
export function toolComparison(result: SchemeResult, translate: Translate): ToolComparison {
  const { schemeId, z, p, scored, statistic } = result;
  const all = translate('every token counted ({0})', scored);
  const distinct = translate('distinct n-grams counted ({0})', scored);
  switch (schemeId) {
    case 'hf-kgw':
      return {
        label: `transformers, ${all}`,
        z,
        p: z === null ? null : positive(transformersP(z), z),
        statistic: null,
      };
    case 'lm-watermarking':
      return {
        label: `lm-watermarking, ${distinct}`,
        z,
        p: z === null ? null : probabilityFromLog(logNormalTail(z)),
        statistic: null,
      };
    case 'markllm-exp':
      return { label: `MarkLLM, ${all}`, z: null, p, statistic: null };
    case 'unigram':
    case 'markllm-kgw':
      return { label: `${result.scheme}, ${all}`, z, p: null, statistic: null };
    default:
      return {
        label: `${result.scheme}, ${distinct}`,
        z: null,
        p: null,
        statistic: translate('mean g-value {0}', statistic.toFixed(4)),
      };
  }
}

/** transformers' formula underflows to 0 from z = 5 on or so; its value there is 0.5 exp(-2 z² / pi). */
function positive(p: number, z: number): Probability {
  if (p > 1e-12) return probabilityFromLog(Math.log(p));
  return probabilityFromLog(Math.log(0.5) - (2 * z * z) / Math.PI);
}
