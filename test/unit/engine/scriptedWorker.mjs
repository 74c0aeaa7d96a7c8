// A worker that does what the text of a countText request says, so that the client's handling of every kind of ending can
// be tested: answer, wait, loop for ever, throw, exit, wait to be cancelled.
import { parentPort, workerData } from 'node:worker_threads';

const pause = (milliseconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
let requests = 0;

parentPort.on('message', ({ id, name, params }) => {
  requests++;
  const result = (value) => parentPort.postMessage({ type: 'result', id, value });
  const [action, argument] = (params.text ?? name).split(':');
  if (action === 'echo') result(argument);
  else if (action === 'requests') result(requests);
  else if (action === 'wait') {
    pause(Number(argument));
    result('waited');
  } else if (action === 'loop') for (;;);
  else if (action === 'count') for (;;) Atomics.add(params.counter, 0, 1);
  else if (action === 'throw') throw new Error(argument);
  else if (action === 'exit') process.exit(Number(argument));
  else if (action === 'fill') {
    const kept = [];
    for (;;) kept.push(new Array(100_000).fill(kept.length));
  } else if (action === 'error')
    parentPort.postMessage({ type: 'error', id, error: { code: 'failed', message: argument } });
  else if (action === 'progress') {
    for (let done = 1; done <= 3; done++)
      parentPort.postMessage({ type: 'progress', id, progress: { done, total: 3 } });
    result('done');
  } else if (action === 'untilCancelled') {
    let polls = 0;
    while (Atomics.load(workerData.cancelled, id % workerData.cancelled.length) !== id && polls++ < 1000)
      pause(5);
    // The next request tells whether the flag was seen before the thousand polls were over.
    requests = polls < 1000 ? -100 : requests;
    result('stopped');
  }
});
