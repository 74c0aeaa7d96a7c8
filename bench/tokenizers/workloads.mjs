// Texts for the benchmarks, from installed npm packages only, so that anybody has the same ones after npm ci.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './engineBundle.mjs';

const modules = join(root, 'node_modules');
const read = (path) => readFileSync(join(modules, path), 'utf8');
const LOCALES = ['cs', 'de', 'es', 'fr', 'it', 'ja', 'ko', 'pl', 'pt-br', 'ru', 'tr', 'zh-cn', 'zh-tw'];

/** Files below `folder` with one of the endings, in name order; links are not followed. */
export function* files(folder, endings) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path, endings);
    else if (entry.isFile() && endings.some((ending) => entry.name.endsWith(ending))) yield path;
  }
}

const markdown = () => [...files(modules, ['.md'])].map((path) => readFileSync(path, 'utf8')).join('\n');
/** Messages of TypeScript's compiler in thirteen languages, and of axe-core's rules in some twenty. */
const messages = () =>
  [
    ...LOCALES.map((locale) =>
      strings(JSON.parse(read(`typescript/lib/${locale}/diagnosticMessages.generated.json`))),
    ),
    ...[...files(join(modules, 'axe-core', 'locales'), ['.json'])]
      .filter((path) => !path.endsWith('_template.json'))
      .map((path) => strings(JSON.parse(readFileSync(path, 'utf8')))),
  ]
    .flat()
    .join('\n');
const strings = (value) =>
  typeof value === 'string' ? [value] : Object.values(value ?? {}).flatMap(strings);
const declarations = () =>
  [
    'typescript/lib/lib.dom.d.ts',
    'typescript/lib/typescript.d.ts',
    '@types/vscode/index.d.ts',
    'typescript/lib/lib.webworker.d.ts',
    'playwright-core/types/types.d.ts',
  ]
    .map(read)
    .join('\n');

/** Each makes its text; sizes are checked by the runner. */
export const WORKLOADS = {
  'TypeScript and JavaScript': () =>
    declarations().slice(0, 3_000_000) + read('typescript/lib/_tsc.js').slice(0, 2_500_000),
  'English Markdown': () => {
    const text = markdown();
    return text.repeat(Math.ceil(5_000_000 / text.length)).slice(0, 5_000_000);
  },
  'twenty languages': () => messages(),
  'minified JavaScript': () => read('axe-core/axe.min.js'),
};

const ideographs = (length) =>
  Array.from({ length }, (_, i) => String.fromCharCode(0x4e00 + ((i * 7919) % 5000))).join('');
export const PATHOLOGICAL = {
  '200 000 × a': () => 'a'.repeat(200_000),
  '200 000 spaces': () => ' '.repeat(200_000),
  '200 000 × =': () => '='.repeat(200_000),
  '200 kB of CJK without punctuation': () => ideographs(66_666),
  '200 000 units of joined emoji': () => '\u{1f469}\u200d\u{1f4bb}'.repeat(40_000),
  '500 kB of base64': () => Buffer.from(read('typescript/lib/_tsc.js').slice(0, 375_000)).toString('base64'),
};
