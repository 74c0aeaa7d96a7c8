// Packs npm tiktoken's rank tables as merge pairs into assets/tables: node scripts/packTables.mjs
// `--check` compares instead of writing and exits 1 on a difference.
import { build } from 'esbuild';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';

const TABLES = ['o200k_base', 'cl100k_base', 'p50k_base', 'r50k_base'];
const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

/** The packing code itself is TypeScript in src/core. */
async function packingCode() {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { packVocabulary, vocabularyFromTokens } from './bytePairVocabulary';
        export { parseTiktokenRanks } from './tiktokenRanks';`,
      resolveDir: `${root}src/core/tokenizers`,
    },
    bundle: true,
    format: 'esm',
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

const { packVocabulary, vocabularyFromTokens, parseTiktokenRanks } = await packingCode();
const folder = `${root}assets/tables`;
mkdirSync(folder, { recursive: true });
let deflated = 0;
for (const name of TABLES) {
  const ranks = parseTiktokenRanks(require(`tiktoken/encoders/${name}.json`).bpe_ranks);
  if (!ranks.ok) throw new Error(ranks.reason);
  const packed = packVocabulary(vocabularyFromTokens(ranks.tokens));
  const path = `${folder}/${name}.pairs`;
  const size = deflateRawSync(packed, { level: 9 }).length;
  deflated += size;
  console.log(`${name}: ${ranks.tokens.length} ranks, ${packed.length} bytes, deflated ${size}`);
  if (!process.argv.includes('--check')) writeFileSync(path, packed);
  else if (!existsSync(path) || !readFileSync(path).equals(packed)) {
    console.error(`${path} is not what npm tiktoken gives; run node scripts/packTables.mjs`);
    process.exitCode = 1;
  }
}
console.log(`deflated together: ${deflated}`);
