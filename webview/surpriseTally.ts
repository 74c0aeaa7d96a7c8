// What the pieces of a scored file add up to: bits per byte, the distribution of bits, the most surprising tokens.
import { tokenCount } from './countedNames';
import { l10n } from './language';
import type { Metric } from './metricCards';
import type { NumberFormat } from './numberFormat';
import type { SurprisePeak, SurprisePiece } from '../src/shared/surpriseProtocol';

/** Lower edges of the histogram's bins, in bits; the last bin has no upper edge. */
export const binEdges = [0, 0.5, 1, 2, 4, 6, 8, 10, 13, 16] as const;
const peaksShown = 40;

export class SurpriseTally {
  pieces = 0;
  /** Tokens from the start of the file that are scored. */
  scoredTo = 0;
  totalTokens = 0;
  vocabularySize = 0;
  peaks: readonly SurprisePeak[] = [];
  /** Tokens in each bin of `binEdges`. */
  readonly histogram: number[] = binEdges.map(() => 0);
  private model = '';
  private window = 0;
  private bits = 0;
  private scoredBytes = 0;
  private scoredTokens = 0;
  private firstChoices = 0;

  get complete(): boolean {
    return this.pieces > 0 && this.scoredTo >= this.totalTokens;
  }

  /** Adds the piece that follows. */
  add(piece: SurprisePiece): void {
    this.pieces++;
    this.scoredTo = piece.last;
    this.totalTokens = piece.totalTokens;
    this.vocabularySize = piece.vocabularySize;
    this.model = piece.model;
    this.window = piece.window;
    this.scoredBytes += piece.scoredBytes;
    this.firstChoices += piece.firstChoices;
    for (const value of piece.bits) {
      if (Number.isNaN(value)) continue;
      this.bits += value;
      this.scoredTokens++;
      const bin = binEdges.findLastIndex((edge) => value >= edge);
      this.histogram[Math.max(0, bin)] = (this.histogram[Math.max(0, bin)] ?? 0) + 1;
    }
    this.peaks = [...this.peaks, ...piece.peaks].sort((a, b) => b.bits - a.bits).slice(0, peaksShown);
  }

  metrics(format: NumberFormat): readonly Metric[] {
    const { bits, scoredBytes, scoredTokens, firstChoices } = this;
    return [
      {
        name: l10n.t('Bits per byte'),
        value: format.ratio(bits, scoredBytes),
        weight: 'main',
        hint: l10n.t(
          'What the file would take if the model compressed it; 8 is no compression. Comparable between models.',
        ),
      },
      {
        name: l10n.t('Bits per token'),
        value: format.ratio(bits, scoredTokens),
        hint: l10n.t('Mean over the scored tokens.'),
      },
      {
        name: l10n.t('First choice'),
        value: scoredTokens === 0 ? '–' : format.percent(firstChoices / scoredTokens),
        hint: l10n.t('Tokens that the model itself would have written there.'),
      },
      {
        name: l10n.t('Tokens scored'),
        value: format.whole(scoredTokens),
        hint: l10n.t('Tokens of the local model, which differ from those of the chosen encoding.'),
      },
    ];
  }

  /** Where the numbers come from and how far they reach. */
  progress(format: NumberFormat, running: boolean): string {
    const { model, window, scoredTo, totalTokens } = this;
    const source = l10n.t('{0}, up to {1} of context', model, tokenCount(window - 1, format));
    if (scoredTo >= totalTokens)
      return l10n.t('{0}. The first token has no context and is not counted.', source);
    const [done, all] = [format.whole(scoredTo), tokenCount(totalTokens, format)];
    return running
      ? l10n.t('{0}. Scoring: {1} of {2} …', source, done, all)
      : l10n.t('{0}. The figures are of the first {1} of {2}.', source, done, all);
  }

  /** For the live region. */
  sentence(format: NumberFormat): string {
    const figure = format.ratio(this.bits, this.scoredBytes);
    return this.complete
      ? l10n.t('{0} bits per byte.', figure)
      : l10n.t('{0} bits per byte of the first {1}.', figure, tokenCount(this.scoredTo, format));
  }
}
