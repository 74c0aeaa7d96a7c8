// Token boundaries in the editor, the hover on a token and the plain-text token list, against the reference's tokens.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { COMMANDS, RUNTIME_IDS } from '../../src/ids';
import {
  closeAllEditors,
  countedTokens,
  eventually,
  openFile,
  referenceIds,
  referenceText,
  tessera,
} from './editorSession';

const text = 'def retry(action, attempts=5):\n    return action()  # naïve back-off, 東京\n';

/** Starts of the tokens of `source`, UTF-16, from the reference alone; for text whose tokens are whole characters. */
function referenceStarts(source: string): number[] {
  const ids = referenceIds('o200k_base', source);
  const starts: number[] = [];
  let at = 0;
  for (const id of ids) {
    starts.push(at);
    at += referenceText('o200k_base', Uint32Array.of(id)).length;
  }
  assert.equal(at, source.length, 'the sample must have whole characters in every token');
  return starts;
}

async function showBoundaries(shown: boolean): Promise<void> {
  const { boundaries } = await tessera();
  if (boundaries.visible !== shown) await vscode.commands.executeCommand(COMMANDS.toggleBoundaries);
  await eventually(`boundaries ${shown ? 'on' : 'off'}`, () => boundaries.visible === shown);
}

/** Waits until the ranges drawn in an editor satisfy `accept`, and returns them. */
async function drawnRanges(editor: vscode.TextEditor, accept: (starts: number[]) => boolean) {
  const { boundaries } = await tessera();
  const startsOf = (): number[] => {
    const drawn = boundaries.drawn(editor);
    if (drawn === undefined) return [];
    return [...drawn.evenStart, ...drawn.oddStart]
      .map(({ start }) => editor.document.offsetAt(start))
      .sort((a, b) => a - b);
  };
  try {
    return await eventually(
      'boundaries as expected',
      () => (accept(startsOf()) ? boundaries.drawn(editor) : undefined),
      15,
    );
  } catch {
    throw new Error(`token starts drawn: ${startsOf().join(' ')}`);
  }
}

describe('token boundaries', () => {
  afterEach(async () => {
    await showBoundaries(false);
    await closeAllEditors();
  });

  it('draws an edge where each token of the reference begins, in alternating bands', async () => {
    const editor = await openFile('edges.py', text);
    const expected = referenceStarts(text);
    await showBoundaries(true);
    const drawn = await drawnRanges(editor, (starts) => starts.join() === expected.join());
    const even = new Set(drawn.evenStart.map(({ start }) => editor.document.offsetAt(start)));
    assert.deepEqual(
      expected.filter((start) => even.has(start)),
      expected.filter((_, index) => index % 2 === 0),
    );
  });

  it('follows an edit', async () => {
    const editor = await openFile('follows.py', text);
    await showBoundaries(true);
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), 'antidisestablishment = 1\n'));
    const expected = referenceStarts(editor.document.getText());
    await drawnRanges(editor, (starts) => starts.join() === expected.join());
  });

  it('draws nothing after it is switched off', async () => {
    const editor = await openFile('off.py', text);
    await showBoundaries(true);
    await drawnRanges(editor, (starts) => starts.length > 0);
    await showBoundaries(false);
    const { boundaries } = await tessera();
    await eventually('nothing drawn', () =>
      Object.values(boundaries.drawn(editor) ?? {}).every((ranges) => ranges.length === 0),
    );
  });

  it('marks characters that a boundary cuts', async () => {
    const editor = await openFile('cut.txt', 'a 𓂀 b 𒐫\n');
    await showBoundaries(true);
    const drawn = await drawnRanges(editor, (starts) => starts.length > 0);
    const marked = drawn.insideCharacter.map((range) => editor.document.getText(range));
    assert.ok(marked.join('').includes('𓂀') && marked.join('').includes('𒐫'), JSON.stringify(marked));
  });

  it('draws a bounded number of ranges in a document of a million tokens', async () => {
    const editor = await openFile(
      'million.txt',
      'one two three four five six seven eight nine ten\n'.repeat(100_000),
    );
    assert.ok((await countedTokens(editor.document, 60)) >= 1_000_000);
    await showBoundaries(true);
    await drawnRanges(editor, (starts) => starts.length > 0 && starts.length <= 10_000);
    editor.revealRange(new vscode.Range(90_000, 0, 90_000, 0));
    await drawnRanges(
      editor,
      (starts) => starts.some((start) => start > 89_900 * 49) && starts.length <= 10_000,
    );
  });

  it('describes the token under the pointer, while boundaries are on', async () => {
    const editor = await openFile('hover.py', text);
    await countedTokens(editor.document);
    const hoverText = async (): Promise<string> => {
      const position = new vscode.Position(0, 6);
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        editor.document.uri,
        position,
      );
      return hovers
        .flatMap(({ contents }) => contents.map((part) => (part as vscode.MarkdownString).value))
        .join('\n')
        .replaceAll('&nbsp;', ' ');
    };
    assert.doesNotMatch(await hoverText(), /Merge/i);
    await showBoundaries(true);
    const shown = await hoverText();
    const id = referenceIds('o200k_base', text)[1];
    assert.ok(id !== undefined && referenceText('o200k_base', Uint32Array.of(id)) === ' retry');
    assert.match(shown, new RegExp(`id ${id}\\b`));
    assert.match(shown, /20 72 65 74 72 79/);
  });
});

describe('tokens as text', () => {
  afterEach(closeAllEditors);

  it('lists every token of the active editor in a read-only document', async () => {
    const editor = await openFile('listed.py', text);
    await countedTokens(editor.document);
    await vscode.commands.executeCommand(COMMANDS.showTokensAsText);
    const list = await eventually('the list', () =>
      vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === RUNTIME_IDS.tokensScheme),
    );
    const ids = [...referenceIds('o200k_base', text)];
    const content = await eventually('every token listed', () => {
      const lines = list.getText().split('\n');
      return ids.every((id) => lines.some((line) => new RegExp(`\\b${id}\\b`).test(line)))
        ? list.getText()
        : undefined;
    });
    assert.ok(content.split('\n').length >= ids.length);
  });
});
