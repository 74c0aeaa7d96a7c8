// The host's part of the Drafts view: drafts at the editor's cursor when the page asks, and the insertion of one of them. The
// drafts of the last runs are kept here; the page can only name one, never say what is to be written.
import * as vscode from 'vscode';
import { draftSettings } from '../draftSettings';
import { isReadOnlyFile, reasonForSilence } from '../editor/draftPlaces';
import type { DocumentDrafts, DraftService } from '../editor/draftService';
import type { LocalModel } from '../localModel';
import { panelDrafts } from './panelDrafts';
import { refusedReply, staleReply, type PanelFeature } from './panelFeature';
import type { DraftsSetup, DraftWishes, WhyPart } from '../shared/draftsProtocol';
import type { HostEvent, PanelReply } from '../shared/panelProtocol';

export interface DraftsFeature extends PanelFeature {
  /** The user asked for drafts; the view carries it out as soon as it is there. */
  want(part: WhyPart | 'drafts'): void;
  dispose(): void;
}

/** What the feature needs of the local model. */
type ModelPart = Pick<LocalModel, 'choice' | 'state' | 'problem' | 'status' | 'onDidChange'>;

interface Run {
  readonly document: vscode.TextDocument;
  readonly answer: DocumentDrafts;
}

/** Runs whose drafts can still be accepted. */
const RUNS_KEPT = 4;

/** @param modelCommand runs a command about the model: its choice, or its restart */
export function createDraftsFeature(
  service: Pick<DraftService, 'drafts'>,
  model: ModelPart,
  modelCommand: (command: 'choose' | 'restart') => unknown,
): DraftsFeature {
  const sent = new vscode.EventEmitter<HostEvent>();
  const runs = new Map<number, Run>();
  let lastRun = 0;
  let wanted: DraftsSetup['wanted'] = null;
  const changed = (): void => sent.fire({ type: 'draftsChanged' });
  const listening = model.onDidChange(changed);

  function setup(document: vscode.TextDocument | undefined): PanelReply {
    const { method, count } = draftSettings(document);
    const result: DraftsSetup = {
      model: modelName(model),
      state: model.state,
      problem: model.problem ?? null,
      method,
      count,
      wanted,
    };
    wanted = null;
    return { ok: true, result };
  }

  async function drafts(
    wishes: DraftWishes,
    document: vscode.TextDocument | undefined,
    cancellation: vscode.CancellationToken,
  ): Promise<PanelReply> {
    if (document === undefined)
      return refusedReply(vscode.l10n.t('Open a file and place the cursor where drafts should start.'));
    const editor = editorOf(document);
    if (editor === undefined)
      return refusedReply(
        vscode.l10n.t('This file is in no visible editor. Bring it to the front and place the cursor.'),
      );
    if (editor.selections.length > 1)
      return refusedReply(vscode.l10n.t('Drafts are written for one cursor; there are several.'));
    const position = editor.selection.active;
    const reason = reasonForSilence(document, position);
    if (reason !== undefined) return refusedReply(reason);
    if (await isReadOnlyFile(document))
      return refusedReply(vscode.l10n.t('This file is read-only: a draft could not be inserted.'));
    const reply = await service.drafts(document, position, { ...wishes, explain: true }, cancellation);
    if (!reply.ok) {
      if (reply.error.code === 'cancelled') return staleReply;
      return { ok: false, code: 'failed', message: reply.error.message };
    }
    const run = ++lastRun;
    runs.set(run, { document, answer: reply.value });
    runs.delete(run - RUNS_KEPT);
    if (document.version !== reply.value.version) return staleReply;
    return { ok: true, result: panelDrafts(document, run, reply.value, modelName(model)) };
  }

  async function accept(number: number, index: number): Promise<PanelReply> {
    const run = runs.get(number);
    const draft = run?.answer.drafts[index];
    if (run === undefined || draft === undefined || run.document.isClosed)
      return refusedReply(vscode.l10n.t('This draft is no longer there. Draft again.'));
    const { document, answer } = run;
    const outdated = refusedReply(
      vscode.l10n.t('The document has changed since this draft was written. Draft again.'),
    );
    if (document.version !== answer.version) return outdated;
    const editor = await showEditor(document);
    if (document.version !== answer.version) return outdated;
    // The text goes to the end of the partial word, so nothing that the user typed is replaced; one step of undo.
    const at = answer.word.end;
    const inserted = await editor.edit((builder) => builder.insert(at, draft.text), {
      undoStopBefore: true,
      undoStopAfter: true,
    });
    if (!inserted) return refusedReply(vscode.l10n.t('The editor did not take the draft.'));
    const end = endOf(at, draft.text);
    editor.selection = new vscode.Selection(end, end);
    editor.revealRange(new vscode.Range(end, end));
    return { ok: true, result: { inserted: draft.text.length } };
  }

  return {
    freeAnswers: {
      draftsSetup: (_, document) => Promise.resolve(setup(document)),
      drafts: (wishes, document, cancellation) => drafts(wishes, document, cancellation),
      acceptDraft: ({ run, draft }) => accept(run, draft),
      modelCommand: async ({ command }) => {
        await modelCommand(command);
        return { ok: true, result: null };
      },
    },
    onDidSend: sent.event,
    want: (part) => {
      wanted = part;
      changed();
    },
    dispose: () => {
      listening.dispose();
      sent.dispose();
    },
  };
}

function modelName({ choice, status }: ModelPart): string {
  switch (choice.kind) {
    case 'server':
      return choice.model === '' ? choice.url : choice.model;
    case 'folder':
      return status?.description?.name ?? choice.path.replace(/^.*[\\/]/u, '');
    case 'embedded':
      return status?.description?.name ?? 'tessera-tiny';
  }
}

function editorOf(document: vscode.TextDocument): vscode.TextEditor | undefined {
  return vscode.window.visibleTextEditors.find((editor) => editor.document === document);
}

/** The editor of a document with the keyboard in it; in its own column where it has one. */
function showEditor(document: vscode.TextDocument): Thenable<vscode.TextEditor> {
  const visible = editorOf(document);
  return vscode.window.showTextDocument(document, {
    viewColumn: visible?.viewColumn ?? vscode.ViewColumn.One,
    preserveFocus: false,
    ...(visible && { selection: visible.selection }),
  });
}

/** Where a text ends that is inserted at `at`. */
function endOf(at: vscode.Position, text: string): vscode.Position {
  const lines = text.split('\n');
  const last = lines.at(-1) ?? '';
  return lines.length === 1
    ? at.translate(0, last.length)
    : new vscode.Position(at.line + lines.length - 1, last.length);
}
