// tessera drafts: several drafts at a cursor, from the model in the box or another one, with every token's probability.
import { readFile } from 'node:fs/promises';
import { DRAFT_METHODS, type DraftMethod } from '../core/decoding/completeDrafts';
import { answerDrafts } from '../engine/draftAnswers';
import type { DraftsAnswer, DraftsParams, EnsembleMember } from '../engine/draftProtocol';
import { answerAtCursor } from './answerAtCursor';
import { nearest, UsageError, type CliArguments, type CliCommand } from './cliCommand';
import { CURSOR_OPTION } from './cursorOption';
import { MODEL_OPTION, RUNTIME_OPTIONS } from './modelOption';

export const draftsCommand: CliCommand = {
  name: 'drafts',
  summary: 'Write several drafts at a cursor, each with its probability',
  usage: 'FILE|- [--at LINE:COL] [-k 3] [--method NAME] [--max-bytes N] [--seed S] [--model DIR] [--json]',
  options: [
    CURSOR_OPTION,
    { name: 'drafts', short: 'k', value: 'N', summary: 'Drafts wanted, 1 to 16 (default 3)' },
    { name: 'method', value: 'NAME', summary: `One of ${DRAFT_METHODS.join(', ')} (default forked)` },
    { name: 'max-bytes', value: 'N', summary: 'Longest draft in bytes' },
    { name: 'max-tokens', value: 'N', summary: 'Longest draft in tokens (default 64)' },
    { name: 'multi-line', summary: 'Drafts may go over several lines' },
    { name: 'seed', value: 'S', summary: 'Seed of the sampling methods (default 0)' },
    { name: 'temperature', value: 'T', summary: 'Temperature of the sampling methods (default 1)' },
    {
      name: 'top-p',
      value: 'P',
      summary: 'Nucleus of the sampling methods (default 0.95 for nucleus, else 1)',
    },
    {
      name: 'ensemble',
      value: 'WHO[=W]',
      summary: 'Vote byte by byte with "document" or a second model DIR, at weight W (default 1); repeatable',
    },
    { name: 'watermark', value: 'FILE', summary: 'Plant the watermark that these settings describe' },
    { name: 'key', value: 'KEY', summary: 'Key of the watermark, in place of the one in its settings' },
    { name: 'explain', summary: 'With --json: covers, next byte, gamma and draft tree' },
    MODEL_OPTION,
    { name: 'json', summary: 'Print one JSON object' },
    ...RUNTIME_OPTIONS,
  ],
  run: async (args, streams) => {
    const wishes = await draftWishes(args);
    return answerAtCursor(
      args,
      streams,
      (parts, cursor) => answerDrafts(parts, { ...wishes, ...cursor }, { cancelled: false }),
      async ({ answer, cursor, model }) => {
        await streams.out(printedDrafts(answer, cursor.prefix));
        streams.note(summaryLine(model, answer));
      },
    );
  },
};

async function draftWishes(args: CliArguments): Promise<Omit<DraftsParams, 'prefix' | 'suffix' | 'path'>> {
  const method = args.text('method');
  if (method !== undefined && !isMethod(method)) {
    const best = nearest(method, DRAFT_METHODS);
    throw new UsageError(
      `There is no method "${method}".${best === undefined ? '' : ` Did you mean ${best}?`} Methods: ${DRAFT_METHODS.join(', ')}.`,
    );
  }
  const [count, maxBytes, maxTokens] = [
    args.count('drafts'),
    args.count('max-bytes'),
    args.count('max-tokens'),
  ];
  const [temperature, topP] = [decimal(args, 'temperature'), decimal(args, 'top-p')];
  const [seed, file, key] = [args.count('seed'), args.text('watermark'), args.text('key')];
  if (count !== undefined && (count < 1 || count > 16))
    throw new UsageError('-k needs a number from 1 to 16.');
  if (maxBytes === 0) throw new UsageError('--max-bytes needs a number above 0.');
  if (key !== undefined && file === undefined) throw new UsageError('--key belongs to --watermark FILE.');
  const ensemble = args.texts('ensemble').map(ensembleMember);
  return {
    singleLine: !args.flag('multi-line'),
    ...(count === undefined ? {} : { count }),
    ...(method === undefined ? {} : { method }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(seed === undefined ? {} : { seed }),
    ...(args.flag('explain') ? { explain: true } : {}),
    ...(ensemble.length === 0 ? {} : { ensemble }),
    ...(file === undefined
      ? {}
      : { watermark: { settings: await settingsOf(file), ...(key === undefined ? {} : { key }) } }),
  };
}

const isMethod = (name: string): name is DraftMethod => (DRAFT_METHODS as readonly string[]).includes(name);

function decimal(args: CliArguments, name: string): number | undefined {
  const text = args.text(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new UsageError(`--${name} needs a number.`);
  return value;
}

function ensembleMember(text: string): EnsembleMember {
  const at = text.lastIndexOf('=');
  const weight = at < 0 ? 1 : Number(text.slice(at + 1));
  const who = at < 0 ? text : text.slice(0, at);
  if (!(weight > 0) || who === '')
    throw new UsageError('--ensemble needs "document" or a model folder, and after = a weight above 0.');
  return who === 'document' ? { kind: 'document', weight } : { kind: 'model', path: who, weight };
}

async function settingsOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `The watermark settings ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function printedDrafts({ drafts, watermark }: DraftsAnswer, prefix: string): string {
  if (drafts.length === 0) return 'The model would add nothing here.\n';
  const lead = prefix.slice(Math.max(prefix.lastIndexOf('\n'), prefix.lastIndexOf('\r')) + 1).slice(-40);
  const parts = drafts.map((draft, i) => {
    const share = Math.exp(draft.logProb);
    const exact = draft.exact ? '' : ', not verified';
    const head = `Draft ${i + 1} of ${drafts.length} · probability ${percent(share)} (log ${draft.logProb.toFixed(3)}${exact}) · ends: ${draft.stop}`;
    const text = `${lead}▏${draft.text}`.replaceAll('\n', '\n  ');
    const tokens = draft.tokens
      .map(({ wholeText, text: added, logProb, changedByWatermark }) => {
        const shown = JSON.stringify(added === '' ? wholeText : added);
        return `${shown} ${percent(Math.exp(logProb))}${changedByWatermark ? ' (mark)' : ''}`;
      })
      .join('  ');
    return `${head}\n  ${text}\n  ${tokens}\n`;
  });
  const mark =
    watermark === undefined
      ? ''
      : `\n${watermark.scheme}: ${watermark.changed} of ${watermark.tokens} tokens changed, ${watermark.costPerToken.toFixed(3)} nats a token\n`;
  return parts.join('\n') + mark;
}

const percent = (share: number): string =>
  share >= 0.0995 ? `${Math.round(share * 100)}%` : `${(share * 100).toPrecision(2)}%`;

function summaryLine(model: string, answer: DraftsAnswer): string {
  const { method, layout, promptTokens, leftContexts, timings, endShare } = answer;
  const layouts = {
    psm: 'prefix, suffix, middle',
    spm: 'suffix, prefix, middle',
    leftToRight: 'left to right',
  };
  return `${model}: ${method}; ${layouts[layout]}; ${promptTokens} prompt tokens, ${leftContexts} left contexts; nothing to add: ${percent(endShare)}; ${timings.totalMs.toFixed(0)} ms`;
}
