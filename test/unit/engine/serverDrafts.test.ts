// Drafts from a completion server: what is sent, what comes back, what is said about it.
import { describe, expect, it } from 'vitest';
import type {
  RemoteChoice,
  RemoteEngine,
  RemoteRequest,
  RemoteResult,
} from '../../../src/engine/remoteEngine';
import { answerServerDrafts } from '../../../src/engine/serverDrafts';

const choice = (text: string, ...logProbs: readonly (number | null)[]): RemoteChoice => ({
  text,
  finishReason: 'stop',
  tokens: logProbs.map((logProb, i) => ({ text: text[i] ?? '', logProb, alternatives: [] })),
});

function server(
  result: RemoteResult<readonly RemoteChoice[]>,
): RemoteEngine & { readonly sent: RemoteRequest[] } {
  const sent: RemoteRequest[] = [];
  return {
    sent,
    complete: (request) => {
      sent.push(request);
      return Promise.resolve(result);
    },
    models: () => Promise.resolve({ ok: true, value: [] }),
  };
}

describe('drafts from a server', () => {
  it('orders them, keeps one of each text, and says what a server cannot do', async () => {
    const remote = server({
      ok: true,
      value: [choice('ab)', -2, -2), choice('cd', -0.1, -0.1), choice('cd', -5, -5), choice('  ', -1)],
    });
    const reply = await answerServerDrafts(remote, {
      prefix: 'call(',
      suffix: ');\nrest',
      method: 'beam',
      count: 4,
      otherFiles: [{ path: 'secret.ts', text: 'not to be sent' }],
    });
    if (!reply.ok) throw new Error(reply.error.message);
    expect(reply.value.drafts.map(({ text }) => text)).toEqual(['cd', 'ab)']);
    expect(reply.value.drafts[0]!.logProb).toBeCloseTo(-0.2, 9);
    expect(reply.value.method).toBe('nucleus');
    expect(reply.value.notes.join(' ')).toMatch(/come from a server.*"beam" needs the whole distribution/);
    expect(remote.sent).toHaveLength(1);
    expect(remote.sent[0]).toMatchObject({ prompt: 'call(', suffix: ');\nrest', n: 4, stop: ['\n'] });
    expect(JSON.stringify(remote.sent)).not.toContain('not to be sent');
  });

  it('takes answers without log-probabilities, and calls them inexact', async () => {
    const reply = await answerServerDrafts(server({ ok: true, value: [choice('x')] }), {
      prefix: 'a',
      suffix: '',
      method: 'greedy',
      singleLine: false,
    });
    if (!reply.ok) throw new Error(reply.error.message);
    expect(reply.value.drafts[0]).toMatchObject({ text: 'x', exact: false });
    expect(reply.value.drafts[0]!.logProb).toBeNaN();
  });

  it.each([
    ['cancelled', 'cancelled'],
    ['timeout', 'timeout'],
    ['key', 'failed'],
  ] as const)('passes a failure on: %s', async (reason, code) => {
    const reply = await answerServerDrafts(server({ ok: false, reason, message: 'told' }), {
      prefix: 'a',
      suffix: '',
    });
    expect(reply).toEqual({ ok: false, error: { code, message: 'told' } });
  });
});
