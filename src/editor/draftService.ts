// Drafts and next bytes for a place in a document: the one door through which inline completions, the panel and commands
// reach the chosen model, be it a local one or a server. It reads the text, fills in the settings, and says where the text
// of a draft goes. It shows nothing.
import * as vscode from 'vscode';
import { draftSettings } from '../draftSettings';
import type { DraftsAnswer, DraftsParams, EnsembleMember, NextByteAnswer } from '../engine/draftProtocol';
import type { EngineReply } from '../engine/engineProtocol';
import { answerServerDrafts } from '../engine/serverDrafts';
import type { LocalModel } from '../localModel';
import { secondModelFolder } from '../modelSettings';
import { cursorText, partialWord, type CursorText } from './cursorText';
import { otherOpenFiles } from './otherOpenFiles';
import type { DraftPlanting } from './watermarkPlanting';

/** Wishes that go before the settings. */
export type DraftOptions = Omit<DraftsParams, 'prefix' | 'suffix' | 'path' | 'otherFiles'> & {
  /** Written before the drafts and part of what replaces the partial word, such as the item chosen in the suggest list. */
  readonly insertedFirst?: string;
};

export interface DocumentDrafts extends DraftsAnswer {
  /** Version of the document that the drafts are for. */
  readonly version: number;
  readonly position: vscode.Position;
  /** The partial word before the cursor; a draft's text goes to the end of it. */
  readonly word: vscode.Range;
}

export interface DraftService {
  /** Never rejects. Starts the model process when none runs: call it for what the user asked for. */
  drafts(
    document: vscode.TextDocument,
    position: vscode.Position,
    options?: DraftOptions,
    cancellation?: vscode.CancellationToken,
  ): Promise<EngineReply<DocumentDrafts>>;
  /** The next byte under exact, token-level and healed prompting. Local models only. Never rejects. */
  nextByte(
    document: vscode.TextDocument,
    position: vscode.Position,
    cancellation?: vscode.CancellationToken,
  ): Promise<EngineReply<NextByteAnswer>>;
  /** Requests that wait for the model now. */
  readonly busy: number;
  readonly onDidChangeBusy: vscode.Event<void>;
  dispose(): void;
}

/** Prompt tokens in the editor: most of the gain of a longer prompt, at a fraction of the wait after a jump. */
const PROMPT_TOKENS = 768;

/** @param planting the mark that drafts carry while the user wants one */
export function createDraftService(localModel: LocalModel, planting?: DraftPlanting): DraftService {
  const changed = new vscode.EventEmitter<void>();
  let busy = 0;

  async function counted<T>(work: () => Promise<T>): Promise<T> {
    busy++;
    changed.fire();
    try {
      return await work();
    } finally {
      busy--;
      changed.fire();
    }
  }

  /** A mark is planted while sampling: a method that always takes the best token leaves it little to choose from. */
  async function withMark<T extends Pick<DraftsParams, 'method' | 'watermark'>>(wishes: T): Promise<T> {
    if (wishes.watermark !== undefined || planting === undefined) return wishes;
    const watermark = await planting.params();
    return watermark === undefined ? wishes : { ...wishes, watermark, method: wishes.method ?? 'nucleus' };
  }

  async function ask(
    document: vscode.TextDocument,
    text: CursorText,
    { insertedFirst = '', ...asked }: DraftOptions,
    cancellation: vscode.CancellationToken | undefined,
  ): Promise<EngineReply<DraftsAnswer>> {
    let wishes: typeof asked;
    try {
      wishes = await withMark(asked);
    } catch (error) {
      return refusal(error instanceof Error ? error.message : String(error));
    }
    const { count, method, maxTokens, multiLine, documentWeight } = draftSettings(document);
    const second = secondModelFolder();
    const ensemble: EnsembleMember[] = [
      ...(documentWeight > 0 ? [{ kind: 'document', weight: documentWeight } as const] : []),
      ...(second === undefined ? [] : [{ kind: 'model', path: second, weight: 1 } as const]),
    ];
    const params: DraftsParams = {
      count,
      method,
      maxTokens,
      singleLine: !multiLine,
      promptTokens: PROMPT_TOKENS,
      // The ensemble replaces the method; whoever names one, explains covers or plants a mark wants the model alone.
      ...(ensemble.length > 0 &&
      wishes.method === undefined &&
      wishes.watermark === undefined &&
      !wishes.explain
        ? { ensemble }
        : {}),
      ...wishes,
      path: vscode.workspace.asRelativePath(document.uri, false),
      prefix: text.prefix + insertedFirst,
      suffix: text.suffix,
    };
    const server = await localModel.server();
    if (server !== undefined) {
      if (params.watermark !== undefined)
        return refusal(
          vscode.l10n.t(
            'A server cannot plant a watermark. Stop planting, or choose a model on this machine.',
          ),
        );
      const abort = new AbortController();
      const listening = cancellation?.onCancellationRequested(() => abort.abort());
      try {
        return await answerServerDrafts(server, params, abort.signal);
      } finally {
        listening?.dispose();
      }
    }
    return await localModel.request(
      'drafts',
      { ...params, otherFiles: otherOpenFiles(document) },
      cancellation === undefined ? {} : { cancellation },
    );
  }

  return {
    get busy() {
      return busy;
    },
    onDidChangeBusy: changed.event,
    drafts: (document, position, options = {}, cancellation) =>
      counted(async () => {
        const text = cursorText(document, position);
        const word = partialWord(document, position);
        const reply = await ask(document, text, options, cancellation);
        if (reply.ok) planting?.wrote(reply.value.watermark);
        return reply.ok
          ? { ok: true, value: { ...reply.value, version: text.version, position, word } }
          : reply;
      }),
    nextByte: (document, position, cancellation) =>
      counted(async () => {
        const { prefix, suffix } = cursorText(document, position);
        const path = vscode.workspace.asRelativePath(document.uri, false);
        return await localModel.request(
          'nextByte',
          { prefix, suffix, path, promptTokens: PROMPT_TOKENS },
          cancellation === undefined ? {} : { cancellation },
        );
      }),
    dispose: () => changed.dispose(),
  };
}

const refusal = (message: string): EngineReply<never> => ({
  ok: false,
  error: { code: 'badRequest', message },
});
