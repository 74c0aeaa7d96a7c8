// Human texts for the benchmarks: source files and documentation of installed packages, cut to a number of tokens, at most
// one text a file, in a fixed order. Nothing is downloaded and nothing is copied into the repository.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadEncoding } from '../../src/engine/tiktokenLoader';

export type TextKind = 'code' | 'prose';

export interface HumanTexts {
  readonly texts: readonly (readonly number[])[];
  /** Where they come from: folder and number of texts. */
  readonly sources: Readonly<Record<string, number>>;
}

const PATTERNS: Readonly<Record<TextKind, RegExp>> = {
  code: /\.(js|mjs|cjs|ts|py)$/,
  prose: /\.(md|txt|rst)$|^copyright$|^LICENSE|^README/i,
};
const FOLDERS: Readonly<Record<TextKind, readonly string[]>> = {
  code: ['node_modules', '/usr/lib/python3'],
  prose: ['node_modules', '/usr/share/doc', '/usr/lib/python3'],
};
const MACHINE_MADE = /\.min\.|\.d\.ts$/;
const LARGEST_FILE = 400_000;
const CACHE = 'out/bench';

/** Files below a folder by name pattern, in a fixed order. */
function* files(folder: string, pattern: RegExp, depth = 8): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth > 0) yield* files(path, pattern, depth - 1);
    else if (entry.isFile() && pattern.test(entry.name) && statSync(path).size < LARGEST_FILE) yield path;
  }
}

/** Texts of `length` tokens (r50k), read once and kept in out/bench for the next run. */
export async function humanTexts(kind: TextKind, count: number, length: number): Promise<HumanTexts> {
  const cached = join(CACHE, `human-${kind}-${count}-${length}.json`);
  try {
    return JSON.parse(readFileSync(cached, 'utf8')) as HumanTexts;
  } catch {
    // Not collected yet.
  }
  const tokenizer = await loadEncoding('r50k_base');
  const texts: number[][] = [];
  const sources: Record<string, number> = {};
  const seen = new Set<string>();
  for (const folder of FOLDERS[kind]) {
    for (const path of files(folder, PATTERNS[kind])) {
      if (texts.length === count) break;
      if (MACHINE_MADE.test(path)) continue;
      const text = readFileSync(path, 'utf8').slice(0, length * 12);
      // The same licence lies in many packages; one copy says as much as all.
      const head = text.replace(/\s+/g, ' ').slice(200, 500);
      if (text.includes('\ufffd') || seen.has(head)) continue;
      const ids = tokenizer.encode(text).subarray(0, length);
      if (ids.length < length) continue;
      seen.add(head);
      texts.push(Array.from(ids));
      sources[folder] = (sources[folder] ?? 0) + 1;
    }
  }
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(cached, JSON.stringify({ texts, sources }));
  return { texts, sources };
}
