// The inspected document as the webview is told about it: the engine's state in words that a reader can act on.
import * as vscode from 'vscode';
import type { DocumentState, EstimateReason } from '../engine/documentTracker';
import type { DocumentTotals } from '../engine/engineProtocol';
import type { DocumentName, PanelDocument, TokenScope } from '../shared/panelProtocol';

export function nameOf(document: vscode.TextDocument): DocumentName {
  const path = vscode.workspace.asRelativePath(document.uri, false);
  const slash = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return {
    uri: document.uri.toString(),
    name: path.slice(slash + 1),
    folder: slash > 0 ? path.slice(0, slash) : '',
  };
}

function reasonOf(reason: EstimateReason): string {
  switch (reason) {
    case 'tooLarge':
      return vscode.l10n.t(
        'The file is larger than the limit for exact counting (setting tessera.exactLimitMegabytes); samples of it were counted instead.',
      );
    case 'timeout':
      return vscode.l10n.t(
        'Counting took longer than its time budget and was stopped; samples were counted instead.',
      );
    case 'crashed':
      return vscode.l10n.t('The token engine stopped on this file; samples were counted instead.');
  }
}

function notesOf({ specialTexts, replacementCharacters }: DocumentTotals): string[] {
  const notes: string[] = [];
  if (specialTexts.length > 0)
    notes.push(
      vscode.l10n.t('Counted as ordinary text: {0}', specialTexts.slice(0, 5).join(', ')) +
        (specialTexts.length > 5 ? ' …' : ''),
    );
  if (replacementCharacters > 0)
    notes.push(
      vscode.l10n.t(
        'Replacement characters or lone surrogates: {0}. The file may be binary or in another encoding.',
        replacementCharacters,
      ),
    );
  return notes;
}

/** What to show; `generation` stamps everything that is about this version. */
export function panelDocument(
  document: vscode.TextDocument,
  state: DocumentState | undefined,
  encoding: string,
  generation: number,
  scope: TokenScope | null,
  notes: (totals: DocumentTotals) => readonly string[],
): PanelDocument {
  const file = nameOf(document);
  if (state === undefined || state.kind === 'counting') return { state: 'counting', file, encoding };
  if (state.kind === 'unavailable') return { state: 'failed', file, encoding, message: state.error.message };
  if (state.kind === 'estimated') {
    const { tokens, utf16Length, reason } = state;
    return { state: 'estimated', file, encoding, tokens, length: utf16Length, reason: reasonOf(reason) };
  }
  const { totals } = state;
  return {
    state: 'ready',
    file,
    generation,
    encoding: totals.tokenizer,
    exactness: totals.provenance.exactness,
    source: totals.provenance.source,
    tokens: totals.tokens,
    characters: totals.characters,
    bytes: totals.bytes,
    length: totals.utf16Length,
    scope,
    notes: [...notes(totals), ...notesOf(totals)],
  };
}
