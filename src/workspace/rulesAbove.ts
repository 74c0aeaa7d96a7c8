// Whether the rules of the folders above leave a single path out; used for files that appear after a scan.
import * as vscode from 'vscode';
import { IGNORE_FILE_NAMES, IgnoreRules } from '../core/files/ignoreRules';

/** True when a scan of `root` would not have counted `path` (relative, forward slashes). */
export async function isLeftOutByRules(
  root: vscode.Uri,
  path: string,
  filesExclude: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  let rules = IgnoreRules.forFolder(filesExclude);
  const parts = path.split('/');
  for (let depth = 0; depth < parts.length; depth++) {
    const folder = parts.slice(0, depth).join('/');
    for (const name of IGNORE_FILE_NAMES) {
      try {
        const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(root, folder, name));
        rules = rules.withFile(folder, new TextDecoder().decode(bytes));
      } catch {
        // Most folders have no rule file.
      }
    }
    const isFolder = depth < parts.length - 1;
    if (rules.leavesOut(parts.slice(0, depth + 1).join('/'), isFolder)) return true;
  }
  return false;
}
