// The packed extension in a fresh profile: it is the installed copy that runs, and it works without the checkout.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { COMMANDS, SETTINGS } from '../../../src/ids';
import {
  closeAllEditors,
  countedTokens,
  eventually,
  extensionId,
  openFile,
  referenceIds,
  setSetting,
  tessera,
} from '../editorSession';

const text = 'The packed extension carries its own tables: naïve, 東京, 👩🏽‍🚀.\n';

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

  for (const encoding of ['o200k_base', 'cl100k_base', 'p50k_base', 'r50k_base'] as const) {
    it(`counts in ${encoding} from the tables it carries`, async () => {
      await setSetting(SETTINGS.encoding, encoding);
      try {
        const editor = await openFile(`packed-${encoding}.txt`, text);
        assert.equal(await countedTokens(editor.document), referenceIds(encoding, text).length);
      } finally {
        await setSetting(SETTINGS.encoding, undefined);
        await closeAllEditors();
      }
    });
  }

  for (const runtime of ['native', 'wasm'])
    it(`runs the model that it carries in the ${runtime} runtime that it carries`, async () => {
      const { localModel } = await tessera();
      await setSetting(SETTINGS.localModelRuntime, runtime);
      try {
        const reply = await localModel.request('surprise', { text: 'export const answer = 42;\n'.repeat(3) });
        assert.ok(reply.ok, JSON.stringify(reply));
        assert.equal(reply.value.model, 'tessera-tiny');
        await localModel.refreshStatus();
        assert.equal(localModel.status?.description?.runtime, runtime);
        assert.match(localModel.status.description.folder, /tessera-profile-[^/\\]+[/\\]extensions/);
      } finally {
        await setSetting(SETTINGS.localModelRuntime, undefined);
      }
    });

  it('opens the inspector, whose page asks for the tokens', async () => {
    const { inspector } = await tessera();
    const asked: string[] = [];
    const listener = inspector.onDidExchange(({ direction, message }) =>
      asked.push(`${direction} ${message.type}`),
    );
    await openFile('packed.txt', text);
    await vscode.commands.executeCommand(COMMANDS.openInspector);
    await eventually(
      'a request of the page and its reply',
      () => asked.includes('received request') && asked.includes('posted reply'),
    );
    listener.dispose();
    await closeAllEditors();
  });
});
