// Downloading against a hub on this machine that serves real bytes with ranges, drops connections and lies about checksums.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { downloadModel, planDownload, type DownloadRequest } from '../../../src/engine/modelDownload';
import { mulberry } from '../core/model/randomModel';

const random = mulberry(5);
const graph = Buffer.from(Uint8Array.from({ length: 300_000 }, () => Math.floor(random() * 256)));
const files: Readonly<Record<string, Buffer>> = {
  'config.json': Buffer.from('{"hidden_size": 8}'),
  'tokenizer.json': Buffer.from('{"model": {}}'),
  'onnx/model.onnx': Buffer.alloc(10, 1),
  'onnx/model_quantized.onnx': graph,
  'pytorch_model.bin': Buffer.alloc(1000),
  '../outside.json': Buffer.from('no'),
};

describe('model download', () => {
  let server: Server;
  let hub: string;
  let folder: string;
  let cutAfter = Infinity;
  let damage = false;
  let requests: { readonly url: string; readonly range: string | undefined }[] = [];

  const tree = Object.entries(files).map(([path, data]) => ({
    type: 'file',
    path,
    size: data.length,
    oid: createHash('sha1').update(`blob ${data.length}\0`).update(data).digest('hex'),
    ...(data.length > 1000
      ? { lfs: { oid: createHash('sha256').update(data).digest('hex'), size: data.length } }
      : {}),
  }));

  function serve(request: IncomingMessage, response: ServerResponse): void {
    const url = (request.url ?? '').replace(/^\/mirror/, '');
    requests.push({ url, range: request.headers.range });
    if (url === '/api/models/owner/model/tree/main?recursive=true') {
      response.end(JSON.stringify(tree));
      return;
    }
    const data = files[decodeURIComponent(url.replace('/owner/model/resolve/main/', ''))];
    if (data === undefined) {
      response.writeHead(404).end('not found');
      return;
    }
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    let body = data.subarray(from);
    if (damage && data === graph) body = Buffer.alloc(body.length);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.length });
    if (body.length <= cutAfter) response.end(body);
    else response.write(body.subarray(0, cutAfter), () => response.destroy());
  }

  const request = (changes: Partial<DownloadRequest> = {}): DownloadRequest => ({
    hub,
    repository: 'owner/model',
    revision: 'main',
    target: join(folder, 'model'),
    agreedAddress: hub,
    ...changes,
  });

  beforeAll(async () => {
    server = createServer(serve);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    hub = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    if (folder) rmSync(folder, { recursive: true, force: true });
    folder = mkdtempSync(join(tmpdir(), 'tessera-download-'));
    cutAfter = Infinity;
    damage = false;
    requests = [];
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('fetches the files that the runtime needs, and no others, with progress', async () => {
    const plan = await planDownload(request());
    if (!plan.ok) throw new Error(plan.message);
    expect(plan.files.map(({ path }) => path)).toEqual([
      'config.json',
      'tokenizer.json',
      'onnx/model_quantized.onnx',
    ]);
    const seen: number[] = [];
    const result = await downloadModel(
      request({ onProgress: ({ doneBytes }) => seen.push(doneBytes) }),
      plan.files,
    );
    expect(result).toMatchObject({ ok: true, bytes: plan.bytes });
    expect(seen.at(-1)).toBe(plan.bytes);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    expect(readFileSync(join(folder, 'model/onnx/model_quantized.onnx')).equals(graph)).toBe(true);
  });

  it('continues an interrupted download where it stopped', async () => {
    const plan = await planDownload(request());
    if (!plan.ok) throw new Error(plan.message);
    cutAfter = 100_000;
    expect(await downloadModel(request(), plan.files)).toMatchObject({ ok: false, reason: 'network' });
    cutAfter = Infinity;
    requests = [];
    // How much of a cut connection arrived differs from run to run: here it is a third.
    writeFileSync(join(folder, 'model/onnx/model_quantized.onnx.part'), graph.subarray(0, 100_000));
    expect(await downloadModel(request(), plan.files)).toMatchObject({ ok: true });
    const ranges = requests.filter(({ url }) => url.endsWith('quantized.onnx')).map(({ range }) => range);
    expect(ranges).toEqual(['bytes=100000-']);
    expect(readFileSync(join(folder, 'model/onnx/model_quantized.onnx')).equals(graph)).toBe(true);
    // What is complete is not asked for again.
    requests = [];
    await downloadModel(request(), plan.files);
    expect(requests).toEqual([]);
  });

  it('refuses a file whose checksum is wrong and leaves nothing behind', async () => {
    const plan = await planDownload(request());
    if (!plan.ok) throw new Error(plan.message);
    damage = true;
    expect(await downloadModel(request(), plan.files)).toMatchObject({ ok: false, reason: 'damaged' });
    expect(existsSync(join(folder, 'model/onnx/model_quantized.onnx'))).toBe(false);
    expect(existsSync(join(folder, 'model/onnx/model_quantized.onnx.part'))).toBe(false);
  });

  it('works with a hub that lives in a folder of its host, and says when a listed file is gone', async () => {
    const mirror = { hub: `${hub}/mirror` };
    const plan = await planDownload(request(mirror));
    if (!plan.ok) throw new Error(plan.message);
    expect(await downloadModel(request(mirror), plan.files)).toMatchObject({ ok: true });
    const [first] = plan.files;
    const gone = { ...first!, path: 'gone.json' };
    expect(await downloadModel(request(mirror), [gone])).toMatchObject({ ok: false, reason: 'notFound' });
  });

  it('stops when cancelled', async () => {
    const plan = await planDownload(request());
    if (!plan.ok) throw new Error(plan.message);
    const controller = new AbortController();
    const onProgress = (): void => controller.abort();
    const result = await downloadModel(request({ signal: controller.signal, onProgress }), plan.files);
    expect(result).toMatchObject({ ok: false, reason: 'cancelled' });
  });

  it('asks nothing of an address that nobody agreed to', async () => {
    const result = await planDownload(request({ agreedAddress: 'https://example.com' }));
    expect(result).toMatchObject({ ok: false, reason: 'consent' });
    expect(await downloadModel(request({ agreedAddress: '' }), [])).toMatchObject({ reason: 'consent' });
    expect(requests).toEqual([]);
  });

  it('explains a wrong name, a missing variant, a folder that cannot be written, a server that is away', async () => {
    expect(await planDownload(request({ repository: 'no/such' }))).toMatchObject({ reason: 'notFound' });
    expect(await planDownload(request({ repository: '../x' }))).toMatchObject({ reason: 'notFound' });
    expect(await planDownload(request({ variant: '_q9' }))).toMatchObject({ reason: 'noModel' });
    const plan = await planDownload(request());
    if (!plan.ok) throw new Error(plan.message);
    // A file where the folder should be cannot be written into, whoever runs the test.
    writeFileSync(join(folder, 'file'), '');
    expect(await downloadModel(request({ target: join(folder, 'file') }), plan.files)).toMatchObject({
      reason: 'disk',
    });
    const away = 'http://127.0.0.1:1';
    expect(await planDownload(request({ hub: away, agreedAddress: away }))).toMatchObject({
      reason: 'network',
    });
  });
});
