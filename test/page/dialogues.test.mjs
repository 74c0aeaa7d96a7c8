// The dialogues as a user walks through them with keys and clicks: downloading a model with consent first, choosing a
// completion server, adding a watermark scheme. Hub and server run on this machine.
import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { repositoryRoot } from '../../scripts/ensureDependencies.mjs';
import { lastAnswer, openWorkbench, patience, runCommand } from './workbench.mjs';

const fixture = JSON.parse(
  readFileSync(join(repositoryRoot, 'test/fixtures/watermark/text-kgw-o200k-prose.json'), 'utf8'),
);
const markedText = fixture.cases.find(({ label }) => label === 'wm').text;
const repository = {
  'config.json': Buffer.from('{"hidden_size": 8}'),
  'onnx/model_quantized.onnx': Buffer.alloc(200_000, 7),
};

/** A hub and a completion server in one; `asked` fills with `METHOD address` and the key that came along. */
async function startServer() {
  const asked = [];
  const server = createServer((request, response) => {
    const url = decodeURIComponent(request.url);
    asked.push({ line: `${request.method} ${url}`, key: request.headers.authorization });
    const file = repository[url.replace('/maker/coder/resolve/main/', '')];
    if (url.startsWith('/api/models/maker/coder/tree/main')) {
      const rows = Object.entries(repository).map(([path, data]) => ({
        type: 'file',
        path,
        size: data.length,
        oid: createHash('sha1').update(`blob ${data.length}\0`).update(data).digest('hex'),
        ...(data.length > 1000 ? { lfs: { oid: createHash('sha256').update(data).digest('hex') } } : {}),
      }));
      response.end(JSON.stringify(rows));
    } else if (file) response.end(file);
    else if (url === '/v1/models')
      response.end(JSON.stringify({ data: [{ id: 'first-model' }, { id: 'second-model' }] }));
    else response.writeHead(404).end('not found');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { asked, server, address: `http://127.0.0.1:${server.address().port}` };
}

describe('the dialogues', { timeout: 900_000 }, () => {
  let workbench, page, hub;

  const userSettings = () =>
    JSON.parse(readFileSync(join(workbench.folder, '..', 'data', 'User', 'settings.json'), 'utf8'));
  const input = () => page.locator('.quick-input-widget:visible');
  /** Waits for a step by its title, or by its prompt, and answers it. */
  async function answer(step, text) {
    await input().filter({ hasText: step }).waitFor(patience);
    if (text !== undefined) await input().locator('input').first().fill(text);
    await page.keyboard.press('Enter');
  }
  const notification = (text) => page.locator('.notification-list-item', { hasText: text });
  const closeNotifications = () => runCommand(page, 'Notifications: Clear All Notifications');

  before(async () => {
    hub = await startServer();
    workbench = await openWorkbench({
      files: { 'marked.txt': markedText },
      open: 'marked.txt',
      settings: { 'tessera.localModel.hub': hub.address },
    });
    ({ page } = workbench);
  });

  after(async () => {
    await workbench?.stop();
    hub?.server.closeAllConnections();
    hub?.server.close();
  });

  it('download a model only after its files, sizes and address were agreed to', async () => {
    await runCommand(page, 'Tessera: Download Model');
    await answer('nothing is downloaded yet', 'no repository');
    await input().filter({ hasText: 'owner/name' }).waitFor(patience);
    await answer('owner/name', 'maker/coder');
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.waitFor(patience);
    const offered = await dialog.innerText();
    assert.match(offered, /Download maker\/coder from http:\/\/127\.0\.0\.1/);
    assert.match(offered, /onnx\/model_quantized\.onnx/);
    assert.ok(!hub.asked.some(({ line }) => line.includes('/resolve/')), 'nothing fetched before consent');
    await dialog.getByRole('button', { name: 'Cancel' }).click(patience);
    await dialog.waitFor({ state: 'detached', ...patience });
    assert.ok(!hub.asked.some(({ line }) => line.includes('/resolve/')), 'nothing fetched after a refusal');

    await runCommand(page, 'Tessera: Download Model');
    await answer('nothing is downloaded yet', 'maker/coder');
    await dialog.getByRole('button', { name: /^Download \d/ }).click(patience);
    await notification('checksums are right').waitFor(patience);
    const target = offered.match(/into (\/\S+)\./)?.[1];
    assert.ok(target, offered);
    for (const [path, data] of Object.entries(repository))
      assert.deepEqual(readFileSync(join(target, path)), data);
    await closeNotifications();
  });

  it('choose a server only once it answered, and keep its key out of the settings', async () => {
    await runCommand(page, 'Tessera: Use a Completion Server');
    await answer('(1/3)', 'not an address');
    await input().filter({ hasText: 'Write an address such as' }).waitFor(patience);
    await answer('(1/3)', hub.address);
    await answer('(2/3)', 'k-12345');
    await input().filter({ hasText: '(3/3)' }).waitFor(patience);
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'second-model' }).click(patience);
    await notification('Drafts now come from').waitFor(patience);
    const asked = hub.asked.find(({ line }) => line === 'GET /v1/models');
    assert.equal(asked?.key, 'Bearer k-12345');
    const chosen = await lastAnswer(page, () => userSettings()['tessera.localModel.server.model']);
    assert.equal(chosen, 'second-model');
    assert.ok(!JSON.stringify(userSettings()).includes('k-12345'));
    await closeNotifications();
  });

  it('say why a server cannot be used, and leave the choice as it was', async () => {
    await runCommand(page, 'Tessera: Use a Completion Server');
    await answer('(1/3)', 'http://127.0.0.1:9');
    await answer('(2/3)', '');
    await notification('127.0.0.1:9').waitFor(patience);
    assert.equal(userSettings()['tessera.localModel.server.url'], hub.address);
    await closeNotifications();
  });

  it('add a watermark scheme from pasted settings, and find the mark with it', async () => {
    const settings = { ...fixture.config };
    delete settings.hashing_key;
    await runCommand(page, 'Tessera: Add Watermark Scheme');
    await input().filter({ hasText: 'Add a watermark scheme' }).waitFor(patience);
    await page
      .locator('.quick-input-list .monaco-list-row', { hasText: 'Paste or type JSON' })
      .click(patience);
    await answer('as JSON', '{"greenlist_ratio": 2}');
    await input().filter({ hasText: 'between 0 and 1' }).waitFor(patience);
    await answer('as JSON', JSON.stringify(settings));
    await input().filter({ hasText: 'Tokenizer of the model' }).waitFor(patience);
    await page
      .locator('.quick-input-list .monaco-list-row', { hasText: 'o200k_base' })
      .first()
      .click(patience);
    await answer('Key of the watermark', String(fixture.config.hashing_key));
    await answer('Name of the watermark scheme', 'Blog drafts');
    await notification('Added “Blog drafts”').waitFor(patience);
    await runCommand(page, 'Tessera: Check for Watermark');
    const found = page.locator('body', { hasText: /watermark found/i });
    const frames = async () => {
      for (const frame of page.frames()) {
        const text = await frame
          .locator('body')
          .innerText()
          .catch(() => '');
        if (/Blog drafts/.test(text) && /found/i.test(text)) return true;
      }
      return (await found.count()) > 0;
    };
    assert.ok(await lastAnswer(page, frames, patience.timeout), 'the Watermark view says found');
    assert.ok(!JSON.stringify(userSettings()).includes(String(fixture.config.hashing_key)));
    assert.ok(existsSync(join(workbench.folder, 'marked.txt')));
    assert.equal(readFileSync(join(workbench.folder, 'marked.txt'), 'utf8'), markedText);
  });
});
