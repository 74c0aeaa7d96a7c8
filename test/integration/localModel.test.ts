// The local model inside the real editor: chosen, loaded, killed, damaged, swapped; the surprise heat map and its hover; the
// Surprise view of the inspector; a download and a server on this machine.
import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { downloadModelCommand, type DownloadDialog } from '../../src/editor/modelDownloadCommand';
import { tryCompletion, tryServer } from '../../src/editor/serverSetup';
import { COMMANDS, SETTINGS } from '../../src/ids';
import type { SurprisePiece } from '../../src/shared/surpriseProtocol';
import { randomWeights, SMALL, writeQwenFolder } from '../unit/core/model/randomModel';
import { closeAllEditors, eventually, openFile, setSetting, tessera } from './editorSession';

const code = `import { readFile } from 'node:fs/promises';

export async function readLines(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8');
  return text.split('\\n').map((line) => line.trim());
}
`.repeat(4);

describe('the local model', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'tessera-models-'));
  const qwen = join(scratch, 'qwen-layout');
  before(() => writeQwenFolder(qwen, randomWeights(SMALL, 11)));
  afterEach(async () => {
    const { modelSurfaces } = await tessera();
    if (modelSurfaces.surprise.visible) modelSurfaces.surprise.toggle();
    for (const setting of [
      SETTINGS.localModelUse,
      SETTINGS.localModelPath,
      SETTINGS.localModelServerUrl,
      SETTINGS.localModelServerModel,
      SETTINGS.localModelHub,
    ])
      await setSetting(setting, undefined);
    await closeAllEditors();
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  it('is the one in the box, and the tooltip says what it is and what it costs', async () => {
    const { localModel, status } = await tessera();
    await openFile('tooltip.ts', code);
    const reply = await localModel.request('surprise', { text: code });
    assert.ok(reply.ok, JSON.stringify(reply));
    assert.equal(reply.value.model, 'tessera-tiny');
    assert.ok(reply.value.bitsPerByte < 4, `${reply.value.bitsPerByte} bits per byte of ordinary code`);
    const tooltip = await eventually('a tooltip with the speed of the model', () =>
      status.tooltip?.includes('tokens/s') === true ? status.tooltip : undefined,
    );
    assert.match(tooltip, /tessera-tiny · [\d.,]+ MB · [\d.,]+ MB of memory · [\d.,]+ tokens\/s/);
    assert.match(tooltip, new RegExp(`command:${COMMANDS.chooseLocalModel}`));
  });

  it('marks surprising tokens, explains one on hover, follows edits and lets go', async () => {
    const { modelSurfaces } = await tessera();
    const { surprise, surpriseStatus } = modelSurfaces;
    const editor = await openFile('surprise.txt', code);
    await vscode.commands.executeCommand(COMMANDS.toggleSurprise);
    const ranges = await eventually('marks in the editor', () => surprise.drawn(editor));
    const marked = Object.values(ranges).flat();
    assert.ok(marked.length > 10, `${marked.length} tokens marked`);
    assert.match(surpriseStatus.shown?.text ?? '', /^\d+\.\d\d bits\/byte$/);
    const [first] = marked;
    assert.ok(first);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      editor.document.uri,
      first.start,
    );
    const text = hovers
      .flatMap(({ contents }) => contents)
      .map((content) => (content instanceof vscode.MarkdownString ? content.value : ''))
      .join('\n');
    assert.match(text, /\d+\.\d\d bits of surprise \(log-probability -\d+\.\d\d nats, probability/);
    assert.match(text, /Rank [\d,]+ of 4,096; entropy of the choice \d+\.\d\d bits/);
    await editor.edit((builder) =>
      builder.insert(new vscode.Position(0, 0), 'zebra quartz; // unheard of\n'),
    );
    await eventually('marks on the new line', () => {
      const drawn = Object.values(surprise.drawn(editor) ?? {}).flat();
      return drawn.some(({ start }) => start.line === 0) && drawn !== marked;
    });
    await vscode.commands.executeCommand(COMMANDS.toggleSurprise);
    assert.equal(surprise.drawn(editor), undefined);
    assert.equal(surpriseStatus.shown, undefined);
  });

  it('scores the file for the panel with the numbers that the editor shows', async () => {
    const { inspector, modelSurfaces } = await tessera();
    const editor = await openFile('panel.ts', code);
    const pieces: SurprisePiece[] = [];
    const asked = new Set<number>();
    const listener = inspector.onDidExchange(({ message }) => {
      if (message.type === 'request' && message.name === 'surprise') asked.add(message.id);
      if (message.type === 'reply' && asked.has(message.id) && message.reply.ok)
        pieces.push(message.reply.result as SurprisePiece);
    });
    await vscode.commands.executeCommand(COMMANDS.showSurprise);
    const piece = await eventually('a scored piece', () => pieces[0]);
    listener.dispose();
    assert.equal(piece.last, piece.totalTokens);
    const [peak] = piece.peaks;
    assert.ok(peak);
    const known = modelSurfaces.scores.known(editor.document, peak.from);
    assert.ok(known, 'the panel and the editor share their scores');
    const total = piece.bits.reduce((sum, bits) => sum + (Number.isNaN(bits) ? 0 : bits), 0);
    assert.ok(Math.abs(total / piece.scoredBytes - known.bitsPerByte) < 1e-9);
    assert.equal(editor.document.getText().slice(peak.from, peak.to), peak.text);
  });

  it('answers when its process is killed in the middle of a request, and works again', async () => {
    const { localModel } = await tessera();
    await localModel.request('surprise', { text: 'warm up' });
    const running = localModel.request('surprise', { text: code.repeat(60) });
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.ok(localModel.client.pid);
    process.kill(localModel.client.pid, 'SIGKILL');
    const reply = await running;
    assert.equal(reply.ok ? 'scored' : reply.error.code, 'crashed');
    const again = await localModel.request('surprise', { text: 'const a = 1;' });
    assert.ok(again.ok, JSON.stringify(again));
    localModel.restart();
  });

  it('can be a model of the user, chosen by a command; a damaged one is refused and explained', async () => {
    const { localModel, status } = await tessera();
    await openFile('own.txt', 'some text');
    await vscode.commands.executeCommand(COMMANDS.chooseLocalModel, { kind: 'folder', path: qwen });
    assert.deepEqual(localModel.choice, { kind: 'folder', path: qwen });
    const reply = await localModel.request('surprise', { text: 'hello there' });
    assert.equal(reply.ok ? reply.value.model : reply.error.message, 'qwen-layout');
    const corrupt = join(scratch, 'corrupt');
    writeQwenFolder(corrupt, randomWeights(SMALL, 11));
    writeFileSync(join(corrupt, 'onnx', 'model.onnx'), 'this is no graph');
    await setSetting(SETTINGS.localModelPath, corrupt);
    await eventually(
      'the other folder',
      () => localModel.choice.kind === 'folder' && localModel.choice.path === corrupt,
    );
    const refused = await localModel.request('surprise', { text: 'hello there' });
    assert.match(refused.ok ? '' : refused.error.message, /ONNX file/);
    await eventually('the reason in the tooltip', () => status.tooltip?.includes('corrupt cannot be used'));
    assert.match(status.tooltip ?? '', new RegExp(`command:${COMMANDS.restartLocalModel}`));
    await vscode.commands.executeCommand(COMMANDS.chooseLocalModel, { kind: 'embedded' });
    assert.ok((await localModel.request('surprise', { text: 'hello there' })).ok);
  });

  it('is downloaded only after the user has seen address and size, and can be used at once', async () => {
    const { localModel, modelSurfaces } = await tessera();
    const files = ['config.json', 'generation_config.json', 'tokenizer.json', 'onnx/model.onnx'];
    const hub = await serve((url) => {
      if (url.startsWith('/api/models/maker/coder/tree/main'))
        return JSON.stringify(
          files.map((path) => {
            const data = readFileSync(join(qwen, path));
            const oid = createHash('sha1').update(`blob ${data.length}\0`).update(data).digest('hex');
            return { type: 'file', path, size: data.length, oid };
          }),
        );
      const path = url.replace('/maker/coder/resolve/main/', '');
      return files.includes(path) ? readFileSync(join(qwen, path)) : undefined;
    });
    try {
      await setSetting(SETTINGS.localModelHub, hub.address);
      const offers: string[] = [];
      const dialog = (agree: boolean): DownloadDialog => ({
        repository: () => Promise.resolve('maker/coder'),
        agree: ({ address, bytes }) => {
          offers.push(`${address} ${bytes}`);
          return Promise.resolve(agree);
        },
        progress: (_, work) => work(() => undefined, new AbortController().signal),
        failed: (message) => Promise.reject(new Error(message)),
        use: () => Promise.resolve(true),
      });
      assert.equal(await downloadModelCommand(modelSurfaces.folders, dialog(false)), 'declined');
      assert.ok(!hub.asked.some((url) => url.includes('/resolve/')), 'nothing was fetched before consent');
      assert.equal(await downloadModelCommand(modelSurfaces.folders, dialog(true)), 'done');
      const bytes = files.reduce((sum, path) => sum + readFileSync(join(qwen, path)).length, 0);
      assert.deepEqual(offers, [`${hub.address} ${bytes}`, `${hub.address} ${bytes}`]);
      const reply = await localModel.request('surprise', { text: 'downloaded' });
      assert.equal(reply.ok ? reply.value.model : reply.error.message, 'coder');
    } finally {
      hub.close();
    }
  });

  it('can be a server: tried first, its key bound to its address, and scores refused with a reason', async () => {
    const { localModel } = await tessera();
    const server = await serve((url, key) => {
      if (key !== 'Bearer right key') return undefined;
      if (url === '/v1/models') return JSON.stringify({ data: [{ id: 'coder' }] });
      return JSON.stringify({ choices: [{ index: 0, text: ' + 1', finish_reason: 'stop' }] });
    });
    try {
      assert.deepEqual(await tryServer(server.address, 'right key'), {
        ok: true,
        models: ['coder'],
        message: '',
      });
      assert.equal(await tryCompletion(server.address, 'coder', 'right key'), undefined);
      assert.match((await tryCompletion(server.address, 'coder', 'wrong key')) ?? '', /no model "coder"/);
      await localModel.keys.store(server.address, 'right key');
      assert.equal(await localModel.keys.get('http://127.0.0.1:1/v1'), undefined);
      await vscode.commands.executeCommand(COMMANDS.chooseLocalModel, {
        kind: 'server',
        url: server.address,
        model: 'coder',
      });
      const engine = await localModel.server();
      const drafts = await engine?.complete({ prompt: 'a', maxTokens: 4 });
      assert.deepEqual(drafts?.ok === true ? drafts.value.map(({ text }) => text) : drafts, [' + 1']);
      const refused = await localModel.request('surprise', { text: 'a' });
      assert.match(refused.ok ? '' : refused.error.message, /model on this machine/);
    } finally {
      await localModel.keys.remove(server.address);
      server.close();
    }
  });
});

interface LocalServer {
  readonly address: string;
  readonly asked: readonly string[];
  close(): void;
}

/** A server on this machine; what `answer` does not know is 404. */
async function serve(
  answer: (url: string, key: string | undefined) => string | Buffer | undefined,
): Promise<LocalServer> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '');
    asked.push(url);
    const body = answer(url, request.headers.authorization);
    response.writeHead(body === undefined ? 404 : 200);
    response.end(body ?? 'not found');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
