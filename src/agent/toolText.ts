// What the tools for agents share: the text or workspace file that an input names, and results as JSON. Errors are written
// for the model: what was wrong and what to send instead.
import * as vscode from 'vscode';
import { decodeFile } from '../core/files/textDetection';

export interface TextInput {
  readonly text?: string;
  readonly filePath?: string;
}

/** Files an agent may read: larger ones would take seconds of everybody's time. */
const MAX_BYTES = 20_000_000;

export function json(value: unknown): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(JSON.stringify(value))]);
}

export function subject(input: TextInput): string {
  return input.filePath ?? vscode.l10n.t('{0} characters of text', input.text?.length ?? 0);
}

/** The text that the input names: given outright, or a file of the workspace by absolute or relative path. */
export async function textOf(
  input: TextInput,
): Promise<{ readonly text: string; readonly uri: vscode.Uri | undefined }> {
  if (typeof input.text === 'string') return { text: input.text, uri: undefined };
  if (typeof input.filePath !== 'string' || input.filePath === '') {
    throw new Error('Send either "text" (the text itself) or "filePath" (a file in the workspace).');
  }
  const uri = await uriOfPath(input.filePath);
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open !== undefined) return { text: open.getText(), uri };
  let bytes: Uint8Array;
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > MAX_BYTES)
      throw new Error(`it has ${size} bytes, more than the ${MAX_BYTES} that can be read at once`);
    bytes = await vscode.workspace.fs.readFile(uri);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `"${input.filePath}" cannot be read: ${reason}. Send a path inside the workspace, or send "text".`,
      { cause: error },
    );
  }
  const decoded = decodeFile(bytes);
  if (decoded.kind === 'binary') throw new Error(`"${input.filePath}" is a binary file and holds no text.`);
  return { text: decoded.text, uri };
}

/** Only files of the workspace: an agent must not use the tool to probe the rest of the disk. */
async function uriOfPath(path: string): Promise<vscode.Uri> {
  const absolute = /^([a-zA-Z]:)?[\\/]/.test(path);
  const inside = (vscode.workspace.workspaceFolders ?? [])
    .map(({ uri }) => (absolute ? absoluteUri(uri, path) : vscode.Uri.joinPath(uri, path)))
    .filter((uri) => vscode.workspace.getWorkspaceFolder(uri) !== undefined);
  // A relative path can be meant in any of several folders: the first that has such a file is taken.
  for (const uri of inside.length > 1 ? inside : []) if (await exists(uri)) return uri;
  const [first] = inside;
  if (first !== undefined) return first;
  throw new Error(
    `"${path}" is not in an open workspace folder. Send a path inside the workspace, or send "text".`,
  );
}

/** An absolute path is one of the disk, or one of the folder's own file system where that is virtual. */
function absoluteUri(folder: vscode.Uri, path: string): vscode.Uri {
  return folder.scheme === 'file' ? vscode.Uri.file(path) : folder.with({ path });
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

/** Whether an answer stays within the tokens that the caller has left for it. */
export async function fits(
  value: unknown,
  options: vscode.LanguageModelToolTokenizationOptions | undefined,
  token: vscode.CancellationToken,
): Promise<boolean> {
  if (options === undefined) return true;
  return (await options.countTokens(JSON.stringify(value), token)) <= options.tokenBudget;
}

/** Models send numbers and lists where text is asked for; they are told, instead of being answered about nothing. */
export function checkTypes(input: object, more: readonly string[]): void {
  for (const name of ['text', 'filePath', ...more]) {
    const value: unknown = (input as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined && typeof value !== 'string')
      throw new Error(
        `"${name}" must be a string, but is ${Array.isArray(value) ? 'a list' : typeof value}.`,
      );
  }
}
