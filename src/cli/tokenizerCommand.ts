// tessera tokenizer: what a tokenizer file is, whether it can be used, and how sure its numbers are.
import { descriptionRows, roundTripText } from '../core/tokenizers/formats/descriptionRows';
import { selfTest } from '../core/tokenizers/formats/selfTest';
import { UsageError, type CliCommand } from './cliCommand';
import { fileReadOptions, readFileOrExplain, SPLIT_OPTION } from './tokenizerOption';

/** Special tokens shown without --json. */
const SHOWN_SPECIALS = 8;

export const tokenizerCommand: CliCommand = {
  name: 'tokenizer',
  summary: 'Describe a tokenizer file: kind, parts, special tokens, fingerprint, exactness',
  usage: 'FILE [--split NAME] [--json]',
  options: [SPLIT_OPTION, { name: 'json', summary: 'Print one JSON object' }],
  run: async (args, streams) => {
    const [path, ...rest] = args.positionals;
    if (path === undefined || rest.length > 0) throw new UsageError('Name one tokenizer file.');
    const started = process.cpuUsage();
    const result = await readFileOrExplain(path, fileReadOptions(args));
    const { user, system } = process.cpuUsage(started);
    if (!result.ok) {
      if (args.flag('json')) {
        await streams.out(`${JSON.stringify({ file: path, ok: false, ...result.reason }, null, 2)}\n`);
      } else streams.note(`${path}: ${result.reason.message} [${result.reason.code}]`);
      return 2;
    }
    const { tokenizer, description, sha256, bytes } = result;
    const test = selfTest(tokenizer);
    const { exactness, source } = tokenizer.provenance;
    if (args.flag('json')) {
      const answer = {
        file: path,
        ok: true,
        sha256,
        bytes,
        kind: tokenizer.kind,
        ...description,
        exactness,
        source,
        roundTrip: test,
      };
      await streams.out(`${JSON.stringify(answer, null, 2)}\n`);
      return 0;
    }
    const rows: (readonly [string, string])[] = [
      ['file', `${path} (${bytes} bytes)`],
      ['sha256', sha256],
      ...descriptionRows(description, SHOWN_SPECIALS),
      ['round trip', roundTripText(test)],
      ['numbers', `${exactness} (${source})`],
      ['loading', `${Math.round((user + system) / 1000)} ms of processor time`],
    ];
    await streams.out(rows.map(([name, value]) => `${name.padEnd(18)}${value}\n`).join(''));
    return 0;
  },
};
