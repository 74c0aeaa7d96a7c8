// Token boundaries, hover and the plain-text list in the real editor.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { COMMANDS, RUNTIME_IDS } from '../../src/ids';
import { countedTokens, eventually, openFile, tessera } from './editorSession';

type Drawn = NonNullable<ReturnType<Awaited<ReturnType<typeof tessera>>['boundaries']['drawn']>>;

async function setVisible(wanted: boolean): Promise<void> {
  const { boundaries } = await tessera();
  if (boundaries.visible !== wanted) await vscode.commands.executeCommand(COMMANDS.toggleBoundaries);
  assert.equal(boundaries.visible, wanted);
}

/** Waits until what is drawn in the editor satisfies `wanted`. */
async function drawnIn(
  editor: vscode.TextEditor,
  what: string,
  wanted: (drawn: Drawn) => boolean,
): Promise<Drawn> {
  const { boundaries } = await tessera();
  return await eventually(what, () => {
    const drawn = boundaries.drawn(editor);
    return drawn !== undefined && wanted(drawn) ? drawn : undefined;
  });
}
const starts = ({ evenStart, oddStart }: Drawn): number => evenStart.length + oddStart.length;

describe('token boundaries', () => {
  afterEach(() => setVisible(false));

  it('have one edge for each token of a small file', async () => {
    const editor = await openFile('edges.ts', 'const answer = 42;\nexport { answer };\n');
    await setVisible(true);
    const tokens = await countedTokens(editor.document);
    await drawnIn(editor, `${tokens} edges`, (drawn) => starts(drawn) === tokens);
  });

  it('follow an edit', async () => {
    const editor = await openFile('edited.txt', 'one');
    await setVisible(true);
    await drawnIn(editor, '1 edge', (drawn) => starts(drawn) === 1);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 3), ' two three'));
    await drawnIn(editor, '3 edges', (drawn) => starts(drawn) === 3);
  });

  it('mark a character that is cut into several tokens', async () => {
    const editor = await openFile('cut.txt', 'a 𓀀 b');
    await setVisible(true);
    const { insideCharacter } = await drawnIn(
      editor,
      'a cut character',
      (drawn) => drawn.insideCharacter.length === 1,
    );
    assert.equal(editor.document.getText(insideCharacter[0]), '𓀀');
  });

  it('go when they are switched off', async () => {
    const editor = await openFile('off.txt', 'one two');
    await setVisible(true);
    await drawnIn(editor, 'edges', (drawn) => starts(drawn) > 0);
    await setVisible(false);
    const { boundaries } = await tessera();
    assert.equal(boundaries.drawn(editor), undefined);
  });

  it('are capped on a line of two megabytes, and leave the editor alive', async () => {
    const editor = await openFile('minified.js', 'function a(b){return b+1};'.repeat(80_000));
    await setVisible(true);
    const drawn = await drawnIn(editor, 'edges', (each) => starts(each) > 1000);
    assert.ok(starts(drawn) <= 5000, `${starts(drawn)} edges`);
  });
});

describe('the hover', () => {
  const hovers = async (document: vscode.TextDocument, position: vscode.Position): Promise<string> => {
    const found = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      position,
    );
    return found
      .flatMap(({ contents }) => contents)
      .map((content) => (content instanceof vscode.MarkdownString ? content.value : ''))
      .join('\n');
  };
  afterEach(() => setVisible(false));

  it('tells id, bytes, offsets, rank and history of the token', async () => {
    const { document } = await openFile('hover.txt', 'x the y');
    await setVisible(true);
    const text = await hovers(document, new vscode.Position(0, 3));
    for (const part of ['·the', 'Token 2', '20 74 68 65', 'Byte offsets 1 to 5', 'Merge rank', 'Merged'])
      assert.ok(text.replaceAll('&nbsp;', ' ').includes(part), `"${part}" in:\n${text}`);
  });

  it('is silent while boundaries are off', async () => {
    const { document } = await openFile('silent.txt', 'x the y');
    assert.equal(await hovers(document, new vscode.Position(0, 3)), '');
  });
});

describe('the list of tokens as text', () => {
  it('has a row for each token and follows edits', async () => {
    const editor = await openFile('list.txt', 'one two\n');
    await vscode.commands.executeCommand(COMMANDS.showTokensAsText);
    const list = await eventually('the list', () =>
      vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === RUNTIME_IDS.tokensScheme),
    );
    assert.match(list.getText(), /^ +1 +1:1 +\d+ +one +6F 6E 65$/m);
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 0), 'three'));
    await eventually('the new row', () => / 2:1 .*three/.test(list.getText()));
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });
});
