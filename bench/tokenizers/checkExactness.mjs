// Ids against npm tiktoken at length: node bench/tokenizers/checkExactness.mjs [DATE] [MEGABYTES] [STRINGS]
// Real text is every .js, .ts, .md, .json, .css file below node_modules in name order, up to MEGABYTES (52).
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildEngine, loadEngine, root, tableFolder } from './engineBundle.mjs';
import { files } from './workloads.mjs';

const [date = new Date().toISOString().slice(0, 10), megabytes = '52', strings = '100000'] =
  process.argv.slice(2);
const require = createRequire(import.meta.url);
const SEED = 52;
await buildEngine();
const { ENCODING_NAMES, loadEncoding, randomText, seededRandom } = loadEngine();
const { get_encoding, Tiktoken } = require('tiktoken');

const texts = [];
let bytes = 0;
for (const path of files(join(root, 'node_modules'), ['.js', '.ts', '.md', '.json', '.css'])) {
  if (bytes >= Number(megabytes) * 1e6) break;
  const text = readFileSync(path, 'utf8');
  // One huge generated line would take tiktoken's quadratic merge for ever.
  if (text.length > 3e6 || /\S{20000}/.test(text)) continue;
  texts.push({ name: path.slice(root.length), text });
  bytes += Buffer.byteLength(text);
}
const same = (a, b) => a.length === b.length && a.every((id, i) => id === b[i]);
const results = {
  date,
  node: process.version,
  megabytes: bytes / 1e6,
  files: texts.length,
  strings: Number(strings),
  seed: SEED,
  encodings: {},
};
for (const name of ENCODING_NAMES) {
  const tokenizer = await loadEncoding(name, { tableFolder });
  const base = require('tiktoken/encoders/o200k_base.json');
  const tiktoken =
    name === 'o200k_harmony'
      ? new Tiktoken(base.bpe_ranks, Object.fromEntries(tokenizer.specialTokens), base.pat_str)
      : get_encoding(name);
  const differing = [];
  let tokens = 0;
  for (const { name: file, text } of texts) {
    const ids = tokenizer.encode(text);
    tokens += ids.length;
    if (!same(ids, tiktoken.encode_ordinary(text)) || tokenizer.count(text) !== ids.length)
      differing.push(file);
  }
  const random = seededRandom(SEED);
  for (let i = 0; i < Number(strings); i++) {
    const text = randomText(random);
    if (!same(tokenizer.encode(text), tiktoken.encode_ordinary(text))) differing.push(JSON.stringify(text));
  }
  tiktoken.free();
  results.encodings[name] = { tokens, differences: differing.length, examples: differing.slice(0, 5) };
  console.log(name, results.encodings[name]);
}
writeFileSync(
  `${root}bench/results/${date}-tokenizer-exactness.json`,
  `${JSON.stringify(results, null, 1)}\n`,
);
