// The extension as VS Code sees it: found, activated, its commands registered.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';

const extensionId = 'tessera.tessera';

describe('activation', () => {
  it('finds and activates the extension', async () => {
    const extension = vscode.extensions.getExtension(extensionId);
    assert.ok(extension, `${extensionId} is not among the extensions`);
    await extension.activate();
    assert.equal(extension.isActive, true);
  });
});
