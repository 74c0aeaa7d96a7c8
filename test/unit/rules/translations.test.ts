// Everything the extension host and the panel's page say can be translated: each message is a literal, and in the bundle that translators use.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { bundleText, collectStrings } from '../../../scripts/l10nBundle.mjs';
import { repositoryRoot, sourceFiles } from './sourceFiles';

/** Literals with two words, which only a reader needs; style classes, selectors and programmers' errors are none. */
function plainSentences(file: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isThrowStatement(node)) return;
    if (ts.isPropertyAssignment(node) && /^('?class'?|d)$/.test(node.name.getText())) return;
    if (ts.isCallExpression(node) && node.expression.getText() === 'l10n.t') {
      node.arguments.slice(1).forEach(visit);
      return;
    }
    if (
      ts.isCallExpression(node) &&
      /\.(querySelector(All)?|closest|matches)$/.test(node.expression.getText())
    )
      return;
    const words = ts.isTemplateExpression(node)
      ? [node.head, ...node.templateSpans.map(({ literal }) => literal)].map(({ text }) => text).join('0')
      : ts.isStringLiteralLike(node)
        ? node.text
        : '';
    if (/\p{L}{2,}[^\p{L}]* [^\p{L}]*\p{L}{2,}/u.test(words)) found.push(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

describe('messages of the extension host and the page', () => {
  it('are literals, so that a translation can be found', () => {
    expect(collectStrings().computed).toEqual([]);
  });

  it('are all in l10n/bundle.l10n.json, and nothing else is; `npm run l10n` writes it', () => {
    expect(readFileSync(join(repositoryRoot, 'l10n', 'bundle.l10n.json'), 'utf8')).toBe(bundleText());
  });

  it('number their places from 0 without a gap', () => {
    const gaps = collectStrings().strings.filter((text) => {
      const places = new Set([...text.matchAll(/\{(\d+)\}/g)].map(([, number]) => Number(number)));
      return [...places].some((place) => place >= places.size);
    });
    expect(gaps).toEqual([]);
  });

  it('of the page are not written past the translation', () => {
    const plain = sourceFiles(['webview']).flatMap(({ path, text }) =>
      plainSentences(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)).map(
        (sentence) => `${path}: ${sentence}`,
      ),
    );
    expect(plain).toEqual([]);
  });

  it('of the page would be found there', () => {
    const code =
      "f({ class: 'a b', title: `Two ${x} words` }, 'plain words', l10n.t('fine words'), g ? 'Go on' : '');";
    const found = plainSentences(ts.createSourceFile('a.ts', code, ts.ScriptTarget.Latest, true));
    expect(found).toEqual(['`Two ${x} words`', "'plain words'", "'Go on'"]);
  });

  it('are not shown past the translation', () => {
    const plain = sourceFiles(['src'])
      .filter(({ text }) => /show(Information|Warning|Error)Message\(\s*['"`]/.test(text))
      .map(({ path }) => path);
    expect(plain).toEqual([]);
  });
});
