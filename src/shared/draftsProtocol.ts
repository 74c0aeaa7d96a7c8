// What the Drafts view asks of the host and gets: drafts at the cursor with everything that explains them, and the acceptance
// of one of them. The page names a draft by run and number only; the text that is inserted is the host's own.
import type { DraftMethod } from '../core/decoding/completeDrafts';
import type { StopCause } from '../core/decoding/stopRules';

/** The methods, in the order of the picker. A test compares this with the decoder's list. */
export const draftMethods = [
  'forked',
  'greedy',
  'beam',
  'nucleus',
  'gumbel',
  'stochasticBeam',
  'superposed',
] as const satisfies readonly DraftMethod[];

/** Methods whose drafts depend on the seed. */
export const seededMethods: readonly DraftMethod[] = ['nucleus', 'gumbel', 'stochasticBeam'];

/** Most drafts of one run. */
export const draftLimit = 16;

/** Parts of the view below the drafts. */
export const whyParts = ['covers', 'nextByte', 'tree', 'gamma'] as const;
export type WhyPart = (typeof whyParts)[number];

export interface DraftWishes {
  readonly method: DraftMethod;
  readonly count: number;
  readonly seed: number;
}

/** What the view needs to know before it asks for drafts. */
export interface DraftsSetup {
  /** Name of the model that would answer; '' while it is not known. */
  readonly model: string;
  /** unloaded and asleep models start with the first request. */
  readonly state: 'unloaded' | 'loading' | 'ready' | 'asleep' | 'failed' | 'stopped' | 'server';
  /** Why the model cannot be used, and what to do; null when nothing is known against it. */
  readonly problem: string | null;
  /** Method and number of drafts of the settings. */
  readonly method: DraftMethod;
  readonly count: number;
  /** The user asked for drafts by a command that has not been carried out yet, and wants to see this part. */
  readonly wanted: WhyPart | 'drafts' | null;
}

export interface PanelDraftToken {
  /** What it adds to the document; U+FFFD for a cut character. */
  readonly text: string;
  /** The whole token, longer where it overhangs into the document. */
  readonly whole: string;
  readonly id: number;
  /** Bytes of the token that were in the document already. */
  readonly overhang: number;
  /** Natural logarithm; NaN where a server gave none. */
  readonly logProb: number;
}

export interface PanelDraft {
  readonly text: string;
  readonly tokens: readonly PanelDraftToken[];
  readonly logProb: number;
  /** False: the method's own score, not the model's log-probability. */
  readonly exact: boolean;
  readonly stop: StopCause;
}

/** A left context with the tokens that reach over the cursor. Shares are of all covers, 0 to 1. */
export interface PanelCover {
  readonly left: readonly string[];
  /** Text before the cursor that the next token must start with. */
  readonly overhang: string;
  readonly share: number;
  readonly tokens: readonly { readonly text: string; readonly share: number }[];
}

/** 257 probabilities: bytes 0 to 255, then the end of the text. */
export interface PanelNextByte {
  readonly exact: Float64Array;
  /** null where there were too many token paths to sum. */
  readonly allPaths: Float64Array | null;
  /** null where the text ends inside a character. */
  readonly tokenLevel: Float64Array | null;
  readonly healing: Float64Array | null;
}

/** One step of superposed decoding: newest token of each live draft, its share of the input, what it continues. */
export interface PanelStep {
  readonly tokens: readonly { readonly id: number; readonly text: string }[];
  readonly gamma: readonly number[];
  /** parents[i]: which draft of this step draft i of the next step continues. */
  readonly parents: readonly number[];
}

export interface PanelTreeNode {
  readonly text: string;
  readonly logProb: number;
  /** Numbers of the drafts that pass through, from 0. */
  readonly drafts: readonly number[];
  readonly children: readonly PanelTreeNode[];
}

export interface PanelWhy {
  /** Text from the last safe boundary to the cursor; U+FFFD for a cut character. */
  readonly tail: string;
  readonly covers: readonly PanelCover[];
  readonly nextByte: PanelNextByte;
  readonly steps: readonly PanelStep[];
  readonly tree: readonly PanelTreeNode[];
}

export interface PanelDrafts {
  /** Names this run when a draft is accepted. */
  readonly run: number;
  /** Document version that the drafts are for. */
  readonly version: number;
  readonly file: string;
  /** Place of the cursor, from 0. */
  readonly line: number;
  readonly column: number;
  /** The cursor's line before and after the cursor, the near part. */
  readonly before: string;
  readonly after: string;
  readonly drafts: readonly PanelDraft[];
  readonly method: DraftMethod | 'ensemble';
  readonly seed: number;
  readonly model: string;
  readonly layout: 'spm' | 'psm' | 'leftToRight';
  readonly notes: readonly string[];
  /** NaN where a server does not say. */
  readonly promptTokens: number;
  readonly milliseconds: number;
  /** Probability that nothing is to be inserted; NaN where unknown. */
  readonly endShare: number;
  /** null for drafts of a server, which has no distributions to explain them with. */
  readonly why: PanelWhy | null;
}

/** Part of PanelRequests. */
export interface DraftPanelRequests {
  draftsSetup: { params: Readonly<Record<string, never>>; result: DraftsSetup };
  drafts: { params: DraftWishes; result: PanelDrafts };
  /** Inserts draft number `draft` of a run, when its document is still the version it was made for. */
  acceptDraft: {
    params: { readonly run: number; readonly draft: number };
    result: { readonly inserted: number };
  };
  /** Runs one of Tessera's commands about the local model. */
  modelCommand: { params: { readonly command: 'choose' | 'restart' }; result: null };
}

/** Host → page: ask for `draftsSetup` again; the model changed, or the user asked for drafts by a command. */
export interface DraftsChanged {
  readonly type: 'draftsChanged';
}
