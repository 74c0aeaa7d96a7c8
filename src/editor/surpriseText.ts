// What a token's surprise is called and how it is described. Pure, so that steps and words can be tested without an
// editor. Surprise is −log2 of the probability that the model gave to the token that stands there: 3 bits = 1 in 8.
import type { TextSurpriseResult } from '../engine/modelProtocol';
import type { Translate } from './statusText';

/** Steps of the heat map, least surprising first. Below the first limit nothing is drawn. */
export const SURPRISE_STEPS = ['slight', 'clear', 'strong', 'extreme'] as const;
export type SurpriseStep = (typeof SURPRISE_STEPS)[number];

/** Bits from which a step begins, in the order of SURPRISE_STEPS. */
export const STEP_BITS: readonly number[] = [2, 5, 9, 13];

/** The step of a token; undefined when it is expected or has no score. */
export function surpriseStep(logProb: number): SurpriseStep | undefined {
  const bits = bitsOf(logProb);
  let step: SurpriseStep | undefined;
  for (let i = 0; i < STEP_BITS.length; i++) if (bits >= (STEP_BITS[i] ?? Infinity)) step = SURPRISE_STEPS[i];
  return step;
}

/** Bits of a natural logarithm of a probability; −0 becomes 0. */
export function bitsOf(logProb: number): number {
  return -logProb / Math.LN2 + 0;
}

/** Index within `result` of the token that holds a UTF-16 offset; undefined when it is not among them. */
export function scoredTokenAt(result: TextSurpriseResult, offset: number): number | undefined {
  if (offset < result.firstUtf16) return undefined;
  const { utf16Ends } = result;
  let low = 0;
  let high = utf16Ends.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((utf16Ends[middle] ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return low < utf16Ends.length ? low : undefined;
}

export interface SurpriseDescription {
  /** The token as a reader can see it: line ends and tabs written out. */
  readonly token: string;
  /** One fact a line, plain text. */
  readonly lines: readonly string[];
}

/** The hover's text about one token. @param text the token's own text */
export function describeSurprise(
  result: TextSurpriseResult,
  index: number,
  text: string,
  locale: string,
  translate: Translate,
): SurpriseDescription {
  const numbers = new Intl.NumberFormat(locale);
  const decimals = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const share = (logProb: number): string =>
    new Intl.NumberFormat(locale, { style: 'percent', maximumSignificantDigits: 3 }).format(
      Math.exp(logProb),
    );
  const logProb = result.logProbs[index] ?? NaN;
  const token = JSON.stringify(text);
  const source = translate(
    '{0}, with up to {1} tokens of context',
    result.model,
    numbers.format(result.window - 1),
  );
  if (Number.isNaN(logProb))
    return {
      token,
      lines: [translate('The first token has nothing before it, so it has no probability.'), source],
    };
  const entropy = result.entropies[index] ?? NaN;
  const choice = JSON.stringify(result.choices[index] ?? '');
  const lines = [
    translate(
      '{0} bits of surprise (log-probability {1} nats, probability {2})',
      decimals.format(bitsOf(logProb)),
      decimals.format(logProb),
      share(logProb),
    ),
    translate(
      'Rank {0} of {1}; entropy of the choice {2} bits',
      numbers.format(result.ranks[index] ?? 0),
      numbers.format(result.vocabularySize),
      decimals.format(entropy / Math.LN2),
    ),
  ];
  if (result.ranks[index] !== 1)
    lines.push(
      translate('The model would have written {0} ({1})', choice, share(result.choiceLogProbs[index] ?? NaN)),
    );
  return { token, lines: [...lines, source] };
}
