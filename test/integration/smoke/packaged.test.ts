// The packed extension in a fresh profile: it is the installed copy that runs, and it works without the checkout.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';

const extensionId = 'tessera.tessera';

describe('the packed extension', () => {
  it('is installed in the profile, not loaded from a checkout', () => {
    const extension = vscode.extensions.getExtension(extensionId);
    assert.ok(extension, `${extensionId} is not installed`);
    assert.match(extension.extensionPath, /tessera-profile-[^/\\]+[/\\]extensions[/\\]tessera\.tessera-/);
  });

  it('activates and registers every command its manifest promises', async () => {
    const extension = vscode.extensions.getExtension(extensionId);
    await extension?.activate();
    const registered = new Set(await vscode.commands.getCommands(true));
    const manifest = extension?.packageJSON as { contributes: { commands: { command: string }[] } };
    const missing = manifest.contributes.commands
      .map(({ command }) => command)
      .filter((id) => !registered.has(id));
    assert.deepEqual(missing, []);
  });
});
