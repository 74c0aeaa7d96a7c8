// Messages between a host (extension host, command line, tests) and the model process. One request has one response;
// progress may come between. To add a request: add it here and its handler to modelHandlers.ts (drafts: draftProtocol.ts and
// draftHandlers.ts).
import type { StepCost } from '../core/model/languageModel';
import type { CompletionRequests } from './completionHandlers';
import type { DraftRequests } from './draftProtocol';
import type { EngineError, EngineProgress } from './engineProtocol';
import type { ModelDescription } from './languageModelLoader';
import type { ModelSummary } from './modelSummary';

export interface LoadParams {
  /** Folder or graph file. */
  readonly path: string;
  readonly threads?: number;
  readonly runtime?: 'auto' | 'native' | 'wasm';
  readonly memoryBudgetMb?: number;
  readonly contextLimit?: number;
}

/** What the status item shows. */
export interface ModelStatus {
  readonly description: ModelDescription | undefined;
  readonly stepCost: StepCost | undefined;
  /** Resident memory of the model process, bytes. */
  readonly residentBytes: number;
  /** Tokens generated or scored per second since the model was loaded, over the time spent in forwards. */
  readonly tokensPerSecond: number | undefined;
  readonly cachedTokens: number;
}

export interface SurpriseParams {
  readonly text: string;
  /** Longest context, tokens; 1 024 or the model's context where that is less. */
  readonly window?: number;
  /** Score only these tokens, or the tokens of these UTF-16 offsets, widened to whole steps of half a window. */
  readonly part?: { readonly unit: 'utf16' | 'tokens'; readonly from: number; readonly to: number };
}

/** Tokens of a text, from `first` on, with what the model thought of them. Arrays have one entry per token. */
export interface TextSurpriseResult {
  readonly model: string;
  /** Of the whole text, in the model's own tokens. */
  readonly totalTokens: number;
  readonly totalBytes: number;
  readonly vocabularySize: number;
  /** Longest context that a token was scored with. */
  readonly window: number;
  /** Index of the first token here, and where it starts. */
  readonly first: number;
  readonly firstUtf16: number;
  readonly firstByte: number;
  readonly ids: Uint32Array;
  /** Exclusive ends in UTF-16 units and UTF-8 bytes of the text. */
  readonly utf16Ends: Uint32Array;
  readonly byteEnds: Uint32Array;
  /** Natural logarithms; NaN for a token that has no context. */
  readonly logProbs: Float64Array;
  /** 1 = most probable; 0 where there is no score. */
  readonly ranks: Uint32Array;
  readonly entropies: Float64Array;
  /** Text of the model's own choice at each place. */
  readonly choices: readonly string[];
  readonly choiceLogProbs: Float64Array;
  /** Of the tokens here that have a score; NaN where none has. */
  readonly bitsPerByte: number;
}

export interface ModelRequests extends DraftRequests, CompletionRequests {
  /** Loads a model, in place of the one before. */
  load: { params: LoadParams; result: ModelDescription };
  status: { params: null; result: ModelStatus };
  /** Times forwards: takes about a second. */
  measure: { params: { readonly milliseconds: number }; result: StepCost };
  surprise: { params: SurpriseParams; result: TextSurpriseResult };
  /** Describes a folder without loading it; needs no loaded model. */
  inspect: { params: { readonly path: string }; result: ModelSummary };
}

export type ModelRequestName = keyof ModelRequests;
export type ModelParams<N extends ModelRequestName> = ModelRequests[N]['params'];
export type ModelResult<N extends ModelRequestName> = ModelRequests[N]['result'];

/** Host → model process. */
export type ModelHostMessage =
  | {
      readonly type: 'request';
      readonly id: number;
      readonly name: ModelRequestName;
      readonly params: unknown;
    }
  | { readonly type: 'cancel'; readonly id: number };

/** Model process → host. */
export type ModelProcessMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: EngineError }
  | { readonly type: 'progress'; readonly id: number; readonly progress: EngineProgress };
