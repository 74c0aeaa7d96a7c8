// The host's part of a view. A view that needs data of its own brings a PanelFeature: answers to the requests it declares in
// src/shared, and events for the page. The inspector routes; it knows no feature by name.
import * as vscode from 'vscode';
import type {
  HostEvent,
  PanelReply,
  PanelRequestName,
  PanelRequestParams,
  WebviewRequest,
} from '../shared/panelProtocol';

/** One version of a document. */
export interface InspectedVersion {
  readonly document: vscode.TextDocument;
  readonly version: number;
}

/** The page no longer waits for an answer whose cancellation was requested. */
export type PanelAnswer<N extends PanelRequestName, D = InspectedVersion> = (
  params: PanelRequestParams<N>,
  inspected: D,
  cancellation: vscode.CancellationToken,
) => Promise<PanelReply>;

export interface PanelFeature {
  /**
   * Answers about the version that the reader sees; a request about an older one never gets here. When the document has
   * changed meanwhile, answer 'stale': the page asks again.
   */
  readonly answers?: { readonly [N in PanelRequestName]?: PanelAnswer<N> };
  /** Answers to `HostLink.ask`: requests that hold whatever the document is, or without one. */
  readonly freeAnswers?: {
    readonly [N in PanelRequestName]?: PanelAnswer<N, vscode.TextDocument | undefined>;
  };
  /** Posted to the page while there is one. */
  readonly onDidSend?: vscode.Event<HostEvent>;
  /** What a page that has just come alive must be told. */
  welcome?(): readonly HostEvent[];
}

/** The answer to a request about a version that is no longer the current one. */
export const staleReply: PanelReply = {
  ok: false,
  code: 'stale',
  message: vscode.l10n.t('The document has changed since.'),
};

export const refusedReply = (message: string): PanelReply => ({ ok: false, code: 'refused', message });

/**
 * Finds the feature that answers a request and lets it.
 *
 * @param current the version that `generation` stands for; undefined when the request is about an older one
 * @param document what the inspector shows
 */
export async function answerRequest(
  features: readonly PanelFeature[],
  request: WebviewRequest,
  current: InspectedVersion | undefined,
  document: vscode.TextDocument | undefined,
  cancellation: vscode.CancellationToken,
): Promise<PanelReply> {
  const { name, params } = request;
  // Generation 0 is no version: the request is about no document in particular.
  if (request.generation === 0) {
    for (const { freeAnswers } of features) {
      const answer = freeAnswers?.[name] as
        PanelAnswer<PanelRequestName, vscode.TextDocument | undefined> | undefined;
      if (answer !== undefined) return answer(params, document, cancellation);
    }
  } else {
    if (current === undefined) return staleReply;
    for (const { answers } of features) {
      const answer = answers?.[name] as PanelAnswer<PanelRequestName> | undefined;
      if (answer !== undefined) return answer(params, current, cancellation);
    }
  }
  return refusedReply(vscode.l10n.t('Nothing here answers “{0}”.', name));
}
