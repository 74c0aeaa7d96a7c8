// Which files a scan leaves out: VS Code's files.exclude (globs), .gitignore (also nested) and .tesseraignore.
// Paths are relative to the workspace folder, with forward slashes and no leading slash. A rule file rules the folder
// it stands in and everything below; .tesseraignore is read after .gitignore and may take its rules back with "!".
import ignore, { type Ignore } from 'ignore';
import picomatch from 'picomatch';
import type { AskedPath, RuleFile } from './ignoreFiles';

/** Folders that hold no text anybody pays for. */
const ALWAYS_LEFT_OUT = new Set(['.git', '.hg', '.svn', '.DS_Store']);

/** Rules in force in one folder; `enter` gives those of a folder below. Immutable. */
export class IgnoreRules {
  private constructor(
    private readonly excludes: (path: string) => boolean,
    /** Rule files from the outermost folder inwards, with the folder they stand in ('' or 'a/b/'). */
    private readonly layers: readonly { readonly base: string; readonly rules: Ignore }[],
  ) {}

  /**
   * Rules of a workspace folder before any rule file is read.
   * @param filesExclude the value of the setting files.exclude; entries that are not `true` (false, or a "when"
   * clause, which asks for sibling files) do not exclude
   */
  static forFolder(filesExclude: Readonly<Record<string, unknown>>): IgnoreRules {
    const globs = Object.keys(filesExclude).filter((glob) => filesExclude[glob] === true);
    const matches = globs.length === 0 ? () => false : picomatch(globs, { dot: true });
    return new IgnoreRules((path) => matches(path), []);
  }

  /** The rules with a rule file's lines added, for the folder `folder` ('' for the root) and below. */
  withFile(folder: string, content: string): IgnoreRules {
    const rules = ignore().add(content);
    const base = folder === '' ? '' : `${folder}/`;
    return new IgnoreRules(this.excludes, [...this.layers, { base, rules }]);
  }

  /** True when the scan leaves `path` out. The folders above it must have been asked before and kept. */
  leavesOut(path: string, isFolder: boolean): boolean {
    if (ALWAYS_LEFT_OUT.has(path.slice(path.lastIndexOf('/') + 1))) return true;
    if (this.excludes(path)) return true;
    let out = false;
    for (const { base, rules } of this.layers) {
      const relative = path.slice(base.length) + (isFolder ? '/' : '');
      const verdict = rules.test(relative);
      // The innermost rule that says anything decides, as in git.
      if (verdict.ignored) out = true;
      else if (verdict.unignored) out = false;
    }
    return out;
  }
}

/**
 * For each path, whether the rules leave it out. Rule files come from the outermost folder inwards; each rules what is below
 * its folder. The folders above a path must have been asked before and kept.
 */
export function leftOut(
  filesExclude: Readonly<Record<string, unknown>>,
  ruleFiles: readonly RuleFile[],
  paths: readonly AskedPath[],
): boolean[] {
  const outermost = IgnoreRules.forFolder(filesExclude);
  // Neighbours are ruled by the same files.
  const known = new Map<string, IgnoreRules>();
  return paths.map(({ path, isFolder }) => {
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    let rules = known.get(parent);
    if (rules === undefined) {
      rules = ruleFiles
        .filter(({ folder }) => folder === '' || path.startsWith(`${folder}/`))
        .reduce((sum, { folder, content }) => sum.withFile(folder, content), outermost);
      known.set(parent, rules);
    }
    return rules.leavesOut(path, isFolder);
  });
}
