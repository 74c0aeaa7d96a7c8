// The source files of the project as the rule tests see them: path from the repository root, and text.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export const repositoryRoot = resolve(import.meta.dirname, '../../..');

/** All files below the folders whose name matches, in a fixed order; fixtures are not ours to judge. */
export function sourceFiles(folders: readonly string[], name = /\.ts$/): SourceFile[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' }).map(
        (path) => `${folder}/${path}`,
      ),
    )
    .filter((path) => name.test(path) && !path.includes('/fixtures/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(repositoryRoot, path), 'utf8') }));
}

/** Modules that a file imports, type imports and dynamic ones included. */
export function importsOf({ text }: SourceFile): string[] {
  const found = text.matchAll(
    /^(?:import|export)\s[^;'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm,
  );
  return Array.from(found, ([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '');
}
