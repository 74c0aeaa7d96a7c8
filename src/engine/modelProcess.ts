// Entry of the model process: a forked child that owns the ONNX runtime, so that it can be killed at any time without
// harm to the host (killing a thread inside the runtime aborts the whole process). Requests run in order; a cancel
// message is seen between two forwards.
import { createModelState, modelHandlers, type ModelHandler } from './modelHandlers';
import { idleCollection } from './modelProcessOptions';
import type { ModelHostMessage, ModelProcessMessage, ModelRequestName } from './modelProtocol';

const state = createModelState();
const open = new Map<number, { cancelled: boolean }>();
let turn: Promise<void> = Promise.resolve();
const collection = idleCollection();

function send(message: ModelProcessMessage): void {
  if (process.connected) process.send?.(message);
}

async function handle(id: number, name: ModelRequestName, params: unknown): Promise<void> {
  const cancellation = open.get(id) ?? { cancelled: true };
  try {
    if (cancellation.cancelled) {
      send({ type: 'error', id, error: { code: 'cancelled', message: 'Cancelled.' } });
      return;
    }
    const handler = modelHandlers[name] as ModelHandler<ModelRequestName>;
    const reply = await handler(params as never, state, {
      cancellation,
      progress: (progress) => send({ type: 'progress', id, progress }),
    });
    if (reply.ok) send({ type: 'result', id, value: reply.value });
    else send({ type: 'error', id, error: reply.error });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    send({ type: 'error', id, error: { code: 'failed', message } });
  } finally {
    open.delete(id);
    collection.end();
  }
}

process.on('message', (message: ModelHostMessage) => {
  if (message.type === 'cancel') {
    const request = open.get(message.id);
    if (request !== undefined) request.cancelled = true;
    return;
  }
  open.set(message.id, { cancelled: false });
  collection.begin();
  turn = turn.then(() => handle(message.id, message.name, message.params));
});
// A host that is gone needs no model.
process.on('disconnect', () => process.exit(0));
send({ type: 'ready' });
