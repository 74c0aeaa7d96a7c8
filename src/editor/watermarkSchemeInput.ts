// The dialogue that adds a watermark scheme: where its settings come from, then what they leave open (vocabulary size,
// tokenizer, key, name). Every step checks what was typed and says what to change.
import { randomInt } from 'node:crypto';
import * as vscode from 'vscode';
import type { TokenizerId } from '../engine/engineProtocol';
import type { TokenizerChoice } from './encodingChoices';
import type { SavedScheme, WatermarkSchemeStore } from './watermarkSchemeStore';
import { namedVocabularySize, namesKey, prepareScheme } from './watermarkSettings';
import { SCHEME_TEMPLATES, type SchemeTemplate, usualVocabularySize } from './watermarkTemplates';

interface SettingsSource {
  readonly settings: string;
  /** Suggested name. */
  readonly name: string;
  readonly template: SchemeTemplate | undefined;
}

type SourceItem = vscode.QuickPickItem & {
  readonly from?: 'file' | 'text';
  readonly template?: SchemeTemplate;
};

/** Longest settings file that is read, in bytes. */
const MAX_FILE_BYTES = 1_000_000;
/** Any vocabulary size and key will do to judge the rest of the settings. */
const ANY_SIZE = 50_257;

/** Runs the dialogue; undefined when the user left it. */
export async function addWatermarkScheme(
  store: WatermarkSchemeStore,
  tokenizers: readonly TokenizerChoice[],
): Promise<SavedScheme | undefined> {
  const source = await chooseSource();
  if (source === undefined) return undefined;
  const tokenizer = await chooseTokenizer(tokenizers);
  if (tokenizer === undefined) return undefined;
  const named = namedVocabularySize(source.settings);
  const vocabularySize = named ?? (await askVocabularySize(source, tokenizer));
  if (vocabularySize === undefined) return undefined;
  const key = await askKey(source, vocabularySize);
  if (key === undefined) return undefined;
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('Name of the watermark scheme'),
    value: freeName(store, source.name),
    validateInput: (text) => store.nameProblem(text),
  });
  if (name === undefined) return undefined;
  const { settings } = source;
  const added = await store.add({
    name,
    settings,
    tokenizer,
    vocabularySize,
    ...(key === '' ? {} : { key }),
  });
  if (!added.ok) throw new Error(added.reason);
  void vscode.window.showInformationMessage(
    vscode.l10n.t(
      'Added “{0}”. Its key is kept in the secret storage; fingerprint {1}.',
      name,
      added.value.fingerprint,
    ),
  );
  return added.value;
}

async function chooseSource(): Promise<SettingsSource | undefined> {
  const heading = (label: string): SourceItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const named = (wanted: boolean): SourceItem[] =>
    SCHEME_TEMPLATES.filter(({ distortionFree }) => distortionFree === wanted).map((template) => ({
      label: template.label,
      description: template.source,
      template,
    }));
  const items: SourceItem[] = [
    heading(vscode.l10n.t('Settings you have')),
    {
      label: `$(file) ${vscode.l10n.t('From a JSON file…')}`,
      description: 'watermarking_config, generation_config.json, MarkLLM config',
      from: 'file',
    },
    { label: `$(json) ${vscode.l10n.t('Paste or type JSON…')}`, from: 'text' },
    heading(vscode.l10n.t('Named schemes that leave the model’s distribution as it is')),
    ...named(true),
    heading(vscode.l10n.t('Named schemes that bias the model')),
    ...named(false),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Add a watermark scheme'),
    placeHolder: vscode.l10n.t('A mark can be seen only with the exact settings and key it was made with'),
    matchOnDescription: true,
  });
  if (picked === undefined) return undefined;
  if (picked.from === 'file') return await readFile();
  const { template } = picked;
  const settings = await vscode.window.showInputBox({
    title:
      template === undefined
        ? vscode.l10n.t('Settings of the watermark, as JSON')
        : vscode.l10n.t('Parameters of {0}', template.label),
    prompt: vscode.l10n.t('Leave the key out if you want to enter it hidden.'),
    value: template === undefined ? '' : JSON.stringify(template.settings),
    ignoreFocusOut: true,
    validateInput: settingsProblem,
  });
  if (settings === undefined) return undefined;
  return { settings, name: template?.label ?? vscode.l10n.t('My watermark'), template };
}

async function readFile(): Promise<SettingsSource | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Settings of a watermark'),
      filters: { JSON: ['json'] },
      canSelectMany: false,
    })) ?? [];
  if (uri === undefined) return undefined;
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > MAX_FILE_BYTES) throw new Error(vscode.l10n.t('This file is too large for watermark settings.'));
  const settings = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  const problem = settingsProblem(settings);
  if (problem !== undefined) throw new Error(problem);
  const name = uri.path.slice(uri.path.lastIndexOf('/') + 1).replace(/\.json$/u, '');
  return { settings, name, template: undefined };
}

/** What is wrong with settings apart from what is asked later. */
export function settingsProblem(settings: string): string | undefined {
  const prepared = prepareScheme(settings, {
    ...(namedVocabularySize(settings) === undefined ? { vocabularySize: ANY_SIZE } : {}),
    ...(namesKey(settings) ? {} : { key: '1' }),
  });
  return prepared.ok ? undefined : prepared.reason;
}

async function chooseTokenizer(choices: readonly TokenizerChoice[]): Promise<TokenizerId | undefined> {
  const picked = await vscode.window.showQuickPick(
    choices.map(({ id, label, family }) => ({ id, label, description: family })),
    {
      title: vscode.l10n.t('Tokenizer of the model that wrote the text'),
      placeHolder: vscode.l10n.t('With another tokenizer every mark disappears'),
      matchOnDescription: true,
    },
  );
  return picked?.id;
}

async function askVocabularySize(
  { settings }: SettingsSource,
  tokenizer: TokenizerId,
): Promise<number | undefined> {
  const usual = usualVocabularySize(tokenizer);
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('Vocabulary size of the model'),
    prompt: vscode.l10n.t(
      'The model’s config.vocab_size, padding included. With a wrong size no mark can be seen.',
    ),
    value: usual === undefined ? '' : String(usual),
    ignoreFocusOut: true,
    validateInput: (text) => vocabularyProblem(text, settings, usual),
  });
  return typed === undefined ? undefined : Number(typed);
}

function vocabularyProblem(
  text: string,
  settings: string,
  usual: number | undefined,
): string | vscode.InputBoxValidationMessage | undefined {
  const size = Number(text.trim());
  if (text.trim() === '' || !Number.isInteger(size))
    return vscode.l10n.t('Type a whole number, for example 50257 for GPT-2 or 151936 for Qwen2.5.');
  const prepared = prepareScheme(settings, {
    vocabularySize: size,
    ...(namesKey(settings) ? {} : { key: '1' }),
  });
  if (!prepared.ok) return prepared.reason;
  if (usual === undefined || size >= usual) return undefined;
  return {
    message: vscode.l10n.t(
      'This tokenizer has {0} ids, more than {1}: texts with higher ids will be refused.',
      usual,
      size,
    ),
    severity: vscode.InputBoxValidationSeverity.Warning,
  };
}

/** The key as typed, drawn at random where the user leaves it empty; '' when the settings name it. */
async function askKey(
  { settings, template }: SettingsSource,
  vocabularySize: number,
): Promise<string | undefined> {
  if (namesKey(settings)) return '';
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('Key of the watermark'),
    prompt:
      template === undefined
        ? vscode.l10n.t('Whole number; several are separated by commas.')
        : vscode.l10n.t(
            'Whole number; several are separated by commas. Leave empty to draw a new key at random.',
          ),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (text.trim() === '') return template === undefined ? vscode.l10n.t('Type the key.') : undefined;
      const prepared = prepareScheme(settings, { key: text.trim(), vocabularySize });
      return prepared.ok ? undefined : prepared.reason;
    },
  });
  if (typed === undefined) return undefined;
  return typed.trim() === '' && template !== undefined ? randomKey(template) : typed.trim();
}

/** A key from the system's generator. */
export function randomKey({ randomKeys: { count, below } }: SchemeTemplate): string {
  return Array.from({ length: count }, () => randomInt(1, below)).join(',');
}

function freeName(store: WatermarkSchemeStore, name: string): string {
  if (store.nameProblem(name) === undefined) return name;
  for (let number = 2; ; number += 1) {
    const numbered = `${name.slice(0, 50)} ${number}`;
    if (store.nameProblem(numbered) === undefined) return numbered;
  }
}
