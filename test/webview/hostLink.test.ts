import { describe, expect, it } from 'vitest';
import { HostLink } from '../../webview/hostLink';
import { parseWebviewMessage } from '../../src/shared/panelGuards';
import type { HostEvent, PanelDocument, WebviewMessage } from '../../src/shared/panelProtocol';

const ready = (generation: number): HostEvent => ({
  type: 'document',
  document: { state: 'ready', generation, file: { uri: 'u', name: 'n', folder: '' } } as PanelDocument,
});

function linked() {
  const sent: WebviewMessage[] = [];
  const link = new HostLink({
    postMessage: (message) => void sent.push(structuredClone(message)),
    getState: () => undefined,
    setState: () => undefined,
  });
  const requests = () => sent.filter((message) => message.type === 'request');
  return { link, sent, requests };
}

describe('the link to the host', () => {
  it('sends only what the host accepts', async () => {
    const { link, sent } = linked();
    link.receive(ready(1));
    void link.request('tokenPage', { first: 0, count: 512 });
    void link.request('tokenFacts', { index: 4 });
    void link.request('findId', { id: 3, from: 0, direction: 'previous' });
    link.reveal(3, true);
    link.notify({ type: 'ready' });
    expect(sent).toHaveLength(5);
    for (const message of sent) expect(parseWebviewMessage(message)).toEqual(message);
    await Promise.resolve();
  });

  it('asks what holds whatever the document is as generation 0, and keeps waiting across versions', async () => {
    const { link, requests } = linked();
    const asked = link.ask('compare', { choices: ['gpt2'] });
    link.receive(ready(1));
    link.receive(ready(2));
    const [request] = requests();
    expect(request).toMatchObject({ name: 'compare', generation: 0 });
    link.receive({ type: 'reply', id: request?.id ?? 0, reply: { ok: true, result: 'kept' } });
    expect(await asked).toEqual({ ok: true, result: 'kept' });
  });

  it('takes a request back: the host is told and the answer is dropped', async () => {
    const { link, sent, requests } = linked();
    link.receive(ready(1));
    const abort = new AbortController();
    const taken = link.request('tokenFacts', { index: 1 }, abort.signal);
    abort.abort();
    const id = requests()[0]?.id ?? 0;
    expect(sent.at(-1)).toEqual({ type: 'cancel', id });
    link.receive({ type: 'reply', id, reply: { ok: true, result: 'late' } });
    expect(await taken).toMatchObject({ ok: false, code: 'stale' });
    await link.request('tokenFacts', { index: 1 }, abort.signal);
    expect(requests()).toHaveLength(1);
  });

  it('resolves each request with the reply of its id, in any order', async () => {
    const { link, requests } = linked();
    link.receive(ready(1));
    const first = link.request('tokenFacts', { index: 1 });
    const second = link.request('tokenFacts', { index: 2 });
    const [a, b] = requests();
    link.receive({ type: 'reply', id: b!.id, reply: { ok: true, result: 'two' } });
    link.receive({ type: 'reply', id: a!.id, reply: { ok: true, result: 'one' } });
    expect(await first).toEqual({ ok: true, result: 'one' });
    expect(await second).toEqual({ ok: true, result: 'two' });
  });

  it('ends requests of an older version as stale, and ignores their late replies', async () => {
    const { link, requests } = linked();
    link.receive(ready(1));
    const old = link.request('tokenFacts', { index: 1 });
    link.receive(ready(2));
    expect(await old).toMatchObject({ ok: false, code: 'stale' });
    link.receive({ type: 'reply', id: requests()[0]!.id, reply: { ok: true, result: 'late' } });
    const now = link.request('tokenFacts', { index: 1 });
    link.receive({ type: 'reply', id: requests()[1]!.id, reply: { ok: true, result: 'now' } });
    expect(await now).toEqual({ ok: true, result: 'now' });
  });

  it('asks nothing while there is no counted document', async () => {
    const { link, sent } = linked();
    expect(await link.request('tokenFacts', { index: 0 })).toMatchObject({ code: 'stale' });
    link.reveal(1, false);
    expect(sent).toEqual([]);
  });

  it('drops a cursor that belongs to another version', () => {
    const { link } = linked();
    const heard: string[] = [];
    link.listen((event) => void heard.push(event.type));
    link.receive(ready(5));
    link.receive({ type: 'cursor', generation: 4, first: 0, last: 1 });
    link.receive({ type: 'cursor', generation: 5, first: 0, last: 1 });
    expect(heard).toEqual(['document', 'cursor']);
  });

  it('stops telling a listener that has left', () => {
    const { link } = linked();
    let heard = 0;
    const stop = link.listen(() => heard++);
    link.receive({ type: 'pinned', pinned: true });
    stop();
    link.receive({ type: 'pinned', pinned: false });
    expect(heard).toBe(1);
  });
});
