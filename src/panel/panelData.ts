// What the inspector needs from the rest of Tessera. `DocumentTokens` of src/editor has the first part; the composition
// root adds the choice of encoding and the log, so that the panel knows neither settings nor worker.
import type * as vscode from 'vscode';
import type { DocumentState, QueryName } from '../engine/documentTracker';
import type { DocumentTotals, EngineReply, RequestParams, RequestResult } from '../engine/engineProtocol';
import type { PanelFeature } from './panelFeature';
import type { CompareChoice, EncodingChoice } from '../shared/panelProtocol';

export interface PanelTokens {
  /** Whether this document is counted at all. */
  accepts(document: vscode.TextDocument): boolean;
  follow(document: vscode.TextDocument): void;
  state(document: vscode.TextDocument): DocumentState | undefined;
  query<N extends QueryName>(
    name: N,
    document: vscode.TextDocument,
    params: Omit<RequestParams<N>, 'handle'>,
  ): Promise<EngineReply<RequestResult<N>>>;
  readonly onDidChange: vscode.Event<vscode.TextDocument>;
}

export interface PanelServices {
  readonly tokens: PanelTokens;
  /** Asked each time the list is needed: users add tokenizer files. */
  encodings(): readonly EncodingChoice[];
  encodingOf(document: vscode.TextDocument): string;
  chooseEncoding(document: vscode.TextDocument, encoding: string): Promise<void>;
  /** Sentences about these totals beside the engine's own, such as the count for a chosen model. */
  notes(document: vscode.TextDocument, totals: DocumentTotals): readonly string[];
  /** The notes may have changed. */
  readonly onDidChangeNotes: vscode.Event<void>;
  /** What the Compare view offers. */
  compareChoices(): readonly CompareChoice[];
  /** The host's parts of the views beyond the tokens. */
  readonly features: readonly PanelFeature[];
  /** Counts again what failed. */
  retry(): void;
}
