// The host's part of the Surprise view: pieces of the document scored by the local model, and the jump to a token of it.
import * as vscode from 'vscode';
import type { TextSurpriseResult } from '../engine/modelProtocol';
import type { SurpriseScores } from '../editor/surpriseScores';
import { bitsOf } from '../editor/surpriseText';
import type { HostEvent } from '../shared/panelProtocol';
import { surprisePieceTokens, type SurprisePeak, type SurprisePiece } from '../shared/surpriseProtocol';
import { staleReply, type PanelFeature } from './panelFeature';

const PEAKS = 40;

/** @param changed receives the event that scores became stale; owned by the caller */
export function surpriseFeature(
  scores: SurpriseScores,
  changed: vscode.EventEmitter<HostEvent>,
): PanelFeature {
  scores.onDidForget(() => changed.fire({ type: 'surpriseModel' }));
  return {
    onDidSend: changed.event,
    answers: {
      surprise: async ({ first }, { document, version }, cancellation) => {
        if (document.version !== version) return staleReply;
        // A piece begins where the one before it ended, which is where a window of the model begins.
        const part = { unit: 'tokens', from: first, to: first + surprisePieceTokens } as const;
        const reply = await scores.score(document, part, { cancellation });
        if (document.version !== version) return staleReply;
        if (!reply.ok) {
          const code = reply.error.code === 'cancelled' ? 'stale' : 'failed';
          return { ok: false, code, message: reply.error.message };
        }
        return { ok: true, result: pieceOf(document, tokensFrom(reply.value, first)) };
      },
      revealText: async ({ from, to }, { document, version }) => {
        if (document.version !== version) return staleReply;
        const range = new vscode.Range(document.positionAt(from), document.positionAt(to));
        const visible = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
        const editor =
          visible ??
          (await vscode.window.showTextDocument(document, {
            viewColumn: vscode.ViewColumn.One,
            preserveFocus: true,
          }));
        editor.selection = new vscode.Selection(range.start, range.end);
        editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
        return { ok: true, result: null };
      },
    },
  };
}

/** The tokens from `first` on: what was scored for the editor may begin earlier, and no token may count twice. */
function tokensFrom(result: TextSurpriseResult, first: number): TextSurpriseResult {
  const skip = Math.min(result.ids.length, first - result.first);
  if (skip <= 0) return result;
  return {
    ...result,
    first: result.first + skip,
    firstUtf16: result.utf16Ends[skip - 1] ?? 0,
    firstByte: result.byteEnds[skip - 1] ?? 0,
    ids: result.ids.subarray(skip),
    utf16Ends: result.utf16Ends.subarray(skip),
    byteEnds: result.byteEnds.subarray(skip),
    logProbs: result.logProbs.subarray(skip),
    ranks: result.ranks.subarray(skip),
    entropies: result.entropies.subarray(skip),
    choices: result.choices.slice(skip),
    choiceLogProbs: result.choiceLogProbs.subarray(skip),
  };
}

function pieceOf(document: vscode.TextDocument, result: TextSurpriseResult): SurprisePiece {
  const { first, firstUtf16, firstByte, ids, utf16Ends, byteEnds, ranks, entropies } = result;
  const bits = Float64Array.from(result.logProbs, bitsOf);
  let scoredBytes = 0;
  bits.forEach((value, i) => {
    if (!Number.isNaN(value))
      scoredBytes += (byteEnds[i] ?? 0) - (i === 0 ? firstByte : (byteEnds[i - 1] ?? 0));
  });
  const order = Array.from(bits.keys())
    .filter((i) => (bits[i] ?? NaN) > 0)
    .sort((a, b) => (bits[b] ?? 0) - (bits[a] ?? 0))
    .slice(0, PEAKS);
  const peaks = order.map((i): SurprisePeak => {
    const from = i === 0 ? firstUtf16 : (utf16Ends[i - 1] ?? 0);
    const to = utf16Ends[i] ?? 0;
    const start = document.positionAt(from);
    return {
      index: first + i,
      from,
      to,
      line: start.line,
      text: document.getText(new vscode.Range(start, document.positionAt(to))),
      bits: bits[i] ?? 0,
      rank: ranks[i] ?? 0,
      entropy: (entropies[i] ?? 0) / Math.LN2,
      choice: result.choices[i] ?? '',
      choiceProbability: Math.exp(result.choiceLogProbs[i] ?? NaN),
    };
  });
  return {
    model: result.model,
    window: result.window,
    vocabularySize: result.vocabularySize,
    totalTokens: result.totalTokens,
    totalBytes: result.totalBytes,
    first,
    last: first + ids.length,
    scoredBytes,
    bits,
    firstChoices: ranks.reduce((sum, rank) => sum + (rank === 1 ? 1 : 0), 0),
    peaks,
  };
}
