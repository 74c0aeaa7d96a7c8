// The list of models to count for, by vendor, with exactness and price; and the question to the provider itself.
import * as vscode from 'vscode';
import type { ChosenModels } from '../chosenModel';
import type { Model } from '../core/pricing/modelCatalogue';
import { formatMoney, priceAge } from '../core/pricing/requestCost';

type ModelItem = vscode.QuickPickItem & { readonly model?: Model | null };

/** Lets the user choose a model, or none; stores it where a value already stands, in the user settings otherwise. */
export async function chooseModel(models: ChosenModels): Promise<void> {
  const scope = vscode.window.activeTextEditor?.document;
  const current = models.forScope(scope);
  const locale = vscode.env.language;
  const items: ModelItem[] = [
    {
      label: vscode.l10n.t('No model'),
      description: vscode.l10n.t('count with the chosen encoding'),
      model: null,
    },
  ];
  let vendor = '';
  for (const model of models.catalogue.models) {
    if (model.vendor !== vendor) {
      vendor = model.vendor;
      items.push({ label: vendor, kind: vscode.QuickPickItemKind.Separator });
    }
    const exact =
      model.tokenizer.exactness === 'exact' ? vscode.l10n.t('exact') : vscode.l10n.t('≈ estimate');
    items.push({
      label: model.id === current?.id ? `$(check) ${model.name}` : model.name,
      description: `${exact} · ${model.tokenizer.encoding}`,
      detail: detailOf(model, locale),
      model,
    });
  }
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Model to count for'),
    placeHolder: vscode.l10n.t('Its tokenizer, price and context window are used for every count'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (chosen?.model === undefined) return;
  await models.store(chosen.model?.id ?? '', scope);
}

function detailOf(model: Model, locale: string): string {
  const parts: string[] = [];
  const { price } = model;
  if (price === undefined) parts.push(vscode.l10n.t('no price known'));
  else {
    const input = formatMoney(price.input, price.currency, locale);
    const output = formatMoney(price.output, price.currency, locale);
    const age = priceAge(model, Date.now());
    const date = model.date ?? vscode.l10n.t('no date');
    parts.push(vscode.l10n.t('{0} in, {1} out per million tokens', input, output));
    parts.push(
      age?.old === true
        ? vscode.l10n.t('price of {0}, {1} days old', date, age.days)
        : vscode.l10n.t('price of {0}', date),
    );
  }
  if (model.contextWindow !== undefined) {
    parts.push(
      vscode.l10n.t('{0} tokens of context', new Intl.NumberFormat(locale).format(model.contextWindow)),
    );
  }
  return parts.join(' · ');
}

/**
 * Asks a chat model that the user has in VS Code to count the document with its own tokenizer. The text goes to that
 * model's provider, so the user is told to whom and must agree each time.
 */
export async function askProvider(): Promise<void> {
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
  const send = vscode.l10n.t('Send and Count');
  const agreed = await vscode.window.showWarningMessage(
    vscode.l10n.t('Send the text of this file to {0} ({1})?', picked.model.name, picked.model.vendor),
    {
      modal: true,
      detail: vscode.l10n.t('Counting is done by the provider of the model; Tessera itself sends nothing.'),
    },
    send,
  );
  if (agreed !== send) return;
  const tokens = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Counting with {0}', picked.model.name),
      cancellable: true,
    },
    (_, token) => picked.model.countTokens(document.getText(), token),
  );
  const count = new Intl.NumberFormat(vscode.env.language).format(tokens);
  void vscode.window.showInformationMessage(
    vscode.l10n.t('{0} counts {1} tokens in this file.', picked.model.name, count),
  );
}
