// Tokenizer files of the user in the real editor: added by command, by setting and by a drop on the panel, counted with,
// renamed, removed; and files that try to break the reader, each refused with its name while the window stays up.
import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import { readTokenizerFile } from '../../src/core/tokenizers/formats/tokenizerFileReader';
import { COMMANDS, SETTINGS, TOOLS } from '../../src/ids';
import {
  closeAllEditors,
  countedTokens,
  eventually,
  openFile,
  referenceIds,
  setSetting,
  settled,
  statusShowing,
  tessera,
  tokensLabel,
  workspaceUri,
} from './editorSession';

const text = 'The quick brown fox jumps over the lazy dog.\n'.repeat(3);

const byteAlphabet = (): string[] => {
  const plain = [...Array(256).keys()].filter((b) => (b > 32 && b < 127) || (b > 160 && b !== 173));
  const odd = [...Array(256).keys()].filter((b) => !plain.includes(b));
  return Array.from({ length: 256 }, (_, b) =>
    String.fromCodePoint(plain.includes(b) ? b : 256 + odd.indexOf(b)),
  );
};

/** A byte-level tokenizer.json with the given merges; its ids are worked out by hand in the tests. */
function tokenizerJson(merges: readonly string[]): string {
  const tokens = [...byteAlphabet(), ...merges.map((merge) => merge.replace(' ', ''))];
  return JSON.stringify({
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  });
}
/** "the" is one token wherever it stands; everything else is bytes. */
const mine = tokenizerJson(['t h', 'th e']);
const mineTokens = Buffer.byteLength(text) - 2 * 3;
const sumOf = (content: string): string => createHash('sha256').update(content).digest('hex');

async function write(name: string, content: string | Uint8Array): Promise<vscode.Uri> {
  const uri = workspaceUri(name);
  await vscode.workspace.fs.writeFile(uri, typeof content === 'string' ? Buffer.from(content) : content);
  return uri;
}

describe('tokenizer files', () => {
  afterEach(async () => {
    await setSetting(SETTINGS.encoding, undefined);
    await setSetting(SETTINGS.encoding, undefined, 'markdown');
    await setSetting(SETTINGS.tokenizerFiles, undefined);
    await vscode.commands.executeCommand('notifications.clearAll');
    await closeAllEditors();
    const { library } = (await tessera()).tokenizers;
    for (const { sha256 } of await library.load()) await library.remove(sha256);
  });

  it('are added by command, counted with, and named with their fingerprint', async () => {
    const { tokenizers } = await tessera();
    const uri = await write('ours/tokenizer.json', mine);
    await vscode.commands.executeCommand(COMMANDS.addTokenizerFile, uri, [uri]);
    const [entry] = await tokenizers.library.load();
    assert.equal(entry?.sha256, sumOf(mine));
    assert.equal(entry.name, 'ours', 'named by its folder, as tokenizer.json says nothing');
    await setSetting(SETTINGS.encoding, `file:${entry.sha256}`);
    const editor = await openFile('counted.txt', text);
    assert.equal(await countedTokens(editor.document), mineTokens);
    const shown = await statusShowing(tokensLabel(mineTokens));
    assert.match(
      shown.tooltip.join('\n'),
      new RegExp(`Exact · tokenizer file ours, sha256 ${entry.sha256.slice(0, 8)}`),
    );
    await vscode.workspace.fs.delete(uri);
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), 'the '));
    assert.equal(
      await countedTokens(editor.document),
      mineTokens + 2,
      'the copy stays when the original goes',
    );
  });

  it('can be chosen by name for one language', async () => {
    const { tokenizers } = await tessera();
    await tokenizers.add([await write('ours/tokenizer.json', mine)]);
    await setSetting(SETTINGS.encoding, 'file:ours', 'markdown');
    const markdown = await openFile('mine.md', text);
    assert.equal(await countedTokens(markdown.document), mineTokens);
    const plain = await openFile('theirs.txt', text);
    assert.equal(await countedTokens(plain.document), referenceIds('o200k_base', text).length);
  });

  it('are added by setting, and counted as soon as they are there', async () => {
    const { tokenizers } = await tessera();
    await write('models/x/tokenizer.json', mine);
    await setSetting(SETTINGS.encoding, 'file:from settings');
    const editor = await openFile('waiting.txt', text);
    const before = await settled(editor.document);
    assert.ok(before.kind === 'unavailable', 'nothing takes the place of a missing tokenizer');
    assert.match(before.error.message, /"from settings".*Add Tokenizer File/);
    await setSetting(SETTINGS.tokenizerFiles, [{ path: 'models/x/tokenizer.json', name: 'from settings' }]);
    await eventually('the count', async () => {
      await tokenizers.setting.settled();
      return (await settled(editor.document)).kind === 'counted';
    });
    assert.equal(await countedTokens(editor.document), mineTokens);
    await setSetting(SETTINGS.tokenizerFiles, ['gone.json', { path: 7 }, 'models/x/tokenizer.json']);
    await tokenizers.setting.settled();
    assert.equal((await tokenizers.library.load()).length, 1, 'bad entries do not stop the good one');
    // The file changes: its name means the new contents, the old ones stay under their fingerprint.
    const changed = tokenizerJson(['q u']);
    await write('models/x/tokenizer.json', changed);
    await setSetting(SETTINGS.tokenizerFiles, ['models/x/tokenizer.json']);
    await tokenizers.setting.settled();
    assert.deepEqual(
      (await tokenizers.library.load()).map(({ name, sha256 }) => [name, sha256]),
      [
        [`from settings (${sumOf(mine).slice(0, 8)})`, sumOf(mine)],
        ['from settings', sumOf(changed)],
      ],
    );
  });

  it('are added by a drop on the panel, which then offers them', async () => {
    const { inspector, tokenizers } = await tessera();
    await openFile('dropped.txt', text);
    const posted: { type: string }[] = [];
    const listening = inspector.onDidExchange(({ direction, message }) => {
      if (direction === 'posted') posted.push(message);
    });
    try {
      await vscode.commands.executeCommand(COMMANDS.openInspector);
      await eventually('the page', () => posted.some(({ type }) => type === 'welcome'));
      const drop = (files: unknown, uris: unknown = []): void =>
        inspector.receive({
          type: 'request',
          id: posted.length + 1000,
          generation: 0,
          name: 'addTokenizers',
          params: { files, uris, tooLarge: [] },
        });
      drop([{ name: '../outside', content: Buffer.from(mine) }]);
      drop([{ name: 'not bytes', content: mine }]);
      drop([{ name: 'dropped.json', content: new Uint8Array(Buffer.from(mine)) }]);
      await eventually('the file', () => tokenizers.library.entries.length === 1);
      assert.equal(tokenizers.library.entries[0]?.name, 'dropped.json');
      const other = await write('uri/tokenizer.json', tokenizerJson(['q u']));
      drop([], [other.toString(), 'https://example.com/tokenizer.json']);
      await eventually('the second file', () => tokenizers.library.entries.length === 2);
      const choices = await eventually('the new list', () =>
        posted.findLast(
          (message): message is { type: 'choices'; encodings: { label: string }[] } =>
            message.type === 'choices' && JSON.stringify(message).includes('"uri"'),
        ),
      );
      assert.deepEqual(
        choices.encodings.slice(-2).map(({ label }) => label),
        ['dropped.json', 'uri'],
      );
    } finally {
      listening.dispose();
    }
  });

  it('show under a new name at once, and are missed clearly when removed', async () => {
    const { documents, tokenizers } = await tessera();
    const [entry] = await tokenizers.add([await write('ours/tokenizer.json', mine)]);
    assert.ok(entry);
    await setSetting(SETTINGS.encoding, `file:${entry.sha256}`);
    const editor = await openFile('renamed.txt', text);
    await countedTokens(editor.document);
    await tokenizers.library.rename(entry.sha256, 'new name');
    await eventually('the new name', () => {
      const state = documents.state(editor.document);
      return state?.kind === 'counted' && state.totals.provenance.source.startsWith('new name,');
    });
    await tokenizers.library.remove(entry.sha256);
    const state = await eventually('the end of the count', () => {
      const now = documents.state(editor.document);
      return now?.kind === 'unavailable' ? now : undefined;
    });
    assert.match(state.error.message, new RegExp(`${entry.sha256.slice(0, 8)}….*Add Tokenizer File`));
    const { status } = await tessera();
    await eventually('the status', () => status.shown?.severity === 'warning');
  });

  it('are described in a document of their own', async () => {
    const { tokenizers } = await tessera();
    const [entry] = await tokenizers.add([await write('ours/tokenizer.json', mine)]);
    assert.ok(entry);
    const uri = vscode.Uri.from({ scheme: 'tessera-tokenizer', path: '/ours.txt', query: entry.sha256 });
    const description = (await vscode.workspace.openTextDocument(uri)).getText();
    assert.match(description, new RegExp(entry.sha256));
    assert.match(description, /vocabulary +258 ids/);
    assert.match(description, /pre-tokenizer +\S/);
    assert.match(description, /"tessera.encoding": "file:ours"/);
  });

  it('serve agents by name, and unknown names are answered with what there is', async () => {
    const { tokenizers } = await tessera();
    await tokenizers.add([await write('ours/tokenizer.json', mine)]);
    const ask = async (encoding: string): Promise<string> => {
      const result = await vscode.lm.invokeTool(TOOLS.countTokens, {
        input: { text, encoding },
        toolInvocationToken: undefined,
      });
      return result.content.map((part) => (part as vscode.LanguageModelTextPart).value).join('');
    };
    const counted = JSON.parse(await ask('file:ours')) as {
      tokens: number;
      encoding: string;
      exact: boolean;
    };
    assert.deepEqual([counted.tokens, counted.encoding, counted.exact], [mineTokens, 'file:ours', true]);
    await assert.rejects(ask('file:nobody'), /Unknown encoding "file:nobody".*o200k_base.*file:ours/);
  });

  it('that are damaged or hostile are refused by name, and the engine goes on counting', async () => {
    const { tokenizers } = await tessera();
    const bomb = Buffer.alloc(64);
    // Field 1, length-delimited, of ten billion bytes.
    bomb.set([0x0a, 0x80, 0xc8, 0xaf, 0xa0, 0x25]);
    const broken: Readonly<Record<string, string | Uint8Array>> = {
      'empty.json': '',
      'page.json': '<!DOCTYPE html><html></html>',
      'cut.json': mine.slice(0, 2000),
      'renamed.model': Buffer.from('PK\u0003\u0004 not a model'),
      'bomb.model': bomb,
      'cyclic.json': mine.replace('"t h"', '"the e"'),
      'twice.json': mine.replace(/"the":257/, '"the":256'),
      'nobytes.tiktoken': 'YQ== 0\nYg== 1\nYWI= 2\n',
      'regex.json': mine.replace(
        /"pre_tokenizer":\{[^}]*\}/,
        `"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(x+x+)+y"},"behavior":"Isolated","invert":false}`,
      ),
      'version.json': mine.replace('"version":"1.0"', '"version":"99.0"').replace('"BPE"', '"BPE9"'),
    };
    for (const [name, content] of Object.entries(broken)) {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      const expected = readTokenizerFile(bytes, { name });
      const uri = await write(`broken/${name}`, content);
      const reply = await tokenizers.library.add({ source: { path: uri.fsPath } });
      assert.ok(reply.ok, `${name}: ${JSON.stringify(reply)}`);
      assert.ok(!reply.value.ok, `${name} was taken`);
      assert.ok(!expected.ok && reply.value.reason.code === expected.reason.code, name);
      await vscode.commands.executeCommand(COMMANDS.addTokenizerFile, uri, [uri]);
    }
    assert.deepEqual(await tokenizers.library.load(), []);
    const gone = await tokenizers.library.add({ source: { path: workspaceUri('nowhere.json').fsPath } });
    assert.ok(!gone.ok && gone.error.code === 'unreadable');
    const editor = await openFile('after.txt', text);
    assert.equal(await countedTokens(editor.document), referenceIds('o200k_base', text).length);
  });
});
