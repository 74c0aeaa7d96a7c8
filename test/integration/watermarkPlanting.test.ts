// Planting a mark in local drafts and the stealability audit, both in the real editor with the model in the box.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { SETTINGS } from '../../src/ids';
import { newPlantingScheme, plantingModel } from '../../src/editor/watermarkPlantingPick';
import { SCHEME_TEMPLATES } from '../../src/editor/watermarkTemplates';
import { closeAllEditors, eventually, openFile, setSetting, tessera } from './editorSession';
import { check, removeSchemes, secretKey, withScheme } from './watermarkSession';

/** Beginnings of sentences; each gives the model another context. */
const LEADS = [
  'Another change is',
  'We removed the option that',
  'The reader of files now',
  'When the server starts, it',
  'Users who install the package',
  'A test for this function',
  'For more information about the command line, see',
  'The following example shows how to',
];

describe('planting in drafts', () => {
  const settingsSet = [SETTINGS.draftsCount, SETTINGS.draftsMaxTokens, SETTINGS.draftsMultiLine];
  afterEach(async () => {
    const { watermark } = await tessera();
    await watermark.planting.use(undefined);
    await removeSchemes();
    for (const name of settingsSet) await setSetting(name, undefined);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await closeAllEditors();
  });

  /** Asks for a draft as a user does and accepts it; true when text came into the document. */
  async function acceptDraft(editor: vscode.TextEditor): Promise<boolean> {
    const { document } = editor;
    const end = document.positionAt(document.getText().length);
    editor.selection = new vscode.Selection(end, end);
    const { version } = document;
    await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    return await eventually(
      'an accepted draft',
      async () => {
        await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
        await new Promise((resolve) => setTimeout(resolve, 200));
        return document.version !== version;
      },
      // Under some keys the model has nothing to add, and then nothing comes however long this waits.
      15,
    ).catch(() => false);
  }

  it('marks what is drafted and accepted; the check finds it in the document, and under no other key', async function () {
    this.timeout(600_000);
    const { watermark, localModel, tokenizers } = await tessera();
    const parts = {
      store: watermark.schemes,
      planting: watermark.planting,
      localModel,
      library: tokenizers.library,
    };
    const model = await plantingModel(parts);
    const template = SCHEME_TEMPLATES.find(({ label }) => label.startsWith('EXP'));
    assert.ok(template);
    assert.equal(template.distortionFree, true);
    const scheme = await newPlantingScheme(watermark.schemes, template, model);
    const otherNames: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      const other = await newPlantingScheme(watermark.schemes, template, model);
      assert.notEqual(other.fingerprint, scheme.fingerprint);
      otherNames.push(other.name);
    }
    await watermark.planting.use(scheme);
    await setSetting(SETTINGS.draftsCount, 1);
    await setSetting(SETTINGS.draftsMaxTokens, 128);
    await setSetting(SETTINGS.draftsMultiLine, true);
    const editor = await openFile(
      'planted.md',
      '# Notes on the release\n\nThis release brings a new way to read settings. In this release ',
    );
    // The keys are random: under some of them the small model stops early or goes round in circles, so sentences are begun
    // for it until the document holds enough.
    let verdict: unknown;
    let tested = 0;
    for (const lead of LEADS) {
      for (let grown = true; grown && verdict !== 'found';) {
        const before = watermark.planting.survival;
        if (!(await acceptDraft(editor))) break;
        // Space alone cannot be tested, and nothing is said of it.
        const after = await eventually(
          'the test of what was inserted',
          () => watermark.planting.survival !== before && watermark.planting.survival,
          10,
        ).catch(() => undefined);
        if (after === undefined) break;
        tested += 1;
        assert.ok(editor.document.getText().includes(after.text));
        assert.match(after.message, after.found ? /^Mark survives: p = \d/ : /^Mark.*, p = |^Mark.*: p = /);
        grown = after.scored > (before?.scored ?? 0) + 3;
        verdict = await check([scheme.name]);
      }
      if (verdict === 'found') break;
      const { document } = editor;
      const end = document.positionAt(document.getText().length);
      await editor.edit((builder) => builder.insert(end, `\n\n${lead} `));
    }
    assert.ok(tested > 0, 'no draft was tested after it was accepted');
    assert.equal(verdict, 'found', watermark.planting.survival?.message);
    // The keys are random, and one text in a hundred is found under a wrong key: two of three would be no chance.
    let wrong = 0;
    for (const name of otherNames) if ((await check([name])) === 'found') wrong += 1;
    assert.ok(wrong <= 1, `found under ${wrong} of ${otherNames.length} other keys`);
    assert.ok((watermark.planting.lastCost?.tokens ?? 0) > 0);
  });

  it('is off by default, and a missing key is said instead of planting nothing', async () => {
    const { watermark, drafts } = await tessera();
    assert.equal(watermark.planting.scheme, undefined);
    assert.equal(await watermark.planting.params(), undefined);
    const scheme = await withScheme('For another model');
    await watermark.planting.use(scheme);
    const editor = await openFile('wrong-vocabulary.md', 'This is ');
    const reply = await drafts.service.drafts(editor.document, new vscode.Position(0, 8));
    assert.match(reply.ok ? 'planted all the same' : reply.error.message, /vocabulary of 200019/);
  });
});

describe('the stealability audit', () => {
  afterEach(removeSchemes);

  it('steals a Unigram list from texts of the local model, and nothing from the control', async function () {
    this.timeout(300_000);
    const { watermark, localModel, tokenizers } = await tessera();
    const { schemes: store, planting, audit } = watermark;
    const model = await plantingModel({ store, planting, localModel, library: tokenizers.library });
    const added = await store.add({
      name: 'Mine',
      settings: JSON.stringify({ scheme: 'unigram', fraction: 0.25, strength: 4 }),
      tokenizer: model.tokenizer,
      vocabularySize: model.vocabularySize,
      key: secretKey,
    });
    assert.ok(added.ok);
    const said: string[] = [];
    const source = new vscode.CancellationTokenSource();
    const plan = { scheme: added.value, completions: 40 };
    assert.equal(await audit.start(plan, source.token, (message) => said.push(message)), true);
    const run = audit.run;
    assert.ok(run?.done);
    assert.deepEqual([...new Set(run.results.map(({ completions }) => completions))], [10, 20, 40]);
    assert.equal(run.results.length, 3 * 4 * 2);
    const last = run.results.filter(({ completions, attacker }) => completions === 40 && attacker === 'lp');
    const [real, control] = [last.find((each) => !each.control), last.find((each) => each.control)];
    assert.ok(real && control);
    assert.ok(real.precision > 0.5, `precision ${real.precision}`);
    assert.ok(Math.abs(control.precision - 0.25) < 0.15, `control ${control.precision}`);
    assert.ok(
      said.some((message) => message.includes('writes')) &&
        said.some((message) => message.includes('Attackers')),
    );
    assert.ok(!JSON.stringify([run, said]).includes(secretKey));
  });

  it('ends at once when cancelled, and says what is wrong with a file', async () => {
    const { watermark, localModel, tokenizers } = await tessera();
    const { schemes: store, planting, audit } = watermark;
    const model = await plantingModel({ store, planting, localModel, library: tokenizers.library });
    const added = await store.add({
      name: 'Mine',
      settings: '{"scheme":"unigram"}',
      key: '7',
      tokenizer: model.tokenizer,
      vocabularySize: model.vocabularySize,
    });
    assert.ok(added.ok);
    const scheme = added.value;
    const source = new vscode.CancellationTokenSource();
    const running = audit.start({ scheme, completions: 200 }, source.token, () => source.cancel());
    assert.equal(await running, false);
    const none = new vscode.CancellationTokenSource().token;
    const from = (text: string) =>
      audit.start({ scheme, completions: 0, file: { name: 'x.json', text } }, none, () => undefined);
    await assert.rejects(from('{'), /not a JSON object/);
    await assert.rejects(from('{"marked":[[1,2]]}'), /lacks marked or plain/);
    await assert.rejects(from('{"marked":[[1,-2]],"plain":[]}'), /token ids below/);
    await assert.rejects(from('{"marked":[[1]],"plain":[[2]]}'), /at least 10/);
  });
});
