// What the Surprise view asks of the host: the document's tokens scored by the local model, piece by piece, so that a long file
// shows its first results at once and can be stopped. Tokens are those of the local model, not of the chosen encoding.

/** Tokens of one piece, rounded up to where a window of the model begins. */
export const surprisePieceTokens = 2048;

/** Scores of consecutive tokens. */
export interface SurprisePiece {
  readonly model: string;
  /** Longest context of a score plus the token itself, tokens. */
  readonly window: number;
  readonly vocabularySize: number;
  /** Of the whole document. */
  readonly totalTokens: number;
  readonly totalBytes: number;
  /** Index of the first token of this piece and of the first one after it. */
  readonly first: number;
  readonly last: number;
  /** UTF-8 bytes of the scored tokens of this piece. */
  readonly scoredBytes: number;
  /** Bits of each token, NaN for a token without context. */
  readonly bits: Float64Array;
  /** Tokens that were the model's own first choice. */
  readonly firstChoices: number;
  /** The most surprising tokens of this piece, most surprising first. */
  readonly peaks: readonly SurprisePeak[];
}

export interface SurprisePeak {
  /** Index among the model's tokens. */
  readonly index: number;
  /** UTF-16 offsets. */
  readonly from: number;
  readonly to: number;
  /** From 0. */
  readonly line: number;
  readonly text: string;
  readonly bits: number;
  readonly rank: number;
  /** Bits. */
  readonly entropy: number;
  /** What the model would have written, and its probability. */
  readonly choice: string;
  readonly choiceProbability: number;
}
