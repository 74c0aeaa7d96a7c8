// Setting tessera.tokenizerFiles: paths of tokenizer files, read when the setting is there or changes, and again when a
// file on disk has changed. Workspace values are ignored in untrusted workspaces (restrictedConfigurations).
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import { isRankPattern, RANK_PATTERNS, type RankPattern } from '../core/tokenizers/formats/rankPatterns';
import { cleanName, suggestedName } from '../core/tokenizers/formats/tokenizerFileNames';
import { SETTINGS } from '../ids';
import type { TokenizerLibrary } from './tokenizerLibrary';

/** One entry of the setting. */
interface ListedFile {
  readonly path: string;
  readonly name?: string;
  readonly split?: RankPattern;
}

/** What a listed file was when it was last added, so that an unchanged file is not read at every start. */
interface SeenFile {
  readonly stamp: string;
  readonly sha256: string;
}

const SEEN_KEY = 'tokenizerFilesSeen';

export interface TokenizerSetting {
  /** Resolves when the files that the setting names now have been looked at. For tests. */
  settled(): Promise<void>;
  dispose(): void;
}

/** @param tell called once for each distinct problem, in words for the user */
export function followTokenizerSetting(
  library: TokenizerLibrary,
  memory: vscode.Memento,
  tell: (problem: string) => void,
): TokenizerSetting {
  const told = new Set<string>();
  const report = (problem: string): void => {
    if (told.has(problem)) return;
    told.add(problem);
    tell(problem);
  };
  let run: Promise<void> = Promise.resolve();
  const syncSoon = (): void => {
    run = run.then(() => sync(library, memory, report)).catch((error: unknown) => report(String(error)));
  };
  const listener = vscode.Disposable.from(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration(SETTINGS.tokenizerFiles)) return;
      told.clear();
      syncSoon();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(syncSoon),
  );
  if (listed().length > 0) syncSoon();
  return {
    settled: () => run,
    dispose: () => {
      listener.dispose();
    },
  };
}

const listed = (): readonly unknown[] => {
  const value = vscode.workspace.getConfiguration().get<unknown>(SETTINGS.tokenizerFiles, []);
  return Array.isArray(value) ? value : [value];
};

async function sync(
  library: TokenizerLibrary,
  memory: vscode.Memento,
  report: (problem: string) => void,
): Promise<void> {
  const values = listed();
  if (values.length === 0) return;
  const kept = new Set((await library.load()).map(({ sha256 }) => sha256));
  const before = memory.get<Readonly<Record<string, SeenFile>>>(SEEN_KEY, {});
  const seen: Record<string, SeenFile> = {};
  for (const value of values) {
    const file = readEntry(value);
    if (typeof file === 'string') {
      report(file);
      continue;
    }
    const path = absolutePath(file.path);
    if (path === undefined) {
      report(
        vscode.l10n.t(
          'Setting {0}: “{1}” is relative, and no folder is open. Write the whole path.',
          SETTINGS.tokenizerFiles,
          file.path,
        ),
      );
      continue;
    }
    const failed = (reason: string): void =>
      report(
        vscode.l10n.t('Setting {0}: {1} cannot be used: {2}', SETTINGS.tokenizerFiles, file.path, reason),
      );
    const stat = await Promise.resolve(vscode.workspace.fs.stat(vscode.Uri.file(path))).catch(
      () => undefined,
    );
    if (stat === undefined) {
      failed(vscode.l10n.t('there is no such file.'));
      continue;
    }
    const stamp = JSON.stringify([stat.size, stat.mtime, file.name ?? '', file.split ?? '']);
    const known = before[path];
    if (known?.stamp === stamp && kept.has(known.sha256)) {
      seen[path] = known;
      continue;
    }
    const reply = await library.add({
      source: { path },
      ...(file.name === undefined ? { suggestedName: suggestedName(path) } : { name: file.name }),
      ...(file.split === undefined ? {} : { pattern: file.split }),
    });
    if (!reply.ok) failed(reply.error.message);
    else if (!reply.value.ok) {
      const { code, message } = reply.value.reason;
      const hint = code === 'needs-pattern' ? ` { "path": "…", "split": "${RANK_PATTERNS[0]}" }` : '';
      failed(`${message} [${code}]${hint}`);
    } else {
      const { sha256 } = reply.value.entry;
      seen[path] = { stamp, sha256 };
      if (known !== undefined && known.sha256 !== sha256)
        await passNameOn(library, known.sha256, sha256, file.name);
    }
  }
  await memory.update(SEEN_KEY, seen);
}

/** The file at a path has changed: its name goes on to the new contents, the old ones are kept under their fingerprint. */
async function passNameOn(
  library: TokenizerLibrary,
  from: string,
  to: string,
  wanted: string | undefined,
): Promise<void> {
  const old = library.entries.find(({ sha256 }) => sha256 === from);
  if (old === undefined || (wanted !== undefined && wanted !== old.name)) return;
  await library.rename(from, `${old.name} (${from.slice(0, 8)})`);
  await library.rename(to, old.name);
}

/** The entry, or what is wrong with it. */
function readEntry(value: unknown): ListedFile | string {
  const wrong = vscode.l10n.t(
    'Setting {0}: every entry is a path or an object with “path”, and “name” and “split” if you like.',
    SETTINGS.tokenizerFiles,
  );
  if (typeof value === 'string') return value.trim() === '' ? wrong : { path: value };
  if (typeof value !== 'object' || value === null) return wrong;
  const { path, name, split } = value as Readonly<Record<string, unknown>>;
  if (typeof path !== 'string' || path.trim() === '') return wrong;
  if (split !== undefined && (typeof split !== 'string' || !isRankPattern(split)))
    return vscode.l10n.t(
      'Setting {0}: “split” is one of {1}.',
      SETTINGS.tokenizerFiles,
      RANK_PATTERNS.join(', '),
    );
  const clean = typeof name === 'string' ? cleanName(name) : undefined;
  return { path, ...(clean === undefined ? {} : { name: clean }), ...(split === undefined ? {} : { split }) };
}

/** Paths may start with ~ or ${workspaceFolder}; relative ones start at the first workspace folder. */
function absolutePath(path: string): string | undefined {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const root = folder?.scheme === 'file' ? folder.fsPath : undefined;
  if (/^~[\\/]/.test(path)) return join(homedir(), path.slice(2));
  const named = /^\$\{workspaceFolder\}[\\/]?/.exec(path);
  if (named !== null) return root === undefined ? undefined : join(root, path.slice(named[0].length));
  if (isAbsolute(path)) return path;
  return root === undefined ? undefined : join(root, path);
}
