// The list of models to count for, by vendor, with exactness and price.
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
