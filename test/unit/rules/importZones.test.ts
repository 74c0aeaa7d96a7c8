// The import table of the architecture, checked on every source file: every arrow points towards core.
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, sourceFiles, type SourceFile } from './sourceFiles';

const files = sourceFiles(['src', 'webview']);
const HOST_PARTS = ['editor', 'panel', 'workspace', 'agent'];
/** Files of engine that run in a worker or child; the host reaches them only through messages. */
const WORKER_FILES = /^src\/engine\/(tokenWorker|modelProcess|tiktokenLoader|onnxRuntime|modelFiles)$/;

const partOf = (path: string): string =>
  path.startsWith('webview/') ? 'webview' : (path.split('/')[1] ?? '');
const isRoot = (path: string): boolean => /^src\/[^/]+$/.test(path);
/** Path of an imported file from the repository root, without its ending; undefined for packages. */
const target = (file: SourceFile, module: string): string | undefined =>
  module.startsWith('.') ? posix.join(posix.dirname(file.path), module) : undefined;

function violations(
  applies: (file: SourceFile) => boolean,
  allowed: (module: string, path: string | undefined) => boolean,
): string[] {
  return files.filter(applies).flatMap((file) =>
    importsOf(file)
      .filter((module) => !allowed(module, target(file, module)))
      .map((module) => `${file.path} → ${module}`),
  );
}
const inPart =
  (...parts: string[]) =>
  (file: SourceFile): boolean =>
    !isRoot(file.path) && parts.includes(partOf(file.path));
const leadsTo = (path: string | undefined, ...parts: string[]): boolean =>
  path !== undefined && !isRoot(path) && parts.includes(partOf(path));

describe('imports', () => {
  it('are found at all', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap(importsOf).length).toBeGreaterThan(100);
  });

  it('of core lead to core and to pure packages only', () => {
    expect(
      violations(inPart('core'), (module, path) =>
        path === undefined ? !/^(vscode$|node:)/.test(module) : leadsTo(path, 'core'),
      ),
    ).toEqual([]);
  });

  it('of shared lead to shared and core', () => {
    expect(
      violations(inPart('shared'), (module, path) =>
        path === undefined ? !/^(vscode$|node:)/.test(module) : leadsTo(path, 'shared', 'core'),
      ),
    ).toEqual([]);
  });

  it('of engine and cli never lead to vscode or to the host’s parts', () => {
    expect(
      violations(
        inPart('engine', 'cli'),
        (module, path) => module !== 'vscode' && !leadsTo(path, ...HOST_PARTS, 'webview'),
      ),
    ).toEqual([]);
  });

  it('of the host’s parts never lead into a worker, to the command line or to the webview', () => {
    expect(
      violations(
        inPart(...HOST_PARTS),
        (_, path) => path === undefined || (!WORKER_FILES.test(path) && !leadsTo(path, 'cli', 'webview')),
      ),
    ).toEqual([]);
  });

  it('of the webview lead to webview, shared and core, and to no host module', () => {
    expect(
      violations(inPart('webview'), (module, path) =>
        path === undefined ? !/^(vscode$|node:)/.test(module) : leadsTo(path, 'webview', 'shared', 'core'),
      ),
    ).toEqual([]);
  });

  it('of vscode stay in the host’s parts and the files at the root of src', () => {
    const users = files.filter((file) => importsOf(file).includes('vscode')).map(({ path }) => path);
    expect(users.filter((path) => !isRoot(path) && !HOST_PARTS.includes(partOf(path)))).toEqual([]);
  });

  it.each([
    ['onnxruntime-node', 1],
    ['onnxruntime-web', 1],
    ['@vscode/webview-ui-toolkit', 1],
  ])('of %s are in at most %i file', (name, most) => {
    const users = files.filter((file) =>
      importsOf(file).some((module) => module === name || module.startsWith(`${name}/`)),
    );
    expect(users.map(({ path }) => path).slice(most)).toEqual([]);
  });
});
