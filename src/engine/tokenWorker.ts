// Entry of the token worker (a worker_thread): receives requests, runs their handlers, answers. The table below is the
// list of everything the worker can do.
import { parentPort, workerData } from 'node:worker_threads';
import { createAnalysisRequests } from './analysisRequests';
import { createDocumentRequests } from './documentRequests';
import { createFileRequests } from './fileRequests';
import { createTokenizerFileRequests } from './tokenizerFileRequests';
import {
  CANCEL_SLOTS,
  type EngineReply,
  type HostMessage,
  type WorkerData,
  type WorkerMessage,
} from './engineProtocol';
import type { RequestName } from './engineProtocol';
import { answer, refuse, type RequestContext, type RequestHandlers } from './requestContext';
import { countOfTexts, createTokenizerPool } from './tokenizerPool';
import { createWatermarkRequests } from './watermarkRequests';

const { cancelled, ...folders } = workerData as WorkerData;
const tokenizers = createTokenizerPool(folders);
const documentRequests = createDocumentRequests(tokenizers);

const handlers: RequestHandlers<RequestName> = {
  ...documentRequests,
  ...createFileRequests(tokenizers),
  ...createAnalysisRequests(tokenizers),
  ...createWatermarkRequests(tokenizers),
  ...createTokenizerFileRequests(tokenizers, folders.tokenizerFolder),
  countText: async ({ tokenizer, text }, context) => {
    const loaded = await tokenizers.get(tokenizer);
    if (!loaded.ok) return loaded;
    const count = countOfTexts(loaded.value, [text], () => context.cancelled());
    return count === null ? refuse('cancelled', 'Cancelled.') : answer(count);
  },
};

const port = parentPort;
if (port === null) throw new Error('tokenWorker.js is a worker; it cannot be run by itself.');
const post = (message: WorkerMessage): void => port.postMessage(message);

async function run(message: HostMessage): Promise<void> {
  const { id, name } = message;
  const context: RequestContext = {
    cancelled: () => Atomics.load(cancelled, id % CANCEL_SLOTS) === id,
    progress: (progress) => post({ type: 'progress', id, progress }),
  };
  let reply: EngineReply<unknown>;
  try {
    // The protocol pairs each name with its parameters; TypeScript cannot follow that through an index.
    const handler = handlers[name] as (
      params: unknown,
      context: RequestContext,
    ) => Promise<EngineReply<unknown>>;
    reply = await handler(message.params, context);
  } catch (error) {
    reply = refuse('failed', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  post(reply.ok ? { type: 'result', id, value: reply.value } : { type: 'error', id, error: reply.error });
}

// Document requests wait for one another, because an edit must not overtake the opening that is still loading tables.
// Other requests run at once; the long ones among them yield.
let documentLane: Promise<void> = Promise.resolve();
port.on('message', (message: HostMessage) => {
  if (message.name in documentRequests) documentLane = documentLane.then(() => run(message));
  else void run(message);
});
post({ type: 'ready' });
