// Names of the files with ignore rules, and what the rules are asked about. Apart from the rules themselves, whose
// libraries the extension host would otherwise load: it asks the worker.

export const IGNORE_FILE_NAMES = ['.gitignore', '.tesseraignore'] as const;

/** A rule file of a workspace folder. */
export interface RuleFile {
  /** The folder it stands in, '' for the root. */
  readonly folder: string;
  readonly content: string;
}

export interface AskedPath {
  readonly path: string;
  readonly isFolder: boolean;
}
