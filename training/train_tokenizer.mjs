// Trains the tokenizer on the training split: node train_tokenizer.mjs [vocabularySize=4096] [out=../models/tessera-tiny/tokenizer.json]
import { createReadStream, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { countPreTokens, learnMerges, SPECIALS, tokenizerJson } from "./bytePairs.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const size = Number(process.argv[2] ?? 4096);
const out = process.argv[3] ?? join(here, "../models/tessera-tiny/tokenizer.json");
// TypeScript is what most users type, so it decides the vocabulary; Python and declarations count for less.
const BUDGET = { typescript: 22e6, javascript: 8e6, declarations: 3e6, python: 4e6 };
const used = {};
const counts = new Map();
for await (const line of createInterface({ input: createReadStream(join(here, "corpus/train.jsonl")) })) {
  const { kind, text } = JSON.parse(line);
  used[kind] = (used[kind] ?? 0) + text.length;
  if (used[kind] < BUDGET[kind]) countPreTokens(text, counts);
}
const merges = learnMerges(counts, size - 256 - SPECIALS.length);
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, JSON.stringify(tokenizerJson(merges), null, 0) + "\n");
process.stdout.write(`${out}: ${merges.length} merges from ${counts.size} distinct pre-tokens\n`);
