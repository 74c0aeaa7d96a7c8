// Whether the rules of the folders above leave a single path out; used for files that appear after a scan.
import * as vscode from 'vscode';
import { IGNORE_FILE_NAMES, type RuleFile } from '../core/files/ignoreFiles';
import type { EngineClient } from '../engine/engineClient';

/** True when a scan of `root` would not have counted `path` (relative, forward slashes). */
export async function isLeftOutByRules(
  engine: EngineClient,
  root: vscode.Uri,
  path: string,
  filesExclude: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const parts = path.split('/');
  const ruleFiles: RuleFile[] = [];
  for (let depth = 0; depth < parts.length; depth++) {
    const folder = parts.slice(0, depth).join('/');
    for (const name of IGNORE_FILE_NAMES) {
      try {
        const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(root, folder, name));
        ruleFiles.push({ folder, content: new TextDecoder().decode(bytes) });
      } catch {
        // Most folders have no rule file.
      }
    }
  }
  // What stands in a folder that is left out is left out as well.
  const paths = parts.map((_, depth) => ({
    path: parts.slice(0, depth + 1).join('/'),
    isFolder: depth < parts.length - 1,
  }));
  const reply = await engine.request('leftOut', { filesExclude, ruleFiles, paths });
  return reply.ok && reply.value.includes(true);
}
