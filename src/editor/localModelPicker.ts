// The list of models that can write drafts and score text: the one in the box, folders of the user's, downloaded ones and a
// server, each with its limits. Folders are described by the model process while the list is already open.
import * as vscode from 'vscode';
import type { ModelSummary } from '../engine/modelSummary';
import { COMMANDS } from '../ids';
import type { LocalModel } from '../localModel';
import { storeModelChoice, type ModelChoice } from '../modelSettings';
import { lastName, summaryLine } from './localModelText';
import type { RememberedFolders } from './rememberedFolders';

export interface PickerParts {
  readonly model: LocalModel;
  readonly folders: RememberedFolders;
}

type Action = 'browse' | 'download' | 'server';
type ModelItem = vscode.QuickPickItem & { readonly choice?: ModelChoice; readonly action?: Action };

/** Opens the list; `wanted` (an argument of a key binding) chooses without it. */
export async function chooseLocalModel(parts: PickerParts, wanted?: unknown): Promise<void> {
  const given = choiceOf(wanted);
  if (given !== undefined) return choose(parts, given);
  const picked = await pick(parts);
  if (picked?.choice !== undefined) return choose(parts, picked.choice);
  if (picked?.action === 'browse') return browse(parts);
  if (picked?.action === 'download') await vscode.commands.executeCommand(COMMANDS.downloadModel);
  if (picked?.action === 'server') await vscode.commands.executeCommand(COMMANDS.useServer);
}

/** Checks a folder before it is chosen, so that a wrong one is refused here and not at the next draft. */
async function choose({ model, folders }: PickerParts, choice: ModelChoice): Promise<void> {
  if (choice.kind === 'folder') {
    const reply = await model.client.request('inspect', { path: choice.path });
    if (!reply.ok) throw new Error(reply.error.message);
    await folders.remember(choice.path);
  }
  await storeModelChoice(choice);
}

async function browse(parts: PickerParts): Promise<void> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Model Folder'),
      openLabel: vscode.l10n.t('Use This Model'),
      canSelectFolders: true,
      canSelectFiles: true,
      filters: { ONNX: ['onnx'] },
    })) ?? [];
  if (folder !== undefined) await choose(parts, { kind: 'folder', path: folder.fsPath });
}

function pick(parts: PickerParts): Promise<ModelItem | undefined> {
  const { model, folders } = parts;
  const list = vscode.window.createQuickPick<ModelItem>();
  list.title = vscode.l10n.t('Local Model');
  list.placeholder = vscode.l10n.t(
    'Writes drafts and scores text; nothing leaves this machine unless you choose a server',
  );
  list.matchOnDetail = true;
  list.matchOnDescription = true;
  const details = new Map<string, string>();
  let open = true;
  const show = (): void => {
    const active = list.activeItems[0];
    list.items = itemsOf(parts, details);
    const same = list.items.find(
      (item) => item.label.replace('$(check) ', '') === active?.label.replace('$(check) ', ''),
    );
    if (same !== undefined) list.activeItems = [same];
  };
  const describe = async (): Promise<void> => {
    list.busy = true;
    await folders.findDownloaded();
    if (open) show();
    for (const path of [model.embeddedFolder, ...folders.all]) {
      const reply = await model.client.request('inspect', { path });
      if (!open) return;
      details.set(path, reply.ok ? describeSummary(reply.value) : `$(warning) ${reply.error.message}`);
      show();
    }
    list.busy = false;
  };
  return new Promise((resolve) => {
    list.onDidTriggerItemButton(({ item }) => {
      if (item.choice?.kind !== 'folder') return;
      void folders.forget(item.choice.path).then(show);
    });
    list.onDidAccept(() => {
      resolve(list.selectedItems[0]);
      list.hide();
    });
    list.onDidHide(() => {
      open = false;
      resolve(undefined);
      list.dispose();
    });
    show();
    list.show();
    void describe();
  });
}

function describeSummary(summary: ModelSummary): string {
  const numbers = new Intl.NumberFormat(vscode.env.language);
  return [summaryLine(summary, numbers, vscode.l10n.t), ...summary.limits].join(' · ');
}

function itemsOf({ model, folders }: PickerParts, details: ReadonlyMap<string, string>): ModelItem[] {
  const { choice } = model;
  const marked = (label: string, chosen: boolean): string => (chosen ? `$(check) ${label}` : label);
  const detailOf = (path: string): string => details.get(path) ?? vscode.l10n.t('reading …');
  const forget = { iconPath: new vscode.ThemeIcon('close'), tooltip: vscode.l10n.t('Remove from this list') };
  const items: ModelItem[] = [
    {
      label: marked(lastName(model.embeddedFolder), choice.kind === 'embedded'),
      description: vscode.l10n.t('comes with Tessera'),
      detail: detailOf(model.embeddedFolder),
      choice: { kind: 'embedded' },
    },
    ...folders.all.map((path): ModelItem => ({
      label: marked(lastName(path), choice.kind === 'folder' && choice.path === path),
      description: path,
      detail: detailOf(path),
      choice: { kind: 'folder', path },
      buttons: [forget],
    })),
  ];
  const server = model.rememberedServer;
  if (server !== undefined)
    items.push({
      label: marked(server.model === '' ? server.url : server.model, choice.kind === 'server'),
      description: server.url,
      detail: vscode.l10n.t(
        'Text around the cursor is sent to this server; no superposed drafts, no surprise',
      ),
      choice: server,
    });
  return [
    ...items,
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { label: vscode.l10n.t('$(folder-opened) Browse …'), action: 'browse', alwaysShow: true },
    { label: vscode.l10n.t('$(cloud-download) Download …'), action: 'download', alwaysShow: true },
    { label: vscode.l10n.t('$(server) Use a Server …'), action: 'server', alwaysShow: true },
  ];
}

/** The argument of a key binding, when it names a choice: `{ "kind": "folder", "path": "/models/coder" }`. */
function choiceOf(value: unknown): ModelChoice | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { kind, path, url, model } = value as Readonly<Record<string, unknown>>;
  if (kind === 'embedded') return { kind };
  if (kind === 'folder' && typeof path === 'string' && path !== '') return { kind, path };
  if (kind === 'server' && typeof url === 'string' && url !== '')
    return { kind, url, model: typeof model === 'string' ? model : '' };
  return undefined;
}
