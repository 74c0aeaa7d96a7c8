// "Add Tokenizer File…", from the palette, the explorer or a drop on the panel: each file is checked in the engine, kept,
// and offered; one that cannot be used is refused with the reason and what to do.
import * as vscode from 'vscode';
import { MAX_FILE_BYTES } from '../core/tokenizers/formats/formatResult';
import { RANK_PATTERNS, type RankPattern } from '../core/tokenizers/formats/rankPatterns';
import { suggestedName } from '../core/tokenizers/formats/tokenizerFileNames';
import type { EngineReply, TokenizerAnswer } from '../engine/engineProtocol';
import type { StoredTokenizer } from '../engine/keptTokenizers';
import type { TokenizerSource } from '../engine/tokenizerFiles';
import type { TokenizerLibrary } from './tokenizerLibrary';

/** What may follow an added file. */
export interface AddedActions {
  use(entry: StoredTokenizer): Promise<void>;
  describe(entry: StoredTokenizer): Promise<void>;
  rename(entry: StoredTokenizer): Promise<void>;
}

/** A file to add, and what to call it when it has no name yet. */
export interface NamedSource {
  readonly source: TokenizerSource;
  readonly fileName: string;
  readonly name: string;
}

/** Lets the user choose files in a dialog. */
export async function chooseTokenizerFiles(): Promise<readonly vscode.Uri[]> {
  const chosen = await vscode.window.showOpenDialog({
    canSelectMany: true,
    title: vscode.l10n.t('Add Tokenizer Files'),
    openLabel: vscode.l10n.t('Add'),
    filters: {
      [vscode.l10n.t('Tokenizer files')]: ['json', 'model', 'tiktoken'],
      [vscode.l10n.t('All files')]: ['*'],
    },
  });
  return chosen ?? [];
}

/** A file of any file system; those that are no disk are read here. Throws with a message for the user. */
export async function sourceOf(uri: vscode.Uri): Promise<NamedSource> {
  const fileName = uri.path.split('/').at(-1) ?? '';
  const name = suggestedName(uri.path);
  if (uri.scheme === 'file') return { source: { path: uri.fsPath }, fileName, name };
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > MAX_FILE_BYTES)
    throw new Error(
      vscode.l10n.t('the file is larger than {0} MB; no tokenizer is', MAX_FILE_BYTES / 1024 / 1024),
    );
  return { source: { fileName, content: await vscode.workspace.fs.readFile(uri) }, fileName, name };
}

/** Adds files one after the other and says what came of each; resolves with those that were kept. */
export async function addTokenizerFiles(
  library: TokenizerLibrary,
  files: readonly (vscode.Uri | NamedSource)[],
  actions: AddedActions,
): Promise<readonly StoredTokenizer[]> {
  const added: StoredTokenizer[] = [];
  for (const file of files) {
    const label = file instanceof vscode.Uri ? (file.path.split('/').at(-1) ?? '') : file.fileName;
    try {
      const entry = await addOne(library, file instanceof vscode.Uri ? await sourceOf(file) : file);
      if (entry !== undefined) added.push(entry);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      void vscode.window.showErrorMessage(vscode.l10n.t('{0} was not added: {1}', label, reason));
    }
  }
  const last = added.at(-1);
  if (last !== undefined) void announce(added, last, actions);
  return added;
}

async function addOne(library: TokenizerLibrary, file: NamedSource): Promise<StoredTokenizer | undefined> {
  await library.load();
  let answer = await check(library, file, undefined);
  if (answer !== undefined && !answer.ok && answer.reason.code === 'needs-pattern') {
    const pattern = await choosePattern(file.fileName);
    if (pattern === undefined) return undefined;
    answer = await check(library, file, pattern);
  }
  if (answer === undefined) return undefined;
  if (answer.ok) return answer.entry;
  throw new Error(`${answer.reason.message} [${answer.reason.code}]`);
}

/** Undefined when the user cancelled. */
async function check(
  library: TokenizerLibrary,
  { source, fileName, name }: NamedSource,
  pattern: RankPattern | undefined,
): Promise<TokenizerAnswer | undefined> {
  const reply = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Window,
      title: vscode.l10n.t('Checking tokenizer file {0}', fileName),
    },
    (): Promise<EngineReply<TokenizerAnswer>> =>
      library.add({ source, suggestedName: name, ...(pattern === undefined ? {} : { pattern }) }),
  );
  if (reply.ok) return reply.value;
  switch (reply.error.code) {
    case 'cancelled':
      return undefined;
    case 'timeout':
      throw new Error(vscode.l10n.t('reading it took too long, so it was given up. [too-slow]'));
    case 'crashed':
      throw new Error(
        vscode.l10n.t('reading it took more memory than a tokenizer may, so it was given up. [too-large]'),
      );
    default:
      throw new Error(reply.error.message);
  }
}

const PATTERN_FAMILIES: Readonly<Record<RankPattern, string>> = {
  o200k: 'GPT-4o, GPT-5, gpt-oss, Llama 4',
  cl100k: 'GPT-4, GPT-3.5 Turbo',
  gpt2: 'GPT-2, GPT-3, Codex',
  llama3: 'Llama 3',
  qwen: 'Qwen',
};

async function choosePattern(fileName: string): Promise<RankPattern | undefined> {
  const picked = await vscode.window.showQuickPick(
    RANK_PATTERNS.map((pattern) => ({ label: pattern, description: PATTERN_FAMILIES[pattern], pattern })),
    {
      title: vscode.l10n.t('How does {0} split text?', fileName),
      placeHolder: vscode.l10n.t('A rank file does not say; the model’s documentation does'),
    },
  );
  return picked?.pattern;
}

async function announce(
  added: readonly StoredTokenizer[],
  last: StoredTokenizer,
  actions: AddedActions,
): Promise<void> {
  const use = vscode.l10n.t('Count with It');
  const describe = vscode.l10n.t('Describe');
  const rename = vscode.l10n.t('Rename');
  if (added.length > 1) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Added tokenizers: {0}.', added.map(({ name }) => name).join(', ')),
    );
    return;
  }
  const choice = await vscode.window.showInformationMessage(
    vscode.l10n.t('Added tokenizer “{0}”: {1}', last.name, entrySummary(last)),
    use,
    describe,
    rename,
  );
  if (choice === use) await actions.use(last);
  if (choice === describe) await actions.describe(last);
  if (choice === rename) await actions.rename(last);
}

/** A kept file in one line: what it is, how large its vocabulary is, its fingerprint. */
export function entrySummary({ model, format, vocabularySize, sha256 }: StoredTokenizer): string {
  return vscode.l10n.t(
    '{0}, {1} tokens, {2}, sha256 {3}…',
    model,
    new Intl.NumberFormat(vscode.env.language).format(vocabularySize),
    format,
    sha256.slice(0, 8),
  );
}
