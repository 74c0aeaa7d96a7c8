// tessera logprobs: every token of a text with the probability that a model gives it, its rank, and the entropy there.
import { bitsPerByte, textSurprise } from '../core/model/textSurprise';
import { ModelStopped } from '../core/model/languageModel';
import { decodeUtf8 } from '../core/text/utf8';
import { loadModelTokenizer } from '../engine/modelTokenizer';
import type { CliCommand } from './cliCommand';
import { onePath, readOneText } from './inputFiles';
import { MODEL_OPTION, openModel, RUNTIME_OPTIONS } from './modelOption';

const BATCH = 4096;
const WINDOW = 1024;

export const logprobsCommand: CliCommand = {
  name: 'logprobs',
  summary: 'Score the tokens of a file with a model: log-probability, rank, entropy',
  usage: 'PATH|- [--model DIR] [--json] [--threads N] [--wasm]',
  options: [MODEL_OPTION, { name: 'json', summary: 'Print one JSON object' }, ...RUNTIME_OPTIONS],
  run: async (args, streams) => {
    const path = onePath(args);
    const text = await readOneText(path, streams);
    if (text === undefined) return 2;
    const model = await openModel(args.text('model'), args, streams);
    if (model === undefined) return 2;
    const loading = await loadModelTokenizer(model);
    if (!loading.ok) {
      streams.note(loading.reason);
      return 2;
    }
    const { tokenizer } = loading;
    const { ids, byteEnds } = tokenizer.encodeSpans(text);
    const starts = Uint32Array.from([0, ...byteEnds.slice(0, -1)]);
    const session = model.openSession();
    try {
      const scored = await textSurprise(session, ids, { window: Math.min(WINDOW, model.info.contextLength) });
      const bits = bitsPerByte(
        scored,
        byteEnds.map((end, i) => end - (starts[i] ?? 0)),
      );
      const json = args.flag('json');
      const head = { model: model.info.name, tokens: ids.length, bitsPerByte: finite(bits) };
      if (json) await streams.out(`${JSON.stringify(head).slice(0, -1)},"scores":[`);
      for (let first = 0; first < ids.length; first += BATCH) {
        const lines = Array.from(ids.subarray(first, first + BATCH), (id, k) => {
          const i = first + k;
          const token = {
            id,
            start: starts[i] ?? 0,
            end: byteEnds[i] ?? 0,
            text: decodeUtf8(tokenizer.tokenBytes(id)),
            logprob: finite(scored.logProbs[i]),
            rank: scored.ranks[i] === 0 ? null : (scored.ranks[i] ?? null),
            entropy: finite(scored.entropies[i]),
          };
          return json ? JSON.stringify(token) : line(token);
        });
        await streams.out(
          json ? `${first === 0 ? '\n' : ',\n'}${lines.join(',\n')}` : `${lines.join('\n')}\n`,
        );
      }
      if (json) await streams.out('\n]}\n');
      else streams.note(`${model.info.name}: ${ids.length} tokens, ${bits.toFixed(3)} bits per byte`);
    } catch (error) {
      if (!(error instanceof ModelStopped)) throw error;
      streams.note(error.message);
      return 2;
    } finally {
      session.close();
      await model.release();
    }
    return 0;
  },
};

/** JSON has no NaN: a token without context has no score. */
const finite = (value = NaN): number | null => (Number.isFinite(value) ? Number(value.toFixed(6)) : null);

interface ScoredToken {
  readonly id: number;
  readonly text: string;
  readonly logprob: number | null;
  readonly rank: number | null;
  readonly entropy: number | null;
}

function line({ id, text, logprob, rank, entropy }: ScoredToken): string {
  return `${id}\t${logprob?.toFixed(3) ?? '-'}\t${rank ?? '-'}\t${entropy?.toFixed(3) ?? '-'}\t${JSON.stringify(text)}`;
}
