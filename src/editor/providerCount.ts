// The count of a model's own provider, for models whose tokenizer is not public: through a chat model that the user has in
// VS Code. The text leaves the machine, so the user is told to whom it goes and agrees each time.
import * as vscode from 'vscode';
import type { ChosenModels } from '../chosenModel';
import { modelTokenCount } from '../core/pricing/requestCost';
import type { DocumentTokens } from './documentTokens';

/** The part of vscode.LanguageModelChat that is needed. */
export type CountingModel = Pick<vscode.LanguageModelChat, 'name' | 'vendor' | 'family' | 'countTokens'>;

/** The command: picks one of the user's chat models and asks it about the active editor. */
export async function askProvider(documents: DocumentTokens, models: ChosenModels): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Open a file first: the provider counts the active editor.'),
    );
    return;
  }
  const available = await vscode.lm.selectChatModels();
  if (available.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'No language model is available in this VS Code. Sign in to a chat provider, then ask again.',
      ),
    );
    return;
  }
  const picked = await vscode.window.showQuickPick(
    available.map((model) => ({
      label: model.name,
      description: `${model.vendor} · ${model.family}`,
      model,
    })),
    { title: vscode.l10n.t('Which model should count?') },
  );
  if (picked === undefined) return;
  const answer = await providerCount(picked.model, document, ownCount(document, documents, models), agrees);
  if (answer === undefined) return;
  void (answer.ok
    ? vscode.window.showInformationMessage(answer.message)
    : vscode.window.showWarningMessage(answer.message));
}

export type ProviderAnswer = { readonly ok: boolean; readonly message: string };

/**
 * Asks one model, after consent. Undefined when the user does not agree or cancels.
 * @param own Tessera's own count in words, to stand beside the provider's
 */
export async function providerCount(
  model: CountingModel,
  document: vscode.TextDocument,
  own: string | undefined,
  consent: (model: CountingModel) => Promise<boolean>,
): Promise<ProviderAnswer | undefined> {
  if (!(await consent(model))) return undefined;
  const numbers = new Intl.NumberFormat(vscode.env.language);
  return await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Counting with {0}', model.name),
      cancellable: true,
    },
    async (_, token): Promise<ProviderAnswer | undefined> => {
      try {
        const tokens = await model.countTokens(document.getText(), token);
        if (token.isCancellationRequested) return undefined;
        if (!Number.isFinite(tokens) || tokens < 0)
          return { ok: false, message: vscode.l10n.t('{0} gave no number of tokens.', model.name) };
        const theirs = vscode.l10n.t(
          '{0} counts {1} tokens in this file.',
          model.name,
          numbers.format(tokens),
        );
        return { ok: true, message: own === undefined ? theirs : `${theirs} ${own}` };
      } catch (error) {
        if (token.isCancellationRequested || error instanceof vscode.CancellationError) return undefined;
        const reason = error instanceof Error ? error.message : String(error);
        return { ok: false, message: vscode.l10n.t('{0} could not count: {1}', model.name, reason) };
      }
    },
  );
}

async function agrees(model: CountingModel): Promise<boolean> {
  const send = vscode.l10n.t('Send and Count');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Send the text of this file to {0} ({1})?', model.name, model.vendor),
    {
      modal: true,
      detail: vscode.l10n.t('Counting is done by the provider of the model; Tessera itself sends nothing.'),
    },
    send,
  );
  return answer === send;
}

/** What Tessera says about the same text, as a sentence; undefined while it is not counted. */
function ownCount(
  document: vscode.TextDocument,
  documents: DocumentTokens,
  models: ChosenModels,
): string | undefined {
  const state = documents.state(document);
  if (state?.kind !== 'counted') return undefined;
  const model = models.forScope(document);
  const count = model === undefined ? undefined : modelTokenCount(model.tokenizer, state.totals.tokens);
  const number = new Intl.NumberFormat(vscode.env.language).format(count?.tokens ?? state.totals.tokens);
  const shown = count?.exact === false ? `≈ ${number}` : number;
  const name = model?.name ?? models.encodingLabel(state.totals.tokenizer);
  return vscode.l10n.t('Tessera: {0} for {1}.', shown, name);
}
