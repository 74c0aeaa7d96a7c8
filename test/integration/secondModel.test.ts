// A second model beside the local one in the real editor: named by a setting, it votes on every byte of a draft; one that
// cannot be loaded is refused with its folder, and without the setting all is as before. And Show Drafts where VS Code's
// own inline suggestions are switched off: the drafts are in the panel then.
import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS, SETTINGS } from '../../src/ids';
import type { PanelExchange } from '../../src/panel/inspectorPanel';
import { writeWholeByteFolder } from '../unit/core/model/wholeByteTokenizer';
import { closeAllEditors, eventually, openFile, setSetting, tessera } from './editorSession';

const code = 'export function lengths(items: string[]) {\n  return items.map((item) => item.len';
const rest = ');\n}\n';

/** A vote is two forwards a byte: few bytes are enough. */
const short = { count: 2, maxTokens: 3 };

async function atCursor(name: string): Promise<vscode.TextEditor> {
  const editor = await openFile(name, code + rest);
  const at = editor.document.positionAt(code.length);
  editor.selection = new vscode.Selection(at, at);
  return editor;
}

describe('a second model for drafts', function () {
  this.timeout(600_000);
  const scratch = mkdtempSync(join(tmpdir(), 'tessera-second-'));
  const folder = join(scratch, 'second');
  before(() => writeWholeByteFolder(folder, 7));
  afterEach(async () => {
    await setSetting(SETTINGS.draftsSecondModel, undefined);
    await closeAllEditors();
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  it('votes on every byte while the setting names its folder', async () => {
    const { drafts } = await tessera();
    const { document, selection } = await atCursor('second.ts');
    const alone = await drafts.service.drafts(document, selection.active, short);
    assert.ok(alone.ok, JSON.stringify(alone));
    assert.equal(alone.value.method, 'forked');
    await setSetting(SETTINGS.draftsSecondModel, folder);
    const both = await drafts.service.drafts(document, selection.active, short);
    assert.ok(both.ok, JSON.stringify(both));
    assert.equal(both.value.method, 'ensemble');
    assert.ok(both.value.drafts.length > 0);
    // A random model halves the certainty of the first byte.
    const first = Math.exp(both.value.drafts[0]!.tokens[0]!.logProb);
    assert.ok(first > 0.1 && first < 0.75, String(first));
    await setSetting(SETTINGS.draftsSecondModel, undefined);
    const again = await drafts.service.drafts(document, selection.active, short);
    assert.ok(again.ok && again.value.method === 'forked', JSON.stringify(again));
  });

  it('is refused with its folder and the reason when it does not load', async () => {
    const { drafts } = await tessera();
    const { document, selection } = await atCursor('secondMissing.ts');
    const damaged = join(scratch, 'damaged');
    mkdirSync(damaged);
    writeFileSync(join(damaged, 'model.onnx'), 'not a model');
    for (const path of [join(scratch, 'nowhere'), damaged]) {
      await setSetting(SETTINGS.draftsSecondModel, path);
      const reply = await drafts.service.drafts(document, selection.active, short);
      assert.ok(!reply.ok, path);
      assert.ok(
        reply.error.message.startsWith(`The second model cannot be used (${path}): `),
        reply.error.message,
      );
    }
  });
});

describe('Show Drafts without inline suggestions', function () {
  this.timeout(600_000);
  const inline = 'editor.inlineSuggest.enabled';
  const set = (value: boolean | undefined): Thenable<void> =>
    vscode.workspace.getConfiguration().update(inline, value, vscode.ConfigurationTarget.Global);
  afterEach(async () => {
    await set(undefined);
    await closeAllEditors();
  });

  it('opens the Drafts view of the inspector and fills it', async () => {
    const { inspector } = await tessera();
    await atCursor('inlineOff.ts');
    await set(false);
    const exchanges: PanelExchange[] = [];
    const listening = inspector.onDidExchange((exchange) => exchanges.push(exchange));
    try {
      await vscode.commands.executeCommand(COMMANDS.showDrafts);
      await eventually(
        'drafts in the page',
        () =>
          exchanges.some(
            ({ direction, message }) =>
              direction === 'posted' &&
              message.type === 'reply' &&
              message.reply.ok &&
              typeof message.reply.result === 'object' &&
              message.reply.result !== null &&
              'drafts' in message.reply.result,
          ),
        120,
      );
    } finally {
      listening.dispose();
    }
  });
});
