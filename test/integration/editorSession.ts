// What every integration test does: opens real files in the real editor and waits until Tessera shows a settled state.
// Numbers to compare with come from tiktoken itself, which shares no code with the extension.
import { strict as assert } from 'node:assert';
import { get_encoding, type Tiktoken, type TiktokenEncoding } from 'tiktoken';
import * as vscode from 'vscode';
import type { DocumentState } from '../../src/engine/documentTracker';
import type { TesseraParts } from '../../src/extension';
import type { StatusText } from '../../src/editor/statusText';
import type { FolderCounts } from '../../src/workspace/workspaceCounts';

export const extensionId = 'tessera.tessera';

/** The extension's live parts; activates it when that has not happened yet. */
export async function tessera(): Promise<TesseraParts> {
  const extension = vscode.extensions.getExtension<TesseraParts>(extensionId);
  assert.ok(extension, `${extensionId} is not among the extensions`);
  return await extension.activate();
}

/** Polls until `read` gives something other than undefined or false; fails with `what` after `seconds`. */
export async function eventually<T>(
  what: string,
  read: () => T | undefined | false | Promise<T | undefined | false>,
  seconds = 60,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`Not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function workspaceUri(...path: string[]): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'the window has no folder');
  return vscode.Uri.joinPath(folder.uri, ...path);
}

/** Writes a file into the workspace and opens it in an editor. */
export async function openFile(name: string, content: string | Uint8Array): Promise<vscode.TextEditor> {
  const uri = workspaceUri(name);
  await vscode.workspace.fs.writeFile(uri, typeof content === 'string' ? Buffer.from(content) : content);
  const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), {
    preview: false,
  });
  // A first try that failed may have left the document changed.
  if (editor.document.isDirty) await vscode.commands.executeCommand('workbench.action.files.revert');
  return editor;
}

/** Waits until the document's present version is counted, estimated or refused, and returns that state. */
export async function settled(document: vscode.TextDocument, seconds?: number): Promise<DocumentState> {
  const { documents } = await tessera();
  return await eventually(
    `a count of ${document.uri.path} at version ${document.version}`,
    () => {
      const state = documents.state(document);
      if (state === undefined || state.kind === 'counting') return undefined;
      return state.kind !== 'counted' || state.totals.version === document.version ? state : undefined;
    },
    seconds,
  );
}

/** Waits until the present version is counted and returns the number of tokens; an estimate or a refusal fails. */
export async function countedTokens(document: vscode.TextDocument, seconds?: number): Promise<number> {
  const state = await settled(document, seconds);
  assert.ok(state.kind === 'counted', `expected an exact count, got ${JSON.stringify(state)}`);
  return state.totals.tokens;
}

/** Waits until the status item shows exactly `text`, and returns everything it shows. */
export async function statusShowing(text: string): Promise<StatusText> {
  const { status } = await tessera();
  try {
    return await eventually(text, () => (status.shown?.text === text ? status.shown : undefined));
  } catch {
    assert.equal(status.shown?.text, text, 'the status item');
    throw new Error('unreachable');
  }
}

/** As the status item writes a number of tokens. */
export function tokensLabel(tokens: number): string {
  return tokens === 1 ? '1 token' : `${new Intl.NumberFormat(vscode.env.language).format(tokens)} tokens`;
}

const references = new Map<TiktokenEncoding, Tiktoken>();

function reference(encoding: TiktokenEncoding): Tiktoken {
  const made = references.get(encoding) ?? get_encoding(encoding);
  references.set(encoding, made);
  return made;
}

/** Ids of `text` by tiktoken, special-token text taken as text. */
export function referenceIds(encoding: TiktokenEncoding, text: string): Uint32Array {
  return reference(encoding).encode_ordinary(text);
}

/** Number of tokens of `text` in o200k_base, the encoding set by default, by tiktoken. */
export const tokensOf = (text: string): number => referenceIds('o200k_base', text).length;

/** Text of `ids` by tiktoken. */
export function referenceText(encoding: TiktokenEncoding, ids: Uint32Array): string {
  return Buffer.from(reference(encoding).decode(ids)).toString();
}

/** Titles of the lenses over a file that count tokens. */
export async function lensTitles(uri: vscode.Uri): Promise<readonly string[]> {
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    'vscode.executeCodeLensProvider',
    uri,
    100,
  );
  return lenses.map(({ command }) => command?.title ?? '').filter((title) => title.includes('tokens'));
}

/** What a tool of Tessera answers an agent, as text. */
export async function askTool(name: string, input: object): Promise<string> {
  const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
  const [part] = content;
  assert.ok(part instanceof vscode.LanguageModelTextPart);
  return part.value;
}

/** The same, read as JSON. */
export async function askToolForFacts(name: string, input: object): Promise<Record<string, unknown>> {
  return JSON.parse(await askTool(name, input)) as Record<string, unknown>;
}

/** Tokens of a file in one folder of a scan of the workspace; undefined while it is not counted. */
export function scannedTokens(counts: FolderCounts | undefined, path: string): number | undefined {
  const outcome = counts?.tree.file(path)?.outcome;
  return outcome?.kind === 'counted' ? outcome.tokens : undefined;
}

/** Undoes until the document reads `text`. The keyboard is put back into its editor first: a page may have taken it meanwhile. */
export async function undoUntil({ document, viewColumn }: vscode.TextEditor, text: string): Promise<void> {
  await eventually('the text before', async () => {
    if (document.getText() === text) return true;
    await vscode.window.showTextDocument(document, viewColumn);
    await vscode.commands.executeCommand('undo');
    return document.getText() === text;
  });
}

export async function closeAllEditors(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

/** Sets a user setting for one test; undo by passing undefined. */
export async function setSetting(name: string, value: unknown, languageId?: string): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(
    undefined,
    languageId === undefined ? null : { languageId },
  );
  await configuration.update(name, value, vscode.ConfigurationTarget.Global, languageId !== undefined);
}

/** A line of the kind that prompts are made of, with letters of more than one byte. */
export const prose = 'You are a helpful assistant. Naïve café, 東京タワー and 1,234.5 tokens.\n';
