// What hosts ask of the model process about drafts, and what it answers: drafts at a cursor, the next byte at a cursor.
// Texts go in whole (the process cuts them to its token budget); everything that comes back can be cloned and shown
// without a tokenizer, because the text of every token that occurs is part of the answer.
import type { DraftMethod, DraftWishes } from '../core/decoding/completeDrafts';
import type { DraftExplanation } from '../core/decoding/draftExplanation';
import type { NextByteReport, NextByteRequest } from '../core/decoding/nextByteReport';
import type { LayoutName } from '../core/decoding/promptLayout';
import type { StopCause } from '../core/decoding/stopRules';
import type { WatermarkSchemeParams } from './engineProtocol';

/** One more voice in an ensemble; weights are relative to the model's own, which is 1. */
export type EnsembleMember =
  /** Byte n-grams of the open document. */
  | { readonly kind: 'document'; readonly weight: number }
  /** A second model folder; its vocabulary need not be the first one's. */
  | { readonly kind: 'model'; readonly path: string; readonly weight: number };

export interface DraftsParams extends DraftWishes {
  /** Superposed decoding: Tessera's settings or the published ones. Default 'lineage'. */
  readonly superposed?: 'lineage' | 'paper';
  /** Superposed decoding: exact probabilities, and cuts where the model finds a token unlikely. Default true. */
  readonly verify?: boolean;
  /** Plants a mark while writing. */
  readonly watermark?: WatermarkSchemeParams;
  /** Writes byte by byte with the average of the model and these; `method` is not used then. */
  readonly ensemble?: readonly EnsembleMember[];
}

/** A token of a draft, ready to show. */
export interface DraftTokenView {
  /** -1 where the draft was written byte by byte. */
  readonly id: number;
  /** Text that the token adds to the document; U+FFFD stands for a cut character. */
  readonly text: string;
  /** Text of the whole token, longer than `text` where it overhangs into the document. */
  readonly wholeText: string;
  /** Bytes of the token that were in the document already. */
  readonly overhang: number;
  /** Natural log of the model's probability; e^logProb is the probability. */
  readonly logProb: number;
  /** The mark made the writer choose another token than it would have chosen otherwise. */
  readonly changedByWatermark: boolean;
}

export interface DraftView {
  /** To insert at the cursor. */
  readonly text: string;
  readonly tokens: readonly DraftTokenView[];
  /** Sum of the tokens' log-probabilities. */
  readonly logProb: number;
  /** False for a superposed draft that was not verified: then `logProb` is the method's own score. */
  readonly exact: boolean;
  /** What the drafts are ordered by. */
  readonly rank: number;
  readonly stop: StopCause;
  readonly joinLogProb: number | undefined;
}

export interface WatermarkCost {
  readonly scheme: string;
  /** Tokens of all drafts, and how many of them the mark changed. */
  readonly tokens: number;
  readonly changed: number;
  /** Mean over tokens: expected log-probability without the mark minus with it, nats. */
  readonly costPerToken: number;
}

export interface DraftTimings {
  readonly totalMs: number;
  /** From the start of the request to the covers' weights: prompt, cache look-up, covers. */
  readonly promptMs: number;
  /** Prompt tokens that went through the model; the others were cached. */
  readonly promptTokensComputed: number;
}

export interface DraftsAnswer {
  readonly drafts: readonly DraftView[];
  /** 'ensemble' when the draft was written byte by byte. */
  readonly method: DraftMethod | 'ensemble';
  readonly layout: LayoutName;
  /** Probability that nothing is to be inserted. */
  readonly endShare: number;
  readonly notes: readonly string[];
  readonly promptTokens: number;
  readonly leftContexts: number;
  readonly timings: DraftTimings;
  readonly seed: number;
  readonly why: DraftExplanation | undefined;
  /** Text of every token id that occurs in `why`. */
  readonly tokenTexts: Readonly<Record<number, string>>;
  readonly watermark: WatermarkCost | undefined;
}

export type NextByteParams = Omit<NextByteRequest, 'cancellation'>;

export interface NextByteAnswer extends NextByteReport {
  readonly tokenTexts: Readonly<Record<number, string>>;
}

/** The requests that draftHandlers.ts answers; part of `ModelRequests`. */
export interface DraftRequests {
  drafts: { params: DraftsParams; result: DraftsAnswer };
  nextByte: { params: NextByteParams; result: NextByteAnswer };
}
