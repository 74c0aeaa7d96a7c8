// The count of a model's provider. VS Code gives chat models only to extensions that bring one, so the provider here is a
// stand-in with the same interface; the question for consent, the answer and the failures are Tessera's own.
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { providerCount, type CountingModel } from '../../src/editor/providerCount';
import { closeAllEditors, openFile } from './editorSession';

const modelThat = (countTokens: CountingModel['countTokens']): CountingModel => ({
  name: 'Sample Model',
  vendor: 'sample',
  family: 'sample-1',
  countTokens,
});
const yes = (): Promise<boolean> => Promise.resolve(true);

describe('asking the provider to count', () => {
  after(closeAllEditors);

  it('sends nothing without consent', async () => {
    const { document } = await openFile('ask.txt', 'one two three');
    let asked = 0;
    const model = modelThat(() => Promise.resolve(++asked));
    assert.equal(await providerCount(model, document, undefined, () => Promise.resolve(false)), undefined);
    assert.equal(asked, 0);
  });

  it('shows the provider\u2019s number beside Tessera\u2019s own', async () => {
    const { document } = await openFile('ask.txt', 'one two three');
    const model = modelThat((text) => Promise.resolve(typeof text === 'string' ? text.length : 0));
    const answer = await providerCount(model, document, 'Tessera: 3 for o200k_base.', yes);
    assert.deepEqual(answer, {
      ok: true,
      message: 'Sample Model counts 13 tokens in this file. Tessera: 3 for o200k_base.',
    });
  });

  it('says what the provider said when it fails, and nothing when it was cancelled', async () => {
    const { document } = await openFile('ask.txt', 'one two three');
    const refused = modelThat(() => Promise.reject(new Error('quota exceeded')));
    const failure = await providerCount(refused, document, undefined, yes);
    assert.deepEqual(failure, { ok: false, message: 'Sample Model could not count: quota exceeded' });
    const nonsense = modelThat(() => Promise.resolve(Number.NaN));
    assert.equal((await providerCount(nonsense, document, undefined, yes))?.ok, false);
    const cancelled = modelThat(() => Promise.reject(new vscode.CancellationError()));
    assert.equal(await providerCount(cancelled, document, undefined, yes), undefined);
  });
});
