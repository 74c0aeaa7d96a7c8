// Everything a watermark check says in words: three verdicts, chances as "once in so many unmarked texts", what was
// tested, power. Pure; `Translate` is vscode.l10n.t. A p-value is never written as 0, and nothing here says who or what
// wrote a text.
import type { TokenEvidence, Verdict } from '../core/watermark/watermarkReport';
import type { Power } from '../core/watermark/significance/power';
import type { Probability } from '../core/watermark/significance/tails';
import type { Translate } from './statusText';

export const verdictTitle = (verdict: Verdict, translate: Translate): string => {
  switch (verdict) {
    case 'found':
      return translate('Watermark found');
    case 'not-found':
      return translate('No watermark found');
    case 'too-little-text':
      return translate('Too little text to tell');
  }
};

/** Rounded down to one digit, so that the words never claim more than the number: 4,219,000 → '4 million'. */
export function oneIn(log10P: number, numbers: Intl.NumberFormat, translate: Translate): string {
  const size = -log10P;
  if (size >= 15) return `10^${Math.floor(size)}`;
  const power = 10 ** Math.floor(size);
  const rounded = Math.floor(10 ** (size - Math.floor(size)) + 1e-9) * power;
  if (rounded >= 1e12) return translate('{0} trillion', numbers.format(rounded / 1e12));
  if (rounded >= 1e9) return translate('{0} billion', numbers.format(rounded / 1e9));
  if (rounded >= 1e6) return translate('{0} million', numbers.format(rounded / 1e6));
  return numbers.format(Math.max(1, rounded));
}

/** 'Would happen by chance about once in 4 million unmarked texts.' */
export function chanceSentence(
  { log10P }: Probability,
  numbers: Intl.NumberFormat,
  translate: Translate,
): string {
  if (log10P > Math.log10(0.5)) return translate('Most unmarked texts look like this.');
  if (log10P > Math.log10(0.05)) return translate('Many unmarked texts look like this.');
  return translate(
    'Would happen by chance about once in {0} unmarked texts.',
    oneIn(log10P, numbers, translate),
  );
}

/** A p-value as scientists write it, below what a double holds too: '3.4e-7', '1.2e-412'. */
export function scientific({ log10P }: Probability): string {
  if (log10P >= -3) return (10 ** log10P).toPrecision(2);
  let exponent = Math.floor(log10P);
  let digits = (10 ** (log10P - exponent)).toFixed(1);
  if (digits === '10.0') {
    digits = '1.0';
    exponent += 1;
  }
  return `${digits}e${exponent}`;
}

/** What this much text could have shown. */
export function powerSentence(
  { probability }: Power,
  scored: number,
  numbers: Intl.NumberFormat,
  translate: Translate,
): string {
  const share = probability >= 0.995 ? '> 99' : probability < 0.01 ? '< 1' : (100 * probability).toFixed(0);
  return translate(
    'A mark of this scheme’s usual strength would show in {0} of 100 texts of {1} scored tokens.',
    share,
    numbers.format(scored),
  );
}

/** Both stand below every result, whatever it says. */
export const caveats = (translate: Translate): readonly string[] => [
  translate('This does not show who wrote the text: anyone with the key can plant a mark or copy it.'),
  translate(
    'Absence proves nothing: short, edited or predictable text can carry a mark that cannot be seen.',
  ),
];

/** How much one token speaks for a mark, in steps that a reader can tell apart. */
export type EvidenceLevel = 'strong' | 'weak' | 'against' | 'ignored';

/** Level of scored token `i` (entry of the evidence). Strong is one standard deviation above unmarked text. */
export function evidenceLevel(evidence: TokenEvidence, i: number): EvidenceLevel {
  if (evidence.counted[i] !== 1) return 'ignored';
  const above = (evidence.values[i] ?? 0) - evidence.nullMean;
  if (above <= 0) return 'against';
  return above >= deviationOf(evidence) - 1e-9 ? 'strong' : 'weak';
}

/** Standard deviation of one token's value in unmarked text. */
function deviationOf({ nullMean, most, values }: TokenEvidence): number {
  // Green lists and SynthID count ones among `most` trials; sums of exponentials have deviation 1.
  const whole = Number.isInteger(most) && most > 0 && nullMean < most && isWhole(values);
  if (whole) return Math.sqrt(nullMean * (1 - nullMean / most));
  return most > 0 ? 1 : 0.25;
}

const isWhole = (values: Float64Array): boolean => {
  for (let i = 0; i < Math.min(64, values.length); i += 1) if (!Number.isInteger(values[i])) return false;
  return true;
};
