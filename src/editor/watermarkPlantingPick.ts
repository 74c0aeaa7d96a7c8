// Chooses what drafts carry: nothing, a saved scheme that fits the local model, or a new one made for it. Schemes that leave
// the model's distribution as it is come first. The model's own tokenizer file is kept, so that checks can use it later.
import * as vscode from 'vscode';
import type { TokenizerId } from '../engine/engineProtocol';
import { FILE_PREFIX } from '../engine/keptTokenizers';
import type { LocalModel } from '../localModel';
import type { TokenizerLibrary } from './tokenizerLibrary';
import type { WatermarkPlanting } from './watermarkPlanting';
import { randomKey } from './watermarkSchemeInput';
import type { SavedScheme, WatermarkSchemeStore } from './watermarkSchemeStore';
import { SCHEME_TEMPLATES, type SchemeTemplate } from './watermarkTemplates';

/** What a scheme must fit to be planted by the local model. */
export interface PlantingModel {
  readonly name: string;
  readonly vocabularySize: number;
  readonly tokenizer: TokenizerId;
}

export interface PlantingParts {
  readonly store: WatermarkSchemeStore;
  readonly planting: WatermarkPlanting;
  readonly localModel: LocalModel;
  readonly library: TokenizerLibrary;
}

type PlantingItem = vscode.QuickPickItem & {
  readonly off?: true;
  readonly saved?: SavedScheme;
  readonly template?: SchemeTemplate;
};

/** The local model's vocabulary and tokenizer. Loads the model. */
export async function plantingModel({ localModel, library }: PlantingParts): Promise<PlantingModel> {
  const reply = await localModel.request('status', null);
  if (!reply.ok) throw new Error(reply.error.message);
  const { description } = reply.value;
  if (description === undefined) throw new Error(vscode.l10n.t('No local model is loaded.'));
  const { name, folder, vocabularySize } = description;
  const path = vscode.Uri.joinPath(vscode.Uri.file(folder), 'tokenizer.json').fsPath;
  const added = await library.add({ source: { path }, name: vscode.l10n.t('{0} tokenizer', name) });
  if (!added.ok) throw new Error(added.error.message);
  if (!added.value.ok)
    throw new Error(
      vscode.l10n.t('The tokenizer of {0} cannot be used: {1}', name, added.value.reason.message),
    );
  return { name, vocabularySize, tokenizer: FILE_PREFIX + added.value.entry.sha256 };
}

/** Makes a scheme for the local model, with a new random key. */
export async function newPlantingScheme(
  store: WatermarkSchemeStore,
  template: SchemeTemplate,
  model: PlantingModel,
): Promise<SavedScheme> {
  const base = `${template.label} · ${model.name}`.slice(0, 54);
  let name = base;
  for (let number = 2; store.nameProblem(name) !== undefined; number += 1) name = `${base} ${number}`;
  const added = await store.add({
    name,
    settings: JSON.stringify(template.settings),
    tokenizer: model.tokenizer,
    vocabularySize: model.vocabularySize,
    key: randomKey(template),
  });
  if (!added.ok) throw new Error(added.reason);
  return added.value;
}

/** Runs the dialogue; resolves when it is closed. */
export async function choosePlanting(parts: PlantingParts): Promise<void> {
  const { store, planting } = parts;
  const model = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Loading the local model') },
    () => plantingModel(parts),
  );
  const picked = await vscode.window.showQuickPick(itemsFor(parts, model), {
    title: vscode.l10n.t('Watermark in drafts of {0}', model.name),
    placeHolder: vscode.l10n.t('Drafts are sampled while a mark is planted; the key stays on this machine'),
    matchOnDescription: true,
  });
  if (picked === undefined) return;
  if (picked.off === true) {
    await planting.use(undefined);
    return;
  }
  const scheme =
    picked.template === undefined ? picked.saved : await newPlantingScheme(store, picked.template, model);
  await planting.use(scheme);
}

function itemsFor({ store, planting }: PlantingParts, model: PlantingModel): PlantingItem[] {
  const heading = (label: string): PlantingItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const current = planting.scheme;
  const cost = (free: boolean): string =>
    free
      ? vscode.l10n.t('leaves the model’s distribution as it is')
      : vscode.l10n.t('biases the model; the cost is shown after each draft');
  const saved = store.all
    .filter(
      ({ tokenizer, vocabularySize }) =>
        tokenizer === model.tokenizer && vocabularySize === model.vocabularySize,
    )
    .sort((a, b) => Number(b.distortionFree) - Number(a.distortionFree));
  return [
    ...(current === undefined
      ? []
      : [{ label: `$(circle-slash) ${vscode.l10n.t('Stop planting')}`, off: true as const }]),
    ...(saved.length === 0 ? [] : [heading(vscode.l10n.t('Saved schemes that fit {0}', model.name))]),
    ...saved.map((scheme) => ({
      label: scheme.id === current?.id ? `$(check) ${scheme.name}` : scheme.name,
      description: vscode.l10n.t('key {0}', scheme.fingerprint),
      detail: `${scheme.scheme}: ${cost(scheme.distortionFree)}`,
      saved: scheme,
    })),
    heading(vscode.l10n.t('New scheme for {0}, with a new random key', model.name)),
    ...SCHEME_TEMPLATES.map((template) => ({
      label: `$(add) ${template.label}`,
      description: template.source,
      detail: cost(template.distortionFree),
      template,
    })),
  ];
}
