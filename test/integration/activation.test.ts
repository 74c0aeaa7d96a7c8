// The extension as VS Code sees it: found, activated, its commands registered.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { extensionId, tessera } from './editorSession';

describe('activation', () => {
  it('finds and activates the extension', async () => {
    await tessera();
    assert.equal(vscode.extensions.getExtension(extensionId)?.isActive, true);
  });

  it('registers every command of the manifest', async () => {
    await tessera();
    const manifest = vscode.extensions.getExtension(extensionId)?.packageJSON as {
      contributes: { commands: { command: string }[] };
    };
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = manifest.contributes.commands
      .map(({ command }) => command)
      .filter((id) => !registered.has(id));
    assert.deepEqual(missing, []);
  });
});
