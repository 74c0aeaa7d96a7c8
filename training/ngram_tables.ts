// Packs the n-gram tables that ship with the model: node training/run.mjs ngram_tables.ts [tokens=3000000] [bytes=6000000]
// Reads plain documents (no fill-in-the-middle pieces) of the training split, TypeScript first; writes models/tessera-tiny/ngrams.bin.
import { readFileSync, writeFileSync } from 'node:fs';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { packNgrams } from '../src/core/decoding/packedNgrams';
import { readTokenizerJsonText } from '../src/core/tokenizers/formats/tokenizerJsonReader';

const limit = Number(process.argv[2] ?? 3_000_000);
const bytes = Number(process.argv[3] ?? 6_000_000);
const folder = 'models/tessera-tiny';

async function main(): Promise<void> {
  const read = readTokenizerJsonText(readFileSync(`${folder}/tokenizer.json`, 'utf8'), { name: 'tessera-tiny' });
  if (!read.ok) throw new Error(read.reason.message);
  const { tokenizer } = read;
  // Every n-th document, so that all packages are read.
  const share: Readonly<Record<string, number>> = { typescript: 0.65, javascript: 0.2, declarations: 0.05, python: 0.1 };
  const used: Record<string, number> = {};
  const documents: Uint32Array[] = [];
  let state = 99;
  for await (const line of createInterface({ input: createReadStream('training/corpus/train.jsonl') })) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    if (state / 2 ** 32 > (limit * 3.3) / 110e6 * 1.5) continue;
    const { kind, text } = JSON.parse(line) as { kind: string; text: string };
    if ((used[kind] ?? 0) > limit * share[kind]!) continue;
    const ids = tokenizer.encode(text);
    used[kind] = (used[kind] ?? 0) + ids.length;
    documents.push(ids);
  }
  const packed = packNgrams(documents, tokenizer.vocabularySize, bytes);
  writeFileSync(`${folder}/ngrams.bin`, packed);
  process.stdout.write(`${packed.length} bytes from ${JSON.stringify(used)} tokens\n`);
}

void main();
