// Messages between a host (extension host, command line, tests) and the model process. One request has one response;
// progress may come between. To add a request: add it here and its handler to modelHandlers.ts (drafts: draftProtocol.ts and
// draftHandlers.ts).
import type { StepCost } from '../core/model/languageModel';
import type { DraftRequests } from './draftProtocol';
import type { EngineError, EngineProgress } from './engineProtocol';
import type { ModelDescription } from './languageModelLoader';

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

/** Every token of a text with what the model thought of it. Arrays have one entry per token. */
export interface TextSurpriseResult {
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
  readonly bitsPerByte: number;
}

export interface ModelRequests extends DraftRequests {
  /** Loads a model, in place of the one before. */
  load: { params: LoadParams; result: ModelDescription };
  status: { params: null; result: ModelStatus };
  /** Times forwards: takes about a second. */
  measure: { params: { readonly milliseconds: number }; result: StepCost };
  surprise: {
    params: { readonly text: string; readonly window?: number };
    result: TextSurpriseResult;
  };
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
