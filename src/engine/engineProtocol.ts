// Messages between the extension host (engineClient) and the token worker. One request has one response; progress may
// come between. To add a request: add its parameters and result to EngineRequests, and its handler to the table in
// tokenWorker.ts. Offsets are UTF-16 units unless a name says bytes.
import type { TextEdit } from '../core/tokenizers/liveDocument';
import type { ChatFormat } from '../core/analysis/chatFormats';
import type { DocumentSections } from '../core/analysis/documentSections';
import type { TokenDiff } from '../core/analysis/tokenDiff';
import type { TokenizerComparison } from '../core/analysis/tokenizerComparison';
import type { WasteReport } from '../core/analysis/wasteReport';
import type { AskedPath, RuleFile } from '../core/files/ignoreFiles';
import type { FileOutcome } from '../core/files/tokenTreeModel';
import type { HiddenCharacter } from '../core/watermark/hiddenCharacters';
import type { FormatReason, TokenizerDescription } from '../core/tokenizers/formats/formatResult';
import type { RankPattern } from '../core/tokenizers/formats/rankPatterns';
import type { SelfTest } from '../core/tokenizers/formats/selfTest';
import type { CheckOptions } from '../core/watermark/watermarkCheck';
import type { WatermarkReport } from '../core/watermark/watermarkReport';
import type { Provenance } from '../core/tokenizers/tokenizer';
import type { ScannedFile, ScanShare } from './folderScan';
import type { StoredTokenizer } from './keptTokenizers';
import type { TokenizerSource } from './tokenizerFiles';

/**
 * Names a tokenizer: a built-in encoding ('o200k_base') or a user's file, by 'file:' and the SHA-256 of its bytes, the
 * start of that, or its name (see findKept).
 */
export type TokenizerId = string;

/** Given by the client to each open document; never reused while a client lives. */
export type DocumentHandle = number;

/** What is known about a whole document at one version. */
export interface DocumentTotals {
  readonly version: number;
  readonly tokenizer: TokenizerId;
  readonly provenance: Provenance;
  readonly tokens: number;
  /** Unicode code points. */
  readonly characters: number;
  /** Length of the text in UTF-8 bytes; a lone surrogate counts as the three bytes of U+FFFD. */
  readonly bytes: number;
  readonly utf16Length: number;
  /** Special-token strings that occur in the text, such as '<|endoftext|>'. They were counted as ordinary text. */
  readonly specialTexts: readonly string[];
  /** U+FFFD and lone surrogates in the text: signs that the file was not valid UTF-8 or is not text. */
  readonly replacementCharacters: number;
}

/** Which tokens: all that touch a range of the text, or a range of token numbers. At most `limit` come back. */
export type SpanQuery =
  | { readonly by: 'offset'; readonly start: number; readonly end: number; readonly limit: number }
  | { readonly by: 'index'; readonly first: number; readonly limit: number };

/** Consecutive tokens of a document. Token i (0 ≤ i < ids.length) ends at byteEnds[i] and utf16Ends[i]. */
export interface SpanRange {
  readonly version: number;
  /** Number of the first token here within the document. */
  readonly firstIndex: number;
  /** Tokens in the whole document. */
  readonly totalTokens: number;
  /** Start of the first token: absolute UTF-8 byte and UTF-16 offsets. */
  readonly firstByte: number;
  readonly firstUtf16: number;
  readonly ids: Uint32Array;
  readonly byteEnds: Uint32Array;
  readonly utf16Ends: Uint32Array;
  /** Which of these tokens, by position in `ids`, end inside a character: their last byte is not the last of its own. */
  readonly cutEnds: Uint32Array;
}

/** Number of tokens, code points and bytes of some text. */
export interface TextCount {
  readonly tokens: number;
  readonly characters: number;
  readonly bytes: number;
  readonly provenance: Provenance;
}

/** One merge on the way from bytes to a token, in the order in which they happen. */
export interface MergeStep {
  readonly left: Uint8Array;
  readonly right: Uint8Array;
  /** Priority of the merge; lower happens first. */
  readonly rank: number;
}

/** Everything the hover shows about one token. */
export interface TokenDetails {
  readonly version: number;
  readonly index: number;
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly byteStart: number;
  readonly byteEnd: number;
  readonly utf16Start: number;
  readonly utf16End: number;
  /** Merge rank, or null for a tokenizer that has none. */
  readonly rank: number | null;
  readonly merges: readonly MergeStep[];
}

/** One scheme to look for: its settings as the user's JSON text, and what the user gives beside them. */
export interface WatermarkSchemeParams {
  readonly settings: string;
  /** Replaces the key of the settings. */
  readonly key?: string;
  /** The model's config.vocab_size, padding included. */
  readonly vocabularySize?: number;
}

/** Token i of the text ends at utf16Ends[i]; the report's token numbers are those of `ids`. */
export interface WatermarkAnswer {
  readonly report: WatermarkReport;
  readonly ids: Uint32Array;
  readonly utf16Ends: Uint32Array;
}

/** What a tokenizer file is and how it did on sample texts. */
export interface TokenizerFacts {
  readonly description: TokenizerDescription;
  readonly provenance: Provenance;
  readonly roundTrip: SelfTest;
}

/** A file that was checked and kept, or the named reason why it was not. */
export type TokenizerAnswer =
  | { readonly ok: true; readonly entry: StoredTokenizer; readonly facts: TokenizerFacts }
  | { readonly ok: false; readonly reason: FormatReason; readonly sha256: string };

/** Every request of the token worker: its parameters and its result. */
export interface EngineRequests {
  /**
   * Starts a document. Long texts come in several messages: `openDocument` with `more: true`, then `appendText`, the
   * last with `more: false`. Only the last answers with totals; the others answer null.
   */
  openDocument: {
    params: {
      readonly handle: DocumentHandle;
      readonly version: number;
      readonly tokenizer: TokenizerId;
      readonly text: string;
      readonly more: boolean;
    };
    result: DocumentTotals | null;
  };
  appendText: {
    params: { readonly handle: DocumentHandle; readonly text: string; readonly more: boolean };
    result: DocumentTotals | null;
  };
  /** `utf16Length` is the length after the edits; when the worker's text has another, it answers 'outOfSync'. */
  editDocument: {
    params: {
      readonly handle: DocumentHandle;
      readonly version: number;
      /** Of one change event: offsets are those of the text before it, and no two overlap. */
      readonly edits: readonly TextEdit[];
      readonly utf16Length: number;
    };
    result: DocumentTotals;
  };
  closeDocument: { params: { readonly handle: DocumentHandle }; result: null };
  /** The lines (from 0) with the most tokens, dearest first; see hottestLines. */
  hottestLines: {
    params: { readonly handle: DocumentHandle };
    result: { readonly version: number; readonly lines: readonly number[] };
  };
  /** Headings, blocks, templates and messages of the document; messages with their counts. */
  sections: {
    params: {
      readonly handle: DocumentHandle;
      readonly fileName: string;
      readonly languageId: string;
      readonly chatFormat?: ChatFormat | undefined;
    };
    result: DocumentSections & { readonly version: number };
  };
  spans: { params: { readonly handle: DocumentHandle; readonly query: SpanQuery }; result: SpanRange };
  /** The tokens that have a byte of the character at `offset`: mostly one. None at the end of the document. */
  tokensAt: {
    params: { readonly handle: DocumentHandle; readonly offset: number };
    result: readonly TokenDetails[];
  };
  tokenByIndex: {
    params: { readonly handle: DocumentHandle; readonly index: number };
    result: TokenDetails | null;
  };
  /** Ranges of a document, each counted as a text of its own, added up. */
  countRanges: {
    params: {
      readonly handle: DocumentHandle;
      readonly ranges: readonly (readonly [start: number, end: number])[];
    };
    result: TextCount & { readonly version: number };
  };
  /** Tokens that start in each of the lines first … last (zero-based, inclusive). */
  lineCounts: {
    params: { readonly handle: DocumentHandle; readonly first: number; readonly last: number };
    result: { readonly version: number; readonly counts: Uint32Array };
  };
  /** Plain-text rows (tokenList.ts) of up to `limit` tokens from number `first` on. */
  tokenRows: {
    params: { readonly handle: DocumentHandle; readonly first: number; readonly limit: number };
    result: {
      readonly totals: DocumentTotals;
      /** Column titles. */
      readonly header: string;
      readonly listed: number;
      readonly text: string;
    };
  };
  /** A text that is no open document. */
  countText: { params: { readonly tokenizer: TokenizerId; readonly text: string }; result: TextCount };
  /** Starts a scan of a folder on disk (absolute path) and answers its number; `known` from an earlier scan. */
  scanFolder: {
    params: {
      readonly root: string;
      readonly tokenizer: TokenizerId;
      readonly filesExclude: Readonly<Record<string, unknown>>;
      readonly maxBytes: number;
      readonly known: readonly (readonly [path: string, entry: Pick<ScannedFile, 'stamp' | 'outcome'>])[];
      /** Left out: all files. */
      readonly share?: ScanShare;
    };
    result: number;
  };
  /** The next files of a scan: about `sliceMs` of work. The scan is over when `done`. */
  continueScan: {
    params: { readonly scan: number; readonly sliceMs: number };
    result: { readonly files: readonly ScannedFile[]; readonly done: boolean };
  };
  endScan: { params: { readonly scan: number }; result: null };
  /** One file on disk; null when it is no regular file. A file that is gone is an 'unreadable' outcome. */
  countFile: {
    params: {
      readonly root: string;
      readonly path: string;
      readonly tokenizer: TokenizerId;
      readonly maxBytes: number;
    };
    result: ScannedFile | null;
  };
  /** Contents that the caller has read itself (virtual file systems). */
  countBytes: {
    params: { readonly tokenizer: TokenizerId; readonly contents: readonly Uint8Array[] };
    result: readonly FileOutcome[];
  };
  /** Whether ignore rules leave paths of a workspace folder out; see leftOut of ignoreRules.ts. */
  leftOut: {
    params: {
      readonly filesExclude: Readonly<Record<string, unknown>>;
      readonly ruleFiles: readonly RuleFile[];
      readonly paths: readonly AskedPath[];
    };
    result: readonly boolean[];
  };
  /** The same text under several tokenizers; at most `most` differing lines. */
  compareTokenizers: {
    params: { readonly tokenizers: readonly TokenizerId[]; readonly text: string; readonly most: number };
    result: TokenizerComparison;
  };
  wasteReport: {
    params: { readonly tokenizer: TokenizerId; readonly text: string };
    result: WasteReport;
  };
  tokenDiff: {
    params: { readonly tokenizer: TokenizerId; readonly before: string; readonly after: string };
    result: TokenDiff;
  };
  /** Looks for watermarks in a text; all schemes are corrected for one another. 'badRequest' says what to change. */
  checkWatermark: {
    params: {
      readonly tokenizer: TokenizerId;
      readonly text: string;
      readonly schemes: readonly WatermarkSchemeParams[];
      readonly options?: CheckOptions;
    };
    result: WatermarkAnswer;
  };
  /** Invisible and misleading characters of a text, the first `limit` of them, and how many there are in all. */
  hiddenCharacters: {
    params: { readonly text: string; readonly limit: number };
    result: { readonly characters: readonly HiddenCharacter[]; readonly total: number };
  };
  /** Checks a tokenizer file and keeps a copy. 'unreadable' when the disk does not give it. */
  addTokenizer: {
    params: {
      readonly source: TokenizerSource;
      /** See AddOptions of tokenizerFiles.ts. */
      readonly name?: string;
      readonly suggestedName?: string;
      /** How a rank file splits text, once the answer was 'needs-pattern'. */
      readonly pattern?: RankPattern;
    };
    result: TokenizerAnswer;
  };
  /** Null when no such file is kept or its bytes have changed. */
  describeTokenizer: { params: { readonly sha256: string }; result: TokenizerFacts | null };
  /** Tokenizer files were removed or renamed: what is loaded of them is dropped. */
  forgetTokenizers: { params: Record<string, never>; result: null };
}

export type RequestName = keyof EngineRequests;
export type RequestParams<N extends RequestName> = EngineRequests[N]['params'];
export type RequestResult<N extends RequestName> = EngineRequests[N]['result'];

/**
 * Why a request has no result.
 * cancelled: the caller gave up; never shown. timeout: over its time budget, the worker was restarted.
 * crashed: the worker died while working on this request. workerDied: it died while this one was waiting. stopped: three crashes in five minutes, or disposed.
 * notOpen / outOfSync: the worker does not have this document (any more); open it again.
 * tablesMissing: the tokenizer's tables could not be read. unreadable: a file could not be read. badRequest: the parameters make no sense.
 */
export type EngineErrorCode =
  | 'cancelled'
  | 'timeout'
  | 'crashed'
  | 'workerDied'
  | 'stopped'
  | 'notOpen'
  | 'outOfSync'
  | 'tablesMissing'
  | 'unreadable'
  | 'badRequest'
  | 'failed';

export interface EngineError {
  readonly code: EngineErrorCode;
  readonly message: string;
}

export type EngineReply<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: EngineError };

/** How far a long request is. `total` is null while unknown. */
export interface EngineProgress {
  readonly done: number;
  readonly total: number | null;
}

/** Host → worker. */
export type HostMessage = {
  [N in RequestName]: {
    readonly type: 'request';
    readonly id: number;
    readonly name: N;
    readonly params: RequestParams<N>;
  };
}[RequestName];

/** Worker → host. */
export type WorkerMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: EngineError }
  | { readonly type: 'progress'; readonly id: number; readonly progress: EngineProgress };

/**
 * What the worker is started with. Cancellation must reach code that never yields, so it is not a message: the host
 * writes request id r into slot r mod length of `cancelled`, and handlers look there.
 */
export interface WorkerData {
  readonly cancelled: Int32Array;
  /** Folder with the tokenizer tables. */
  readonly tableFolder: string;
  /** Folder of the user's tokenizer files (tokenizerFiles.ts); 'file:' ids are unknown when it is left out. */
  readonly tokenizerFolder?: string;
}
export const CANCEL_SLOTS = 256;
