// tessera tokens: every token of one text with its id, its byte range in the UTF-8 form of the text, and its text.
import { hexBytes } from '../core/text/visibleText';
import { decodeUtf8, isUtf8 } from '../core/text/utf8';
import type { Tokenizer } from '../core/tokenizers/tokenizer';
import type { CliCommand } from './cliCommand';
import { onePath, readOneText } from './inputFiles';
import { chosenTokenizer, TOKENIZER_OPTIONS } from './tokenizerOption';

interface PrintedToken {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Bytes in hex, for tokens that are not whole characters and whose text therefore has U+FFFD. */
  readonly bytes?: string;
}

/** Lines written at once; a line at a time would be slow, everything at once would need all of it in memory. */
const BATCH = 4096;

export const tokensCommand: CliCommand = {
  name: 'tokens',
  summary: 'List the tokens of a file: id, start and end byte, text',
  usage: 'PATH|- [--encoding NAME] [--json]',
  options: [...TOKENIZER_OPTIONS, { name: 'json', summary: 'Print one JSON object' }],
  run: async (args, streams) => {
    const path = onePath(args);
    const tokenizer = await chosenTokenizer(args);
    const json = args.flag('json');
    const text = await readOneText(path, streams);
    if (text === undefined) return 2;
    const { ids, byteEnds } = tokenizer.encodeSpans(text);
    const head = {
      encoding: tokenizer.name,
      exact: tokenizer.provenance.exactness === 'exact',
      total: ids.length,
    };
    if (json) await streams.out(`${JSON.stringify(head).slice(0, -1)},"tokens":[`);
    for (let first = 0; first < ids.length; first += BATCH) {
      const tokens = Array.from(ids.subarray(first, first + BATCH), (id, i) =>
        printed(tokenizer, id, byteEnds[first + i - 1] ?? 0, byteEnds[first + i] ?? 0),
      );
      const lines = tokens.map((token) => (json ? JSON.stringify(token) : lineOf(token)));
      await streams.out(json ? `${first === 0 ? '\n' : ',\n'}${lines.join(',\n')}` : `${lines.join('\n')}\n`);
    }
    if (json) await streams.out('\n]}\n');
    return 0;
  },
};

function printed(tokenizer: Tokenizer, id: number, start: number, end: number): PrintedToken {
  const bytes = tokenizer.tokenBytes(id);
  const token = { id, start, end, text: decodeUtf8(bytes) };
  return isUtf8(bytes) ? token : { ...token, bytes: hexBytes(bytes) };
}

function lineOf({ id, start, end, text, bytes }: PrintedToken): string {
  return `${id}\t${start}\t${end}\t${bytes === undefined ? JSON.stringify(text) : `<${bytes}>`}`;
}
