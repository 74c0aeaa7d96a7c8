// What the pieces of a scored file add up to: bits per byte, the distribution of bits, the most surprising tokens.
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
        name: 'Bits per byte',
        value: format.ratio(bits, scoredBytes),
        weight: 'main',
        hint: 'What the file would take if the model compressed it; 8 is no compression. Comparable between models.',
      },
      {
        name: 'Bits per token',
        value: format.ratio(bits, scoredTokens),
        hint: 'Mean over the scored tokens.',
      },
      {
        name: 'First choice',
        value: scoredTokens === 0 ? '–' : format.percent(firstChoices / scoredTokens),
        hint: 'Tokens that the model itself would have written there.',
      },
      {
        name: 'Tokens scored',
        value: format.whole(scoredTokens),
        hint: 'Tokens of the local model, which differ from those of the chosen encoding.',
      },
    ];
  }

  /** Where the numbers come from and how far they reach. */
  progress(format: NumberFormat, running: boolean): string {
    const { model, window, scoredTo, totalTokens } = this;
    const source = `${model}, up to ${format.whole(window - 1)} tokens of context`;
    if (scoredTo >= totalTokens) return `${source}. The first token has no context and is not counted.`;
    const reach = `${format.whole(scoredTo)} of ${format.whole(totalTokens)} tokens`;
    return running ? `${source}. Scoring: ${reach} …` : `${source}. The figures are of the first ${reach}.`;
  }

  /** For the live region. */
  sentence(format: NumberFormat): string {
    const part = this.complete ? '' : ` of the first ${format.whole(this.scoredTo)} tokens`;
    return `${format.ratio(this.bits, this.scoredBytes)} bits per byte${part}.`;
  }
}
