// Writes models/tessera-tiny/manifest.json over the files that are there: node training/run.mjs pack_model.ts
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { vocabularyFingerprint } from '../src/core/model/vocabularyFingerprint';
import { readTokenizerJsonText } from '../src/core/tokenizers/formats/tokenizerJsonReader';

const folder = 'models/tessera-tiny';
const read = readTokenizerJsonText(readFileSync(`${folder}/tokenizer.json`, 'utf8'), { name: 'tessera-tiny' });
if (!read.ok) throw new Error(read.reason.message);
const files = ['model.onnx', 'tokenizer.json', 'ngrams.bin']
  .filter((path) => existsSync(`${folder}/${path}`))
  .map((path) => ({
    path,
    bytes: statSync(`${folder}/${path}`).size,
    sha256: createHash('sha256').update(readFileSync(`${folder}/${path}`)).digest('hex'),
  }));
const manifest = {
  layout: 'tessera-tree-1',
  name: 'tessera-tiny',
  version: process.argv[2] ?? new Date().toISOString().slice(0, 10),
  licence: 'MIT',
  contextLength: 2048,
  tokenizerFingerprint: vocabularyFingerprint(read.tokenizer),
  source: 'training/README.md says how it was made and how to make it again',
  files,
};
writeFileSync(`${folder}/manifest.json`, `${JSON.stringify(manifest, null, 1)}\n`);
process.stdout.write(`${JSON.stringify(files)}\n`);
