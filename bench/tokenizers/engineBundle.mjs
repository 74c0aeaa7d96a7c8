// Bundles Tessera's own tokenizer for the benchmarks, as the extension's build does, and loads it.
import { build } from 'esbuild';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const outfile = `${root}out/bench/engine.cjs`;

export const buildEngine = () =>
  build({
    stdin: {
      contents: `export * from './src/engine/tiktokenLoader'; export * from './src/core/tokenizers/liveDocument';
        export * from './src/core/tokenizers/encodings'; export * from './test/unit/core/tokenizers/seededRandom';`,
      resolveDir: root,
    },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    outfile,
    logLevel: 'warning',
  });

/** The bundle, and where its tables are. */
export const loadEngine = () => createRequire(import.meta.url)(outfile);
export const tableFolder = `${root}assets/tables`;

/** CPU milliseconds (user and system, all threads of this process) that `work` takes. */
export function cpuOf(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
