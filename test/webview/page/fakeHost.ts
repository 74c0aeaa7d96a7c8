// A host for the inspector's page without VS Code: answers the panel's protocol from a sample document and keeps
// everything the page sent, for tests to look at. Bundled into the test page and into the playground.
import { parseWebviewMessage } from '../../../src/shared/panelGuards';
import { sampleComparison } from './sampleComparison';
import { sampleSurprise } from './sampleSurprise';
import { sampleDrafts } from './sampleDrafts';
import { sampleDocument } from './sampleTokens';
import { SampleWatermark } from './sampleWatermark';
import type { SampleDocument } from './sampleTokens';
import type { DraftsSetup } from '../../../src/shared/draftsProtocol';
import type { HostEvent, PanelDocument, PanelReply, WebviewMessage } from '../../../src/shared/panelProtocol';

export interface FakeHost {
  /** Messages of the page that passed the guards, and how many did not. */
  readonly received: WebviewMessage[];
  rejected: number;
  /** Every message to the page. */
  readonly sent: HostEvent[];
  state: unknown;
  /** Milliseconds before a request is answered. */
  delay: number;
  /** What the Watermark view shows. */
  readonly watermark: SampleWatermark;
  /** When set, page requests fail with this message. */
  failure: string | undefined;
  /** What the host says about the model, and what it refuses drafts with. */
  setup: DraftsSetup;
  refusal: string | undefined;
  open(text: string, name?: string): void;
  send(event: HostEvent): void;
  show(document: PanelDocument): void;
}

declare global {
  interface Window {
    fakeHost: FakeHost;
    acquireVsCodeApi: () => unknown;
  }
}

const encodings = ['o200k_base', 'o200k_harmony', 'cl100k_base', 'p50k_base', 'r50k_base', 'gpt2'];

class PageHost implements FakeHost {
  readonly received: WebviewMessage[] = [];
  readonly sent: HostEvent[] = [];
  rejected = 0;
  delay = 0;
  failure: string | undefined;
  readonly watermark = new SampleWatermark(() => this.text);
  refusal: string | undefined;
  setup: DraftsSetup = {
    model: 'tessera-tiny',
    state: 'ready',
    problem: null,
    method: 'forked',
    count: 3,
    wanted: null,
  };
  private run = 0;
  state: unknown = JSON.parse(sessionStorage.getItem('state') ?? 'null');
  private generation = 0;
  private text = '';
  private name = 'sample.md';
  private encoding = 'o200k_base';
  private sample: SampleDocument = sampleDocument('');
  private ready = false;

  take(value: unknown): void {
    const message = parseWebviewMessage(structuredClone(value));
    if (!message) {
      this.rejected++;
      return;
    }
    this.received.push(message);
    if (message.type === 'ready') {
      this.ready = true;
      this.send({
        type: 'welcome',
        locale: document.documentElement.lang,
        pinned: false,
        encodings: encodings.map((id) => ({
          id,
          label: id,
          family: 'sample',
          exactness: 'exact',
          source: 'sample',
        })),
        compareChoices: [...encodings, 'model:sample'].map((id) => ({ id, label: id, detail: 'sample' })),
      });
      this.open(this.text, this.name);
    } else if (message.type === 'setEncoding') {
      this.encoding = message.encoding;
      this.open(this.text, this.name);
    } else if (message.type === 'reveal') {
      this.send({
        type: 'cursor',
        generation: this.generation,
        first: message.index,
        last: message.index + 1,
      });
    } else if (message.type === 'request') {
      const reply = this.answer(message);
      setTimeout(() => this.send({ type: 'reply', id: message.id, reply }), this.delay);
    }
  }

  open(text: string, name = 'sample.md'): void {
    this.text = text;
    this.name = name;
    if (!this.ready) return;
    this.sample = sampleDocument(text);
    const { tokens, characters, bytes, length } = this.sample;
    this.generation++;
    this.show({
      state: 'ready',
      file: { uri: `file:///sample/docs/${name}`, name, folder: 'docs' },
      generation: this.generation,
      encoding: this.encoding,
      exactness: 'exact',
      source: `sample splitter, ${this.encoding}`,
      tokens,
      characters,
      bytes,
      length,
      scope: null,
      notes: [],
    });
  }

  show(document: PanelDocument): void {
    this.send({ type: 'document', document });
  }

  send(event: HostEvent): void {
    this.sent.push(event);
    window.postMessage(event, '*');
  }

  private answer(message: Extract<WebviewMessage, { type: 'request' }>): PanelReply {
    const watermark = this.watermark.answer(message, () => this.send({ type: 'watermarkChanged' }));
    if (watermark !== undefined && this.failure === undefined) return watermark;
    if (message.generation !== 0 && message.generation !== this.generation)
      return { ok: false, code: 'stale', message: 'stale' };
    if (this.failure !== undefined) return { ok: false, code: 'failed', message: this.failure };
    switch (message.name) {
      case 'tokenPage':
        return { ok: true, result: this.sample.page(message.params.first, message.params.count) };
      case 'tokenFacts':
        return { ok: true, result: this.factsOf(message.params.index) };
      case 'findId':
        return { ok: true, result: this.find(message.params) };
      case 'addTokenizers':
        return { ok: true, result: { added: message.params.files.map(({ name }) => name) } };
      case 'draftsSetup': {
        const result = this.setup;
        this.setup = { ...result, wanted: null };
        return { ok: true, result };
      }
      case 'drafts':
        return this.refusal === undefined
          ? { ok: true, result: sampleDrafts(++this.run, message.params) }
          : { ok: false, code: 'refused', message: this.refusal };
      case 'acceptDraft':
        return message.params.run === this.run
          ? { ok: true, result: { inserted: 7 } }
          : { ok: false, code: 'refused', message: 'This draft is no longer there. Draft again.' };
      case 'modelCommand':
        return { ok: true, result: null };
      case 'compare':
        return { ok: true, result: sampleComparison(this.text, message.params.choices) };
      case 'surprise':
        return { ok: true, result: sampleSurprise(this.text, message.params.first) };
      case 'revealText':
        return { ok: true, result: null };
      default:
        return { ok: false, code: 'refused', message: message.name };
    }
  }

  private factsOf(index: number): unknown {
    const [start] = this.sample.range(index);
    const before = this.text.slice(0, start).split('\n');
    const { bytes } = this.sample.page(index, 1);
    const half = Math.ceil(bytes.length / 2);
    return {
      index,
      rank: this.sample.id(index),
      merges:
        bytes.length < 2
          ? []
          : [{ left: bytes.slice(0, half), right: bytes.slice(half), rank: this.sample.id(index) }],
      line: before.length - 1,
      column: before.at(-1)?.length ?? 0,
    };
  }

  private find({ id, from, direction }: { id: number; from: number; direction: string }): unknown {
    const { tokens } = this.sample;
    const step = direction === 'next' ? 1 : tokens - 1;
    for (let i = 1; i <= tokens; i++) {
      const index = (from + i * step) % tokens;
      if (this.sample.id(index) === id)
        return { index, wrapped: direction === 'next' ? index <= from : index >= from };
    }
    return null;
  }
}

const host = new PageHost();
window.fakeHost = host;
window.acquireVsCodeApi = () => ({
  postMessage: (message: unknown) => host.take(message),
  getState: () => host.state,
  setState: (state: unknown) => {
    host.state = structuredClone(state);
    sessionStorage.setItem('state', JSON.stringify(state));
  },
});
