// The status bar count of the active editor: follows typing, selections, the active editor and the settings.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { SETTINGS } from '../../src/ids';
import {
  closeAllEditors,
  countedTokens,
  eventually,
  openFile,
  referenceIds,
  setSetting,
  statusShowing,
  tessera,
  tokensLabel,
} from './editorSession';

const prose =
  'The quick brown fox jumps over the lazy dog.\nNaïve café, 東京タワー, Привет, 👩🏽‍🚀 and 1,234.5!\n';
const tokensOf = (text: string): number => referenceIds('o200k_base', text).length;

describe('the status bar', () => {
  afterEach(closeAllEditors);

  it('shows the number of tokens of the file that is opened', async () => {
    const editor = await openFile('opened.txt', prose);
    assert.equal(await countedTokens(editor.document), tokensOf(prose));
    await statusShowing(tokensLabel(tokensOf(prose)));
  });

  it('writes large numbers with separators', async () => {
    const long = prose.repeat(200);
    await openFile('long.txt', long);
    const shown = await statusShowing(tokensLabel(tokensOf(long)));
    assert.match(shown.text, /^\d{1,3},\d{3} tokens$/);
  });

  it('follows what is typed, key by key', async () => {
    const editor = await openFile('typed.txt', 'let x');
    let text = 'let x';
    editor.selection = new vscode.Selection(0, 5, 0, 5);
    for (const key of ' = tokenization(東京);\n') {
      await vscode.commands.executeCommand('type', { text: key });
      text += key;
      assert.equal(await countedTokens(editor.document), tokensOf(editor.document.getText()));
    }
    assert.equal(editor.document.getText().replace(/\r/g, '').startsWith(text.trimEnd().slice(0, 20)), true);
    await statusShowing(tokensLabel(tokensOf(editor.document.getText())));
  });

  it('follows undo, and an edit with many changes at once', async () => {
    const editor = await openFile('edited.txt', prose.repeat(20));
    const before = await countedTokens(editor.document);
    await editor.edit((builder) => {
      for (let line = 0; line < editor.document.lineCount - 1; line += 3) {
        builder.replace(new vscode.Range(line, 4, line, 9), '“slow”');
        builder.insert(new vscode.Position(line, 12), ' 猫');
      }
    });
    assert.equal(await countedTokens(editor.document), tokensOf(editor.document.getText()));
    await vscode.commands.executeCommand('undo');
    assert.equal(await countedTokens(editor.document), before);
  });

  it('adds the count of the selection, and adds several selections up', async () => {
    const editor = await openFile('selected.txt', prose);
    const total = tokensLabel(tokensOf(prose));
    editor.selection = new vscode.Selection(0, 4, 0, 19);
    await statusShowing(`${total} (${tokensOf('quick brown fox')} selected)`);
    editor.selections = [
      new vscode.Selection(0, 4, 0, 9),
      new vscode.Selection(0, 10, 0, 15),
      new vscode.Selection(1, 0, 1, 5),
    ];
    const sum = tokensOf('quick') + tokensOf('brown') + tokensOf('Naïve');
    const shown = await statusShowing(`${total} (${sum} selected)`);
    assert.ok(
      shown.tooltip.some((line) => line.startsWith('3 selections')),
      shown.tooltip.join('\n'),
    );
    editor.selection = new vscode.Selection(0, 0, 0, 0);
    await statusShowing(total);
  });

  it('names the encoding and says that the number is exact, in the tooltip', async () => {
    await openFile('tooltip.txt', prose);
    const shown = await statusShowing(tokensLabel(tokensOf(prose)));
    const tooltip = shown.tooltip.join('\n');
    assert.match(tooltip, /o200k_base/);
    assert.match(tooltip, /[Ee]xact/);
  });

  it('follows the active editor, and is hidden without one', async () => {
    const { status } = await tessera();
    await openFile('first.txt', 'one two three');
    await statusShowing(tokensLabel(3));
    await openFile('second.txt', 'one two three four five');
    await statusShowing(tokensLabel(5));
    await vscode.commands.executeCommand('workbench.action.previousEditor');
    await statusShowing(tokensLabel(3));
    await closeAllEditors();
    await eventually('the item to be hidden', () => status.shown === undefined);
  });

  it('can be turned off', async () => {
    const { status } = await tessera();
    await openFile('off.txt', 'one two');
    await statusShowing(tokensLabel(2));
    try {
      await setSetting(SETTINGS.statusBarShow, false);
      await eventually('the item to be hidden', () => status.shown === undefined);
    } finally {
      await setSetting(SETTINGS.statusBarShow, undefined);
    }
    await statusShowing(tokensLabel(2));
  });
});
