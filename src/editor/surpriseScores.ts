// Scores of documents by the local model, kept for as long as document version and model stay the same. The heat map, the
// hover and the panel read the same scores, so a token shows one number wherever it is looked at.
import * as vscode from 'vscode';
import type { CancellationLike } from '../engine/engineClient';
import type { EngineProgress, EngineReply } from '../engine/engineProtocol';
import type { SurpriseParams, TextSurpriseResult } from '../engine/modelProtocol';
import type { LocalModel } from '../localModel';

export interface SurpriseScores {
  /**
   * Scores of the tokens of a part of the document (UTF-16 offsets, or token indexes of the model's tokenizer). Never
   * rejects; the reply is about the document's version at the time of the call.
   */
  score(
    document: vscode.TextDocument,
    part: NonNullable<SurpriseParams['part']>,
    options?: {
      readonly cancellation?: CancellationLike;
      readonly onProgress?: (progress: EngineProgress) => void;
    },
  ): Promise<EngineReply<TextSurpriseResult>>;
  /** What is known already about a position; undefined when it was not scored for this version. */
  known(document: vscode.TextDocument, offset: number): TextSurpriseResult | undefined;
  /** Fires when all scores became stale because another model answers. */
  readonly onDidForget: vscode.Event<void>;
  dispose(): void;
}

/** UTF-16 units. The whole text is tokenized for every part, because a token depends on all text before it. */
export const LONGEST_SCORED_TEXT = 4_000_000;
/** Parts kept for one document; a part is at least half a window of tokens. */
const PARTS_KEPT = 64;

interface Known {
  readonly version: number;
  readonly parts: TextSurpriseResult[];
}

export function createSurpriseScores(model: LocalModel): SurpriseScores {
  const forgotten = new vscode.EventEmitter<void>();
  let documents = new WeakMap<vscode.TextDocument, Known>();
  const partsOf = (document: vscode.TextDocument): TextSurpriseResult[] => {
    const found = documents.get(document);
    if (found?.version === document.version) return found.parts;
    const made: Known = { version: document.version, parts: [] };
    documents.set(document, made);
    return made.parts;
  };
  const listener = model.onDidChangeModel(() => {
    documents = new WeakMap();
    forgotten.fire();
  });
  return {
    score: async (document, part, { cancellation, onProgress } = {}) => {
      const parts = partsOf(document);
      const found = parts.find((each) => holds(each, part));
      if (found !== undefined) return { ok: true, value: found };
      const text = document.getText();
      if (text.length > LONGEST_SCORED_TEXT)
        return {
          ok: false,
          error: {
            code: 'failed',
            message: vscode.l10n.t(
              'This file is longer than {0} million characters. Copy the part that interests you into a new file.',
              LONGEST_SCORED_TEXT / 1e6,
            ),
          },
        };
      const reply = await model.request(
        'surprise',
        { text, part },
        {
          ...(cancellation === undefined ? {} : { cancellation }),
          ...(onProgress === undefined ? {} : { onProgress }),
        },
      );
      // A model that was changed meanwhile has emptied the map; its late answer is nobody's score.
      if (reply.ok && documents.get(document)?.parts === parts) {
        parts.push(reply.value);
        if (parts.length > PARTS_KEPT) parts.shift();
      }
      return reply;
    },
    known: (document, offset) => {
      const found = documents.get(document);
      if (found?.version !== document.version) return undefined;
      return found.parts.find((part) => holds(part, { unit: 'utf16', from: offset, to: offset + 1 }));
    },
    onDidForget: forgotten.event,
    dispose: () => {
      listener.dispose();
      forgotten.dispose();
    },
  };
}

function holds(result: TextSurpriseResult, { unit, from, to }: NonNullable<SurpriseParams['part']>): boolean {
  const { first, firstUtf16, totalTokens, ids, utf16Ends } = result;
  const last = first + ids.length;
  if (unit === 'tokens') return first <= from && Math.min(to, totalTokens) <= last;
  return firstUtf16 <= from && (to <= (utf16Ends.at(-1) ?? 0) || last === totalTokens);
}
