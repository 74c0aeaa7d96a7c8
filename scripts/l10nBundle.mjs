// Collects every string that the extension host and the panel's page show through l10n.t (or a `translate` passed on from it)
// into l10n/bundle.l10n.json, which translators start from. `npm run l10n` writes it, and so does every build; a unit test
// compares. A string that is put together at run time cannot be translated and is reported.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundleFile = join(root, 'l10n', 'bundle.l10n.json');

const sourceFiles = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });

/** 't' of l10n, or a function called translate. */
const isTranslation = (callee) =>
  ts.isPropertyAccessExpression(callee)
    ? callee.name.text === 't' && callee.expression.getText().endsWith('l10n')
    : ts.isIdentifier(callee) && callee.text === 'translate';

/** `{ strings, computed }`: all literal messages, sorted, and the places where a message is not a literal. Read once. */
export const collectStrings = () => (collected ??= readStrings());
let collected;

function readStrings() {
  const strings = new Set();
  const computed = [];
  for (const path of ['src', 'webview'].flatMap((folder) => sourceFiles(join(root, folder)))) {
    const text = readFileSync(path, 'utf8');
    if (!/l10n|translate/.test(text)) continue;
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    const visit = (node) => {
      if (ts.isCallExpression(node) && isTranslation(node.expression)) {
        const [message] = node.arguments;
        if (message && ts.isStringLiteralLike(message)) strings.add(message.text);
        else {
          const { line } = file.getLineAndCharacterOfPosition(node.getStart());
          computed.push(`${path.slice(root.length)}:${line + 1}`);
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return { strings: [...strings].sort(), computed };
}

/** The bundle's text: each message is its own English translation. */
export function bundleText() {
  const { strings } = collectStrings();
  return `${JSON.stringify(Object.fromEntries(strings.map((text) => [text, text])), null, 2)}\n`;
}

export function writeBundle() {
  const text = bundleText();
  if (readFileSync(bundleFile, 'utf8') !== text) writeFileSync(bundleFile, text);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeBundle();
  const { strings, computed } = collectStrings();
  console.log(`${strings.length} strings`);
  for (const place of computed) console.log(`put together at run time: ${place}`);
}
