// "Use a Completion Server": address, key and model are asked for, the server is tried, and only a server that answered is
// chosen. The key goes into the secret storage and nowhere else.
import * as vscode from 'vscode';
import { createRemoteEngine } from '../engine/remoteEngine';
import type { LocalModel } from '../localModel';
import { storeModelChoice } from '../modelSettings';
import { serverOrigin } from '../serverKeys';

export interface ServerTrial {
  readonly ok: boolean;
  /** Models that the server lists; empty when it lists none. */
  readonly models: readonly string[];
  /** What went wrong, for the user; '' when nothing did. */
  readonly message: string;
}

/** Asks a server for its models: the smallest request that needs a right address and a right key. */
export async function tryServer(
  url: string,
  apiKey: string | undefined,
  timeoutMs = 15_000,
): Promise<ServerTrial> {
  const engine = createRemoteEngine({
    baseUrl: url,
    model: '',
    timeoutMs,
    ...(apiKey === undefined ? {} : { apiKey }),
  });
  const result = await engine.models();
  if (result.ok) return { ok: true, models: result.value, message: '' };
  // Some servers have completions but no list; the name of the model is then typed.
  if (result.reason === 'notFound') return { ok: true, models: [], message: '' };
  return { ok: false, models: [], message: result.message };
}

/** Asks for one token; what went wrong in words, undefined when it came. */
export async function tryCompletion(
  url: string,
  model: string,
  apiKey: string | undefined,
): Promise<string | undefined> {
  const engine = createRemoteEngine({ baseUrl: url, model, ...(apiKey === undefined ? {} : { apiKey }) });
  const result = await engine.complete({ prompt: 'a', maxTokens: 1 });
  return result.ok ? undefined : result.message;
}

export async function useServer(model: LocalModel): Promise<void> {
  const url = await askUrl(model.rememberedServer?.url ?? 'http://127.0.0.1:8080');
  if (url === undefined) return;
  const key = await askKey(url, (await model.keys.get(url)) !== undefined);
  if (key === undefined) return;
  if (key !== '') await model.keys.store(url, key);
  const stored = await model.keys.get(url);
  const trial = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Trying {0}', url) },
    () => tryServer(url, stored),
  );
  if (!trial.ok) throw new Error(trial.message);
  const name = await askModel(trial.models, model.rememberedServer?.model ?? '');
  if (name === undefined || !(await agreeToSend(url))) return;
  // A server without a list of models has shown nothing yet: any web server answers "not found".
  const proof = trial.models.length > 0 ? undefined : await tryCompletion(url, name, stored);
  if (proof !== undefined) throw new Error(proof);
  await storeModelChoice({ kind: 'server', url, model: name });
  void vscode.window.showInformationMessage(
    vscode.l10n.t(
      'Drafts now come from {0}. Superposed drafts and surprise need a model on this machine.',
      url,
    ),
  );
}

export async function removeServerKey(model: LocalModel): Promise<void> {
  const url = model.rememberedServer?.url;
  if (url === undefined || (await model.keys.get(url)) === undefined) {
    void vscode.window.showInformationMessage(vscode.l10n.t('No server key is stored.'));
    return;
  }
  await model.keys.remove(url);
  void vscode.window.showInformationMessage(vscode.l10n.t('The key for {0} was removed.', url));
}

async function askUrl(value: string): Promise<string | undefined> {
  const answer = await vscode.window.showInputBox({
    title: vscode.l10n.t('Completion Server (1/3): Address'),
    prompt: vscode.l10n.t('Address of a server with /v1/completions: vLLM, llama.cpp, Ollama, TGI'),
    value,
    ignoreFocusOut: true,
    validateInput: (text) =>
      serverOrigin(text.trim()) === undefined
        ? vscode.l10n.t('Write an address such as http://127.0.0.1:8080.')
        : undefined,
  });
  return answer?.trim();
}

async function askKey(url: string, known: boolean): Promise<string | undefined> {
  const origin = serverOrigin(url) ?? url;
  const plain = origin.startsWith('http:') && !isLoopback(origin);
  const answer = await vscode.window.showInputBox({
    title: vscode.l10n.t('Completion Server (2/3): Key'),
    prompt: [
      known
        ? vscode.l10n.t('A key for {0} is stored; leave this empty to keep it.', origin)
        : vscode.l10n.t('Key for {0}; leave this empty if it needs none.', origin),
      plain ? vscode.l10n.t('This address is not encrypted: others in the network can read the key.') : '',
    ].join(' '),
    password: true,
    ignoreFocusOut: true,
  });
  return answer?.trim();
}

async function askModel(models: readonly string[], value: string): Promise<string | undefined> {
  if (models.length > 0)
    return vscode.window.showQuickPick(models, {
      title: vscode.l10n.t('Completion Server (3/3): Model'),
      placeHolder: vscode.l10n.t('Code models with fill-in-the-middle give the best drafts'),
      ignoreFocusOut: true,
    });
  const answer = await vscode.window.showInputBox({
    title: vscode.l10n.t('Completion Server (3/3): Model'),
    prompt: vscode.l10n.t('The server lists no models. Name of the model, or empty for the only one.'),
    value,
    ignoreFocusOut: true,
  });
  return answer?.trim();
}

/** Text leaves the machine from now on, unless the server runs on it. */
async function agreeToSend(url: string): Promise<boolean> {
  const origin = serverOrigin(url) ?? url;
  if (isLoopback(origin)) return true;
  const go = vscode.l10n.t('Use This Server');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Send text to {0}?', origin),
    {
      modal: true,
      detail: vscode.l10n.t(
        'Whenever drafts are asked for, the text around the cursor is sent to this server. Choose the model in the box to keep everything on this machine.',
      ),
    },
    go,
  );
  return answer === go;
}

function isLoopback(origin: string): boolean {
  const { hostname } = new URL(origin);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
