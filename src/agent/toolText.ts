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
  const uri = uriOfPath(input.filePath);
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
function uriOfPath(path: string): vscode.Uri {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const absolute = /^([a-zA-Z]:)?[\\/]/.test(path);
  for (const folder of folders) {
    const uri = absolute ? vscode.Uri.file(path) : vscode.Uri.joinPath(folder.uri, path);
    if (vscode.workspace.getWorkspaceFolder(uri) !== undefined) return uri;
  }
  throw new Error(
    `"${path}" is not in an open workspace folder. Send a path inside the workspace, or send "text".`,
  );
}
