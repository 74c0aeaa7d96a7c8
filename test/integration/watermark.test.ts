// Watermarks in the real editor: saving schemes without leaking keys, checks with all three verdicts, selection, heat map,
// hover, staleness, and the tool for agents.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { COMMANDS, TOOLS } from '../../src/ids';
import proseFixture from '../fixtures/watermark/text-kgw-o200k-prose.json';
import kgwFixture from '../fixtures/watermark/hf-kgw-lefthash-r50k.json';
import synthFixture from '../fixtures/watermark/synthid-hf-30keys-r50k.json';
import { askTool, closeAllEditors, eventually, openFile, referenceText, tessera } from './editorSession';
import { caseOf, check, marked, removeSchemes, secretKey, settings, withScheme } from './watermarkSession';

const plain = caseOf(proseFixture.cases, 'plain').text ?? '';
const human = referenceText('r50k_base', Uint32Array.from(caseOf(kgwFixture.cases, 'human-prose').ids));

describe('saved watermark schemes', () => {
  afterEach(removeSchemes);

  it('keep the key in the secret storage and nowhere else', async () => {
    const { watermark } = await tessera();
    const saved = await withScheme(
      'Secret',
      JSON.stringify({
        watermarking_config: { greenlist_ratio: 0.25, hashing_key: Number(secretKey), vocab_size: 200019 },
      }),
    );
    assert.ok(!JSON.stringify(watermark.schemes.all).includes(secretKey));
    assert.ok(!JSON.stringify(vscode.workspace.getConfiguration('tessera')).includes(secretKey));
    assert.match(saved.fingerprint, /^[0-9a-f]{8}$/);
    const params = await watermark.schemes.paramsOf(saved);
    assert.ok(params.ok && params.value.key === secretKey);
    await watermark.schemes.remove(saved.id);
    assert.deepEqual(watermark.schemes.all, []);
    assert.equal((await watermark.schemes.paramsOf(saved)).ok, false);
  });

  it('are renamed, and refuse a second scheme of the same name', async () => {
    const { watermark } = await tessera();
    const saved = await withScheme('One');
    assert.ok((await watermark.schemes.rename(saved.id, 'Two')).ok);
    assert.equal(watermark.schemes.byName('two')?.id, saved.id);
    const again = await watermark.schemes.add({ name: 'Two', settings, tokenizer: 'o200k_base' });
    assert.equal(again.ok, false);
  });

  it('say what to change when settings make no sense', async () => {
    const { watermark } = await tessera();
    const refusals: [string, RegExp][] = [
      ['', /empty/],
      ['{"hash', /not valid JSON/],
      ['[1]', /one JSON object/],
      ['{"scheme":"magic"}', /not known.*hf-kgw/],
      ['{"greenlist_ratio":0.25,"hashing_key":1}', /vocabulary size/],
      ['{"scheme":"kuditipudi-demo-exp","key":4294967296,"vocab_size":50257}', /below 2\^32/],
      ['{"greenlist_ratio":0.25,"hashing_key":1,"vocab_size":50257,"device":"cuda"}', /cuda.*CPU/],
      ['{"greenlist_ratio":1.5,"hashing_key":1,"vocab_size":50257}', /between 0 and 1/],
      ['{"algorithm_name":"SIR"}', /trained network/],
      ['{"greenlist_ratio":0.25,"hashing_key":"abc","vocab_size":50257}', /whole number/],
    ];
    for (const [text, reason] of refusals) {
      const added = await watermark.schemes.add({ name: 'Bad', settings: text, tokenizer: 'o200k_base' });
      assert.ok(!added.ok, text);
      assert.match(added.reason, reason);
    }
    assert.deepEqual(watermark.schemes.all, []);
  });
});

describe('the watermark check', () => {
  afterEach(async () => {
    await removeSchemes();
    await closeAllEditors();
  });

  it('finds a mark in a text that the reference planted, and shows where', async () => {
    const { watermark } = await tessera();
    await withScheme('Blog drafts');
    const editor = await openFile('marked.txt', marked);
    assert.equal(await check(), 'found');
    const finding = watermark.checks.finding(editor.document);
    const [first] = finding?.findings ?? [];
    assert.ok(finding && first);
    assert.deepEqual([...first.ids], proseFixture.cases[0]?.ids);
    assert.ok(first.result.correctedP.log10P < -6, String(first.result.correctedP.log10P));
    assert.ok(first.result.correctedP.p > 0);
    assert.ok(first.result.range !== null);
    const heat = await eventually('the heat map', () => watermark.heat.drawn(editor));
    assert.ok(heat.strong.length > 20 && heat.against.length > 20);
    assert.equal(heat.flagged.length, 1);
  });

  it('finds none in a text of the same model without the mark, nor in a human one', async () => {
    await withScheme('Blog drafts');
    await openFile('plain.txt', plain);
    assert.equal(await check(), 'not-found');
    await openFile('human.txt', human);
    assert.equal(await check(), 'not-found');
  });

  it('says that three tokens are too little', async () => {
    await withScheme('Blog drafts');
    await openFile('short.txt', 'Just three tokens');
    assert.equal(await check(), 'too-little-text');
  });

  it('looks at the selection only, when there is one', async () => {
    const { watermark } = await tessera();
    await withScheme('Blog drafts');
    const editor = await openFile('selected.txt', `${human}\n\n${marked}\n`);
    editor.selection = new vscode.Selection(
      new vscode.Position(0, 0),
      editor.document.positionAt(human.length),
    );
    assert.equal(await check(), 'not-found');
    const start = editor.document.positionAt(human.length + 2);
    editor.selection = new vscode.Selection(
      start,
      editor.document.positionAt(human.length + 2 + marked.length),
    );
    assert.equal(await check(), 'found');
    assert.equal(watermark.checks.finding(editor.document)?.start, human.length + 2);
  });

  it('tries several schemes with their own tokenizers and corrects for their number', async () => {
    const { watermark } = await tessera();
    await withScheme('Right');
    await withScheme('Other key', settings, '77777');
    const synth = await watermark.schemes.add({
      name: 'SynthID',
      settings: JSON.stringify(synthFixture.config),
      tokenizer: 'r50k_base',
    });
    assert.ok(synth.ok);
    const editor = await openFile('several.txt', marked);
    assert.equal(await check(['Right']), 'found');
    const alone = watermark.checks.finding(editor.document)?.findings[0]?.result.correctedP.log10P ?? 0;
    assert.equal(await check(), 'found');
    const finding = watermark.checks.finding(editor.document);
    assert.deepEqual(
      finding?.findings.map(({ result }) => result.verdict === 'found'),
      [true, false, false],
    );
    const among = finding.findings[0]?.result.correctedP.log10P ?? 0;
    assert.ok(Math.abs(among - alone - Math.log10(3)) < 1e-9, `${alone} became ${among}`);
    await assert.rejects(async () => {
      const outcome = await watermark.checks.checkText('x', []);
      if (!outcome.ok) throw new Error(outcome.reason);
    }, /Add a watermark scheme/);
  });

  it('refuses a vocabulary that cannot hold the text, and leaves the editor alone', async () => {
    const { watermark } = await tessera();
    await withScheme('Small', JSON.stringify({ ...proseFixture.config, vocab_size: 1000 }));
    const editor = await openFile('wrong-size.txt', marked);
    const outcome = await watermark.checks.check(editor.document, undefined, watermark.schemes.all);
    assert.ok(!outcome.ok);
    assert.match(outcome.reason, /config\.vocab_size/);
    assert.equal(watermark.checks.finding(editor.document), undefined);
    assert.equal(editor.document.isDirty, false);
  });

  it('can be cancelled, and that is no error', async () => {
    const { watermark } = await tessera();
    await withScheme('Blog drafts');
    const editor = await openFile('long.txt', `${plain}\n`.repeat(200));
    const source = new vscode.CancellationTokenSource();
    const running = watermark.checks.check(editor.document, undefined, watermark.schemes.all, {
      cancellation: source.token,
      onProgress: () => source.cancel(),
    });
    const outcome = await running;
    assert.deepEqual([outcome.ok, !outcome.ok && outcome.cancelled], [false, true]);
  });

  it('drops the heat map and marks the finding stale when the text changes', async () => {
    const { watermark } = await tessera();
    await withScheme('Blog drafts');
    const editor = await openFile('evidenceEdited.txt', marked);
    await check();
    await eventually('the heat map', () => watermark.heat.drawn(editor));
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), 'Edited. '));
    await eventually('a stale finding', () => watermark.checks.finding(editor.document)?.stale);
    assert.equal(watermark.heat.drawn(editor), undefined);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('explains a token on hover while the heat map is shown, and not after it is turned off', async () => {
    const { watermark } = await tessera();
    await withScheme('Blog drafts');
    const editor = await openFile('hover.txt', marked);
    await check();
    await eventually('the heat map', () => watermark.heat.drawn(editor));
    const hovers = async (): Promise<string> => {
      const found = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        editor.document.uri,
        editor.document.positionAt(60),
      );
      return found
        .flatMap(({ contents }) => contents)
        .map((content) => (content instanceof vscode.MarkdownString ? content.value : ''))
        .join('\n');
    };
    const text = await hovers();
    assert.match(text, /Green|Red/);
    assert.match(text, /Seeded/);
    assert.match(text, /Counted|Not/);
    await vscode.commands.executeCommand(COMMANDS.toggleWatermarkHeat);
    assert.equal(watermark.heat.visible, false);
    assert.doesNotMatch(await hovers(), /Seeded/);
    await vscode.commands.executeCommand(COMMANDS.clearWatermark);
    assert.equal(watermark.checks.finding(editor.document), undefined);
  });

  it('tells the panel everything but the key', async () => {
    const { inspector } = await tessera();
    const posted: unknown[] = [];
    const listener = inspector.onDidExchange(({ message }) => posted.push(message));
    await withScheme('Panel', JSON.stringify({ ...proseFixture.config, hashing_key: Number(secretKey) }));
    await openFile('panel.txt', marked);
    await check();
    const state = await eventually('the state in the panel', () =>
      posted
        .map((message) => JSON.stringify(message))
        .find((text) => text.includes('What was tested') || text.includes('"facts"')),
    );
    assert.match(state, /not show who wrote/);
    assert.match(state, /Absence proves nothing/);
    assert.ok(!JSON.stringify(posted).includes(secretKey), 'the key must not travel to the page');
    listener.dispose();
  });
});

describe('the watermark tool for agents', () => {
  afterEach(async () => {
    await removeSchemes();
    await closeAllEditors();
  });
  const invoke = (input: object): Promise<string> => askTool(TOOLS.checkWatermark, input);

  it('answers with a verdict and caveats, and never with a key', async () => {
    await withScheme('Blog drafts');
    const text = await invoke({ text: marked, schemes: ['blog drafts'] });
    const result = JSON.parse(text) as {
      readonly verdict: string;
      readonly results: readonly { readonly p: string; readonly correctedP: string }[];
      readonly caveats: readonly string[];
    };
    assert.equal(result.verdict, 'found');
    assert.ok(Number(result.results[0]?.correctedP) > 0);
    assert.equal(result.caveats.length, 2);
    assert.ok(!text.includes('15485863'));
    assert.doesNotMatch(text, /\bAI\b|machine-written|%/);
    assert.match(await invoke({ text: 'Three tokens only' }), /"too-little-text"/);
  });

  it('says what to do when no scheme is saved or a name is unknown', async () => {
    await assert.rejects(invoke({ text: marked }), /Add Watermark Scheme/);
    await withScheme('Blog drafts');
    await assert.rejects(invoke({ text: marked, schemes: ['other'] }), /Saved: "Blog drafts"/);
    await assert.rejects(invoke({ schemes: ['Blog drafts'] }), /text.*filePath/);
  });
});
