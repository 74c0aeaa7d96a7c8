// Downloads a model from a hub that speaks Hugging Face's HTTP interface: list the repository, choose the files that the
// runtime needs, fetch them with resume, check size and checksum. Nothing is asked of an address that the user has not
// agreed to, and only files below the target folder are written.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface DownloadRequest {
  /** Base address, 'https://huggingface.co'. */
  readonly hub: string;
  /** 'owner/name'. */
  readonly repository: string;
  /** Branch, tag or commit. */
  readonly revision: string;
  /** What follows `model` in the graph's file name: '_quantized', '' for the full one. Absent: the best for a CPU. */
  readonly variant?: string;
  /** Folder that will hold the model. */
  readonly target: string;
  /** The address that the user was shown and agreed to. Another one is refused. */
  readonly agreedAddress: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

export interface DownloadProgress {
  readonly file: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface RemoteFile {
  readonly path: string;
  readonly size: number;
  /** SHA-256 of a large file, or git's SHA-1 of a small one. */
  readonly digest: { readonly kind: 'sha256' | 'gitBlob'; readonly hex: string };
}

export type DownloadFailure =
  'consent' | 'cancelled' | 'notFound' | 'network' | 'damaged' | 'noModel' | 'disk';

export type DownloadResult =
  | { readonly ok: true; readonly folder: string; readonly bytes: number }
  | { readonly ok: false; readonly reason: DownloadFailure; readonly message: string };

export type PlanResult =
  | { readonly ok: true; readonly files: readonly RemoteFile[]; readonly bytes: number }
  | { readonly ok: false; readonly reason: DownloadFailure; readonly message: string };

const SMALL_FILES = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'LICENSE',
  'README.md',
];
const VARIANT_ORDER = ['_quantized', '_int8', '_uint8', '_q8', '_q4', '_bnb4', '', '_fp16'];

class Stop extends Error {
  constructor(
    readonly reason: DownloadFailure,
    message: string,
  ) {
    super(message);
  }
}

/** Lists what would be downloaded. */
export async function planDownload(request: DownloadRequest): Promise<PlanResult> {
  return guarded(async () => {
    const files = chooseFiles(await listRepository(request), request);
    return { ok: true as const, files, bytes: files.reduce((sum, file) => sum + file.size, 0) };
  });
}

/** Fetches the files of a plan. Parts of an interrupted download are continued. Never rejects. */
export async function downloadModel(
  request: DownloadRequest,
  files: readonly RemoteFile[],
): Promise<DownloadResult> {
  return guarded(async () => {
    checkConsent(request);
    const totalBytes = files.reduce((sum, file) => sum + file.size, 0);
    let before = 0;
    for (const file of files) {
      await fetchFile(request, file, (done) =>
        request.onProgress?.({ file: file.path, doneBytes: before + done, totalBytes }),
      );
      before += file.size;
    }
    return { ok: true as const, folder: request.target, bytes: totalBytes };
  });
}

async function guarded<T>(
  work: () => Promise<T>,
): Promise<T | { readonly ok: false; readonly reason: DownloadFailure; readonly message: string }> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Stop) return { ok: false, reason: error.reason, message: error.message };
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof Error && error.name === 'AbortError')
      return { ok: false, reason: 'cancelled', message: 'The download was cancelled; it can be continued.' };
    if (['EACCES', 'EROFS', 'EPERM', 'ENOSPC', 'ENOTDIR', 'EISDIR', 'EEXIST'].includes(code))
      return {
        ok: false,
        reason: 'disk',
        message:
          code === 'ENOSPC'
            ? 'The disk is full. Free some space and download again; what is there is kept.'
            : `The folder cannot be written (${message}). Choose another folder for models.`,
      };
    const cause = (error as { cause?: { message?: string } }).cause?.message;
    return {
      ok: false,
      reason: 'network',
      message: `The download failed: ${cause ?? message}. Try again; it continues.`,
    };
  }
}

function checkConsent({ hub, agreedAddress }: DownloadRequest): void {
  if (new URL(hub).origin !== agreedAddress)
    throw new Stop(
      'consent',
      `You agreed to a download from ${agreedAddress}, not from ${new URL(hub).origin}.`,
    );
}

async function listRepository(request: DownloadRequest): Promise<readonly RemoteFile[]> {
  checkConsent(request);
  const { hub, repository, revision } = request;
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository))
    throw new Stop('notFound', `"${repository}" is not a repository name. Write owner/name.`);
  const path = `api/models/${repository}/tree/${encodeURIComponent(revision)}?recursive=true`;
  const response = await ask(below(hub, path), request.signal);
  if (!response.ok) throw notFound(response.status, request);
  const rows: unknown = await response.json();
  if (!Array.isArray(rows)) throw new Stop('network', 'The hub answered something that is not a file list.');
  return rows.flatMap((row: Readonly<Record<string, unknown>>) => {
    const { type, path: name, size, oid, lfs } = row;
    if (type !== 'file' || typeof name !== 'string' || typeof size !== 'number') return [];
    // A path that leaves the folder is an attack or a mistake; such a file is not offered at all.
    if (name.startsWith('/') || name.includes('\\') || name.split('/').includes('..')) return [];
    const large = lfs as { readonly oid?: unknown } | undefined;
    const digest =
      typeof large?.oid === 'string'
        ? { kind: 'sha256' as const, hex: large.oid.replace('sha256:', '') }
        : { kind: 'gitBlob' as const, hex: typeof oid === 'string' ? oid : '' };
    return [{ path: name, size, digest }];
  });
}

function chooseFiles(
  all: readonly RemoteFile[],
  { repository, variant }: DownloadRequest,
): readonly RemoteFile[] {
  const byPath = new Map(all.map((file) => [file.path, file]));
  for (const stem of ['onnx/model', 'onnx/decoder_model_merged', 'model'])
    for (const each of variant === undefined ? VARIANT_ORDER : [variant]) {
      const graph = byPath.get(`${stem}${each}.onnx`);
      if (graph === undefined) continue;
      const wanted = [
        ...SMALL_FILES,
        graph.path,
        ...all.map(({ path }) => path).filter((path) => path.startsWith(`${graph.path}_data`)),
        ...all.map(({ path }) => path).filter((path) => path === `${graph.path}.data`),
        ...(stem.endsWith('merged') ? [`onnx/embed_tokens${each}.onnx`] : []),
      ];
      return wanted.flatMap((path) => byPath.get(path) ?? []);
    }
  throw new Stop(
    'noModel',
    `${repository} has no ONNX graph that Tessera knows (onnx/model*.onnx). Look for a repository with "onnx" in its name.`,
  );
}

async function fetchFile(
  request: DownloadRequest,
  file: RemoteFile,
  onDone: (bytes: number) => void,
): Promise<void> {
  const path = join(request.target, file.path);
  if ((await sizeOf(path)) === file.size && (await digestOf(path, file)) === file.digest.hex) {
    onDone(file.size);
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.part`;
  let have = (await sizeOf(part)) ?? 0;
  if (have > file.size) {
    await rm(part, { force: true });
    have = 0;
  }
  if (have < file.size || file.size === 0) {
    const encoded = file.path.split('/').map(encodeURIComponent).join('/');
    const { hub, repository, revision, signal } = request;
    const url = below(hub, `${repository}/resolve/${encodeURIComponent(revision)}/${encoded}`);
    const response = await ask(url, signal, have > 0 ? { range: `bytes=${have}-` } : {});
    if (!response.ok || response.body === null) throw notFound(response.status, request);
    // A server that does not know ranges sends the whole file again.
    if (response.status !== 206) have = 0;
    const body = Readable.fromWeb(response.body);
    let done = have;
    body.on('data', (chunk: Buffer) => onDone((done += chunk.length)));
    const out = createWriteStream(part, { flags: have > 0 ? 'a' : 'w' });
    await pipeline(body, out, signal === undefined ? {} : { signal });
  }
  const size = await sizeOf(part);
  if (size !== file.size || (await digestOf(part, file)) !== file.digest.hex) {
    await rm(part, { force: true });
    throw new Stop(
      'damaged',
      `${file.path} arrived damaged: its size or checksum is not the one that the hub names. Download it again.`,
    );
  }
  await rename(part, path);
}

/** An address below the hub's; a mirror may live in a folder of its host. */
function below(hub: string, path: string): URL {
  return new URL(path, hub.endsWith('/') ? hub : `${hub}/`);
}

async function ask(
  url: URL,
  signal: AbortSignal | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(url, { headers, ...(signal === undefined ? {} : { signal }) });
}

function notFound(status: number, { hub, repository, revision }: DownloadRequest): Stop {
  if (status === 401 || status === 403 || status === 404)
    return new Stop(
      'notFound',
      `${new URL(hub).host} has no public model ${repository} at ${revision} (status ${status}). Check the name; gated models must be downloaded by hand.`,
    );
  return new Stop('network', `${new URL(hub).host} answered with status ${status}. Try again later.`);
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}

async function digestOf(path: string, file: RemoteFile): Promise<string> {
  const hash = createHash(file.digest.kind === 'sha256' ? 'sha256' : 'sha1');
  if (file.digest.kind === 'gitBlob') hash.update(`blob ${file.size}\0`);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
