// Builds everything that ships: extension host bundle, token worker, model process, command line and webview, and
// copies the data files they read. `--watch` rebuilds, `--production` minifies, `--outdir DIR` writes elsewhere than
// dist, `--only ENTRY` builds one bundle, `--inputs FILE` writes the list of source files that went into the bundles.
// Entries that do not exist are skipped.
import { build, context } from 'esbuild';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

const common = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  logLevel: 'warning',
};
const node = { ...common, platform: 'node', format: 'cjs', mainFields: ['module', 'main'] };
const browser = { ...common, platform: 'browser', format: 'iife', target: 'chrome134' };
// Native and WASM packages read files beside themselves, so they stay packages.
const packagesKept = ['onnxruntime-node', 'onnxruntime-web'];

/** One bundle a line: entry, output, options. The command line keeps to Node 20, which is the floor for its users. */
const bundles = [
  {
    entry: 'src/extension.ts',
    outfile: 'dist/extension.js',
    ...node,
    target: 'node22',
    external: ['vscode'],
  },
  {
    entry: 'src/engine/tokenWorker.ts',
    outfile: 'dist/tokenWorker.js',
    ...node,
    target: 'node20',
    external: packagesKept,
  },
  {
    entry: 'src/engine/modelProcess.ts',
    outfile: 'dist/modelProcess.js',
    ...node,
    target: 'node20',
    external: packagesKept,
  },
  {
    entry: 'src/engine/solverWorker.ts',
    outfile: 'dist/solverWorker.js',
    ...node,
    target: 'node20',
    // The CommonJS build: the module build asks for its own address, which a bundle does not have.
    alias: { highs: './node_modules/highs/build/highs.js' },
  },
  {
    entry: 'src/cli/main.ts',
    outfile: 'dist/cli.js',
    ...node,
    banner: { js: '#!/usr/bin/env node' },
    target: 'node20',
    external: packagesKept,
  },
  { entry: 'webview/panel.ts', outfile: 'dist/webview/panel.js', ...browser },
  { entry: 'webview/panel.css', outfile: 'dist/webview/panel.css', ...browser, loader: { '.css': 'css' } },
];

/** Data copied beside the bundles: [from, to]. */
const dataFolders = [
  ['assets/tables', 'dist/tables'],
  ['models', 'dist/models'],
  ['node_modules/highs/build/highs.wasm', 'dist/highs.wasm'],
];

/** esbuild's own options for one line of `bundles`. */
const esbuildOptions = ({ entry, ...options }) => ({ entryPoints: [entry], ...options });

const option = (name) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};

async function main() {
  const folder = option('--outdir') ?? 'dist';
  const only = option('--only');
  const wanted = bundles
    .filter(({ entry }) => existsSync(entry) && (only === undefined || entry === only))
    .map(({ outfile, ...rest }) => esbuildOptions({ ...rest, outfile: outfile.replace(/^dist/, folder) }));
  if (!watch && only === undefined) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  if (only === undefined)
    for (const [from, to] of dataFolders)
      if (existsSync(from)) await cp(from, to.replace(/^dist/, folder), { recursive: true });
  if (!watch) {
    const results = await Promise.all(wanted.map((options) => build({ ...options, metafile: true })));
    const inputs = new Set(results.flatMap(({ metafile }) => Object.keys(metafile.inputs)));
    if (option('--inputs') !== undefined) await writeFile(option('--inputs'), [...inputs].sort().join('\n'));
  } else for (const options of wanted) await (await context(options)).watch();
}

await main();
