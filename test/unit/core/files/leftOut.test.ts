// Ignore rules asked for many paths at once, as the extension host asks the worker, against the rules entered folder by
// folder, as the scan on disk enters them.
import { expect, test } from 'vitest';
import type { AskedPath, RuleFile } from '../../../../src/core/files/ignoreFiles';
import { IgnoreRules, leftOut } from '../../../../src/core/files/ignoreRules';

const filesExclude = { '**/*.tmp': true, '**/*.js': { when: '$(basename).ts' }, '**/kept': false };
const ruleFiles: readonly RuleFile[] = [
  { folder: '', content: 'build/\n*.log\n/only-here\n' },
  { folder: '', content: '!important.log\n' },
  { folder: 'a', content: '*.md\n!keep.md\n' },
  { folder: 'a/b', content: 'keep.md\n!x.log\n' },
];
const names = ['x.log', 'important.log', 'keep.md', 'other.md', 'y.tmp', 'only-here', 'z.js', 'kept', '.git'];
const paths: readonly AskedPath[] = ['', 'a/', 'a/b/', 'ab/', 'c/d/'].flatMap((folder) => [
  ...names.map((name) => ({ path: folder + name, isFolder: name === '.git' })),
  { path: `${folder}build`, isFolder: true },
  { path: `${folder}build`, isFolder: false },
]);

test('gives each path the verdict of the folders above it', () => {
  const byFolder = ({ path, isFolder }: AskedPath): boolean => {
    let rules = IgnoreRules.forFolder(filesExclude);
    const parts = path.split('/');
    for (let depth = 0; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join('/');
      for (const file of ruleFiles)
        if (file.folder === folder) rules = rules.withFile(file.folder, file.content);
    }
    return rules.leavesOut(path, isFolder);
  };
  const verdicts = leftOut(filesExclude, ruleFiles, paths);
  expect(verdicts).toEqual(paths.map(byFolder));
  const out = paths.filter((_, i) => verdicts[i] === true).map(({ path }) => path);
  expect(out).toContain('x.log');
  expect(out).not.toContain('a/b/x.log');
  expect(out).toContain('a/b/keep.md');
  expect(out).not.toContain('a/keep.md');
  expect(out).not.toContain('ab/other.md');
  expect(out).not.toContain('z.js');
});
