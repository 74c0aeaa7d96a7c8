// Model folders that the user has chosen before, newest first, and those that were downloaded.
import * as vscode from 'vscode';

export interface RememberedFolders {
  /** Absolute paths, the chosen ones first. */
  readonly all: readonly string[];
  /** Where downloads go. */
  readonly downloads: vscode.Uri;
  remember(path: string): Promise<void>;
  /** Takes a folder from the list; its files stay. */
  forget(path: string): Promise<void>;
  /** Looks for downloaded models, so that `all` has them. */
  findDownloaded(): Promise<void>;
}

const CHOSEN = 'localModel.folders';
const HIDDEN = 'localModel.hiddenFolders';
const MOST = 12;

export function createRememberedFolders(
  memory: vscode.Memento,
  globalStorage: vscode.Uri,
): RememberedFolders {
  const downloads = vscode.Uri.joinPath(globalStorage, 'models');
  const read = (key: string): readonly string[] => memory.get<readonly string[]>(key, []);
  let downloaded: readonly string[] = [];
  return {
    downloads,
    get all() {
      const hidden = new Set(read(HIDDEN));
      return [...new Set([...read(CHOSEN), ...downloaded.filter((path) => !hidden.has(path))])];
    },
    remember: async (path) => {
      await memory.update(CHOSEN, [path, ...read(CHOSEN).filter((each) => each !== path)].slice(0, MOST));
      await memory.update(
        HIDDEN,
        read(HIDDEN).filter((each) => each !== path),
      );
    },
    forget: async (path) => {
      await memory.update(
        CHOSEN,
        read(CHOSEN).filter((each) => each !== path),
      );
      if (downloaded.includes(path)) await memory.update(HIDDEN, [...new Set([...read(HIDDEN), path])]);
    },
    findDownloaded: async () => {
      const foldersIn = async (uri: vscode.Uri): Promise<readonly vscode.Uri[]> => {
        try {
          const entries = await vscode.workspace.fs.readDirectory(uri);
          return entries
            .filter(([, type]) => type === vscode.FileType.Directory)
            .map(([name]) => vscode.Uri.joinPath(uri, name));
        } catch {
          // Nothing was downloaded yet.
          return [];
        }
      };
      const owners = await foldersIn(downloads);
      downloaded = (await Promise.all(owners.map(foldersIn))).flat().map(({ fsPath }) => fsPath);
    },
  };
}
