// Every message between the extension host and the inspector's webview. Three kinds: events (host → webview, no
// answer), notices (webview → host, no answer) and requests (webview → host, one reply each). A view that needs data
// adds its requests to PanelRequests here (types of its own file in src/shared), their guards to panelGuards.ts and a
// PanelFeature in src/panel that answers them.
//
// A `generation` names one (document, version, encoding): the host counts it up whenever one of them changes, so both
// sides drop what belongs to an older one. Token indexes count from 0; offsets are UTF-16 units unless called bytes.
import type { DraftPanelRequests, DraftsChanged } from './draftsProtocol';
import type { SurprisePiece } from './surpriseProtocol';
import type { WatermarkEvent, WatermarkRequests } from './watermarkProtocol';
import type { TokenizerDrop, TokenizerDropResult } from './tokenizerDrop';

/** Views of the inspector, in tab order. */
export const viewIds = ['tokens', 'compare', 'drafts', 'surprise', 'watermark'] as const;
export type ViewId = (typeof viewIds)[number];

/** An encoding as the picker lists it. */
export interface EncodingChoice {
  readonly id: string;
  readonly label: string;
  /** Models that use it. */
  readonly family: string;
  readonly exactness: 'exact' | 'estimate';
  readonly source: string;
}

/** Totals of a document or of a part of it. */
export interface TextTotals {
  readonly tokens: number;
  /** Unicode code points. */
  readonly characters: number;
  /** UTF-8 bytes. */
  readonly bytes: number;
}

/** A part of the document that the user asked to see alone, as tokens first … last − 1 of the whole file. */
export interface TokenScope extends TextTotals {
  readonly first: number;
  readonly last: number;
  /** For the reader: 'lines 12–40'. */
  readonly label: string;
}

/** Which file the inspector shows. */
export interface DocumentName {
  readonly uri: string;
  /** File name, without folders. */
  readonly name: string;
  /** Folder, relative to the workspace; may be empty. */
  readonly folder: string;
}

/** What is known about the inspected document. Every state is something the reader can act on. */
export type PanelDocument =
  | { readonly state: 'none' }
  | { readonly state: 'counting'; readonly file: DocumentName; readonly encoding: string }
  | ({
      readonly state: 'ready';
      readonly file: DocumentName;
      readonly generation: number;
      readonly encoding: string;
      readonly exactness: 'exact' | 'estimate';
      readonly source: string;
      /** UTF-16 units. */
      readonly length: number;
      readonly scope: TokenScope | null;
      /** Facts that change how the number is to be read, as sentences. */
      readonly notes: readonly string[];
    } & TextTotals)
  | {
      /** Too much to count in the time allowed: the number is approximate and there are no tokens to list. */
      readonly state: 'estimated';
      readonly file: DocumentName;
      readonly encoding: string;
      readonly tokens: number;
      /** UTF-16 units. */
      readonly length: number;
      readonly reason: string;
    }
  | {
      readonly state: 'failed';
      readonly file: DocumentName;
      readonly encoding: string;
      readonly message: string;
    };

/** Consecutive tokens with their bytes. Token `first + i` ends at byteEnds[i], utf16Ends[i]. */
export interface TokenPage {
  readonly first: number;
  readonly firstByte: number;
  readonly firstUtf16: number;
  /** Editor line (from 0) in which the first token starts. */
  readonly firstLine: number;
  /** Whether the first token is the first of that line. */
  readonly atLineStart: boolean;
  readonly ids: Uint32Array;
  readonly byteEnds: Uint32Array;
  readonly utf16Ends: Uint32Array;
  /** UTF-8 bytes of all tokens of the page, one after the other, from firstByte. */
  readonly bytes: Uint8Array;
}

/** One token in full. */
export interface TokenFacts {
  readonly index: number;
  /** Priority of the merge that makes this token; null for a tokenizer without ranks. */
  readonly rank: number | null;
  /** Merge steps from bytes to token, earliest first, as the bytes joined. */
  readonly merges: readonly {
    readonly left: Uint8Array;
    readonly right: Uint8Array;
    readonly rank: number;
  }[];
  /** Editor position of the start, both from 0. */
  readonly line: number;
  readonly column: number;
}

/** Something to compare: an encoding ('o200k_base', 'file:…') or a model ('model:gpt-5'). */
export interface CompareChoice {
  readonly id: string;
  readonly label: string;
  /** For the reader: family, encoding, price. */
  readonly detail: string;
}

/** One tokenizer or model in a comparison. */
export interface CompareRow {
  readonly choice: string;
  readonly label: string;
  readonly encoding: string;
  readonly exactness: 'exact' | 'estimate';
  /** Source of the tables, or the method of the estimate. */
  readonly source: string;
  readonly tokens: number;
  readonly words: number;
  readonly splitWords: number;
  /** Share of this row's boundaries that all rows have, 0 to 1. */
  readonly sharedBoundaries: number;
  /** Price of the text as input, written out; null without a priced model. */
  readonly cost: string | null;
  /** Date and source of the price. */
  readonly priceNote: string | null;
}

export interface Comparison {
  readonly characters: number;
  readonly bytes: number;
  readonly rows: readonly CompareRow[];
  /** Lines on which the rows differ most, widest first; cuts[row] are boundaries from the start of `text`. */
  readonly lines: readonly {
    readonly line: number;
    /** The start of the line, at most 240 UTF-16 units. */
    readonly text: string;
    readonly tokens: readonly number[];
    readonly cuts: readonly (readonly number[])[];
  }[];
}

/** Most rows of a comparison. */
export const compareLimit = 8;

/**
 * Requests of the webview: parameters and result. A request is about one generation, or about none (0) when it holds
 * whatever the document is.
 */
export interface PanelRequests extends WatermarkRequests, DraftPanelRequests {
  /** At most `pageLimit` tokens from `first`. */
  tokenPage: { params: { readonly first: number; readonly count: number }; result: TokenPage };
  compare: { params: { readonly choices: readonly string[] }; result: Comparison };
  addTokenizers: { params: TokenizerDrop; result: TokenizerDropResult };
  /** The piece of scored tokens that begins with `first`. */
  surprise: { params: { readonly first: number }; result: SurprisePiece };
  /** Selects UTF-16 offsets of the document in its editor. */
  revealText: { params: { readonly from: number; readonly to: number }; result: null };
  tokenFacts: { params: { readonly index: number }; result: TokenFacts | null };
  /** Nearest token with this id after (or before) `from`, going round at the end; null when there is none. */
  findId: {
    params: { readonly id: number; readonly from: number; readonly direction: 'next' | 'previous' };
    result: { readonly index: number; readonly wrapped: boolean } | null;
  };
}
export type PanelRequestName = keyof PanelRequests;
export type PanelRequestParams<N extends PanelRequestName> = PanelRequests[N]['params'];
export type PanelRequestResult<N extends PanelRequestName> = PanelRequests[N]['result'];

/** Most tokens of one page; more is refused. */
export const pageLimit = 4096;

/** Host → webview. */
export type HostEvent =
  | {
      readonly type: 'welcome';
      /** BCP 47 tag for numbers. */
      readonly locale: string;
      readonly pinned: boolean;
      readonly encodings: readonly EncodingChoice[];
      readonly compareChoices: readonly CompareChoice[];
    }
  /** The lists of tokenizers have changed: the user added, renamed or removed a file. */
  | {
      readonly type: 'choices';
      readonly encodings: readonly EncodingChoice[];
      readonly compareChoices: readonly CompareChoice[];
    }
  | { readonly type: 'document'; readonly document: PanelDocument }
  | { readonly type: 'pinned'; readonly pinned: boolean }
  /** Another local model answers from now on: scores are stale. */
  | { readonly type: 'surpriseModel' }
  | { readonly type: 'showView'; readonly view: ViewId }
  | DraftsChanged
  /** Tokens under the editor's cursor or selection: first … last − 1; empty when first = last. */
  | { readonly type: 'cursor'; readonly generation: number; readonly first: number; readonly last: number }
  | { readonly type: 'reply'; readonly id: number; readonly reply: PanelReply }
  | WatermarkEvent;

export type PanelReply =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: PanelErrorCode; readonly message: string };

/** stale: the document has changed since; ask again. refused: the host does not take such a request. */
export type PanelErrorCode = 'stale' | 'refused' | 'failed';

/** Webview → host, no answer. */
export type WebviewNotice =
  | { readonly type: 'ready' }
  | { readonly type: 'setEncoding'; readonly encoding: string }
  | { readonly type: 'setPinned'; readonly pinned: boolean }
  /** Select a token in the editor; `focus` moves the keyboard there too. */
  | { readonly type: 'reveal'; readonly generation: number; readonly index: number; readonly focus: boolean }
  /** Select a line (from 0) in the editor. */
  | { readonly type: 'revealLine'; readonly generation: number; readonly line: number }
  | { readonly type: 'focusEditor' }
  | { readonly type: 'showWholeFile' }
  | { readonly type: 'retry' }
  | { readonly type: 'openLog' }
  /** The page no longer waits for the answer to a request. */
  | { readonly type: 'cancel'; readonly id: number };

/** Webview → host, answered by one reply with the same id. */
export type WebviewRequest = {
  [N in PanelRequestName]: {
    readonly type: 'request';
    readonly id: number;
    readonly generation: number;
    readonly name: N;
    readonly params: PanelRequestParams<N>;
  };
}[PanelRequestName];

export type WebviewMessage = WebviewNotice | WebviewRequest;
