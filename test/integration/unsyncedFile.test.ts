// A file above 50 MB: VS Code shows it but gives extensions no document. Its count comes from the disk.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { closeAllEditors, eventually, tessera, tokensLabel, workspaceUri } from './editorSession';

it('a file of 53 MB is counted on disk, and its status says so', async () => {
  const { status } = await tessera();
  const lines = 1_000_000;
  const uri = workspaceUri('huge.txt');
  // Each line is its words, a space before each but the first, and one line break.
  await vscode.workspace.fs.writeFile(
    uri,
    Buffer.from('the quick brown fox jumps over the lazy dog and runs \n'.repeat(lines)),
  );
  void vscode.commands.executeCommand('vscode.open', uri);
  const shown = await eventually(
    'a status that names the disk',
    () =>
      status.shown?.tooltip.some((line) => line.includes('on disk')) === true ? status.shown : undefined,
    120,
  );
  // 11 words and ' \n' a line.
  assert.equal(shown.text, tokensLabel(12 * lines));
  await closeAllEditors();
  await vscode.workspace.fs.delete(uri);
}).timeout(180_000);
