// Messages of the Watermark view. The page asks for the whole state whenever it is told that something changed; texts come
// from the host ready to be read. No message in either direction holds a key: a key is shown as its fingerprint.
import type { Verdict } from '../core/watermark/watermarkReport';

/** A saved scheme as a row of the list. */
export interface WatermarkSchemeRow {
  readonly id: string;
  readonly name: string;
  readonly scheme: string;
  readonly fingerprint: string;
  readonly tokenizer: string;
  readonly vocabularySize: number;
  readonly distortionFree: boolean;
}

/** A labelled fact. */
export interface WatermarkFact {
  readonly label: string;
  readonly value: string;
}

/** One scheme's result. */
export interface WatermarkResultView {
  /** Id of the saved scheme. */
  readonly id: string;
  readonly name: string;
  readonly verdict: Verdict;
  readonly title: string;
  readonly chance: string;
  /** What was tested. */
  readonly facts: readonly WatermarkFact[];
  readonly power: string;
  /** The scheme's own detector on the same text; null where it makes the same test. */
  readonly comparison: readonly WatermarkFact[] | null;
  readonly notes: readonly string[];
  /** Flagged stretch in UTF-16 units of the document, and its lines in words. */
  readonly range: { readonly start: number; readonly end: number; readonly label: string } | null;
  readonly tokens: number;
  /** First token of the flagged stretch, where a reader wants to look first. */
  readonly firstFlagged: number;
}

export interface WatermarkReportView {
  readonly verdict: Verdict;
  readonly title: string;
  readonly chance: string;
  /** 'Whole file', 'Lines 3–9'. */
  readonly scope: string;
  /** The text has changed since; tokens can no longer be shown. */
  readonly stale: boolean;
  readonly results: readonly WatermarkResultView[];
  /** Index of the result with the strongest evidence. */
  readonly strongest: number;
  readonly caveats: readonly string[];
}

/** Hidden characters that stand together. */
export interface HiddenRunView {
  readonly start: number;
  readonly end: number;
  /** From 0. */
  readonly line: number;
  readonly text: string;
  readonly grave: boolean;
}

/** One attacker at one number of completions; shares from 0 to 1, null where nothing was stolen. */
export interface AuditRow {
  readonly attacker: string;
  /** No text was marked: what the attacker "learns" from nothing. */
  readonly control: boolean;
  readonly completions: number;
  readonly stolen: number;
  readonly precision: number | null;
  readonly coverage: number;
  /** Share of the held-out marked texts that are no longer detected after 20 % of their tokens were changed. */
  readonly removal: number;
  readonly solver: string;
}

export interface AuditView {
  readonly title: string;
  readonly source: string;
  readonly limits: string;
  /** Precision of guessing at random, and what the control must stay near. */
  readonly share: number;
  readonly done: boolean;
  readonly rows: readonly AuditRow[];
}

export interface WatermarkState {
  readonly schemes: readonly WatermarkSchemeRow[];
  /** Name of the inspected file; null without one. */
  readonly file: string | null;
  readonly hasSelection: boolean;
  readonly report: WatermarkReportView | null;
  /** Null until it was looked for; `runs` are the first ones. */
  readonly hidden: { readonly total: number; readonly runs: readonly HiddenRunView[] } | null;
  /** The mark that drafts carry; null while nothing is planted. Sentences for the reader. */
  readonly planting: {
    readonly name: string;
    readonly cost: string;
    readonly survival: string | null;
  } | null;
  readonly audit: AuditView | null;
  /** Whether the heat map is drawn in the editor. */
  readonly heat: boolean;
}

export const evidenceLevels = ['strong', 'weak', 'against', 'ignored'] as const;

/** Consecutive tokens of the checked text with what they say: an index into `evidenceLevels` each. */
export interface WatermarkTokenPage {
  readonly first: number;
  readonly total: number;
  readonly texts: readonly string[];
  /** Where each token begins in the document, and where the last one ends. */
  readonly starts: Uint32Array;
  readonly levels: Uint8Array;
  /** Flagged tokens, end exclusive; null when there are none. */
  readonly flagged: { readonly start: number; readonly end: number } | null;
}

export interface WatermarkTokenFacts {
  readonly heading: string;
  readonly lines: readonly string[];
}

export const watermarkActions = [
  'addScheme',
  'renameScheme',
  'removeScheme',
  'toggleHeat',
  'clear',
  'findHidden',
  'removeHidden',
  'plant',
  'audit',
] as const;
export type WatermarkAction = (typeof watermarkActions)[number];

/** Most tokens of one page. */
export const evidencePageLimit = 2000;

export interface WatermarkRequests {
  watermarkState: { params: Readonly<Record<string, never>>; result: WatermarkState };
  /** Ids of saved schemes. The finding arrives as a changed state. */
  watermarkCheck: {
    params: { readonly schemes: readonly string[]; readonly selection: boolean };
    result: null;
  };
  watermarkTokens: {
    params: { readonly scheme: string; readonly first: number; readonly count: number };
    result: WatermarkTokenPage;
  };
  watermarkToken: {
    params: { readonly scheme: string; readonly index: number };
    result: WatermarkTokenFacts;
  };
  /** Selects a stretch of the document in the editor. */
  watermarkReveal: { params: { readonly start: number; readonly end: number }; result: null };
  /** `scheme` is '' for actions that are about none. */
  watermarkAction: {
    params: { readonly action: WatermarkAction; readonly scheme: string };
    result: null;
  };
}

/** Host → webview. */
export type WatermarkEvent =
  | { readonly type: 'watermarkChanged' }
  /** Of a check that the page asked for; `share` from 0 to 1, null while unknown. */
  | { readonly type: 'watermarkProgress'; readonly text: string; readonly share: number | null };
