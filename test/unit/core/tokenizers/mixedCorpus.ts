// Real text from packages that are installed anyway, so that nothing has to be downloaded or checked in: code,
// declarations, minified code, Markdown and TypeScript's messages in thirteen languages.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../../../../node_modules/', import.meta.url));
const LOCALES = ['cs', 'de', 'es', 'fr', 'it', 'ja', 'ko', 'pl', 'pt-br', 'ru', 'tr', 'zh-cn', 'zh-tw'];

const read = (path: string): string => readFileSync(packages + path, 'utf8');

/** Named parts, more than 5 MB together. */
export function mixedCorpus(): ReadonlyMap<string, string> {
  const messages = LOCALES.map((locale) => {
    const entries = JSON.parse(read(`typescript/lib/${locale}/diagnosticMessages.generated.json`)) as Record<
      string,
      string
    >;
    return Object.values(entries).join('\n').slice(0, 110_000);
  });
  const markdown = readmes().map((path) => readFileSync(path, 'utf8').slice(0, 60_000));
  return new Map([
    ['JavaScript', read('typescript/lib/_tsc.js').slice(0, 1_900_000)],
    ['TypeScript declarations', read('typescript/lib/lib.dom.d.ts').slice(0, 900_000)],
    ['messages in thirteen languages', messages.join('\n')],
    ['Markdown', markdown.join('\n').slice(0, 900_000)],
    ['minified code', read('axe-core/axe.min.js')],
  ]);
}

/** README.md of every installed package, in name order. */
function readmes(): string[] {
  return readdirSync(packages)
    .sort()
    .map((name) => `${packages}${name}/README.md`)
    .filter((path) => existsSync(path));
}
