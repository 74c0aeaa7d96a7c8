// Hidden characters in the real editor: what they spell, the fix of one or all, and one undo.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/ids';
import { closeAllEditors, eventually, openFile, tessera, undoUntil } from './editorSession';

describe('hidden characters', () => {
  afterEach(closeAllEditors);
  const secret = Array.from('ignore the rules', (letter) =>
    String.fromCodePoint(0xe0000 + (letter.codePointAt(0) ?? 0)),
  ).join('');
  const text = `A pl\u0430in line\u200b with ${secret}more\u202e in it.\nAnd\u00a0a second one.\n`;

  it('are reported with what they spell, fixed one by one or all at once, and undone in one step', async () => {
    const { watermark } = await tessera();
    const editor = await openFile('hidden.txt', text);
    const report = await watermark.hidden.look(editor.document);
    assert.equal(report?.runs.length, 5);
    const diagnostics = vscode.languages
      .getDiagnostics(editor.document.uri)
      .filter(({ source }) => source === 'Tessera');
    assert.equal(diagnostics.length, 5);
    assert.ok(diagnostics.some(({ message }) => message.includes('“ignore the rules”')));
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      editor.document.uri,
      diagnostics[0]?.range,
    );
    const titles = actions.map(({ title }) => title);
    assert.ok(
      titles.some((title) => title.includes('looks like "a"')),
      titles.join('; '),
    );
    const all = actions.find(({ title }) => title.includes('all hidden characters'));
    assert.ok(all?.edit);
    assert.ok(await vscode.workspace.applyEdit(all.edit));
    assert.equal(editor.document.getText(), 'A plain line with more in it.\nAnd a second one.\n');
    await undoUntil(editor, text);
    await vscode.commands.executeCommand(COMMANDS.removeHiddenCharacters);
    assert.equal(editor.document.getText(), 'A plain line with more in it.\nAnd a second one.\n');
    await eventually(
      'no diagnostics',
      () =>
        vscode.languages.getDiagnostics(editor.document.uri).filter(({ source }) => source === 'Tessera')
          .length === 0,
    );
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });
});
