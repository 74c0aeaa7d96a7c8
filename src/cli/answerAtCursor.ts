// The way of commands that ask the model about one place in one file: file and cursor, model and tokenizer, question,
// answer as JSON or for people.
import type { DraftParts } from '../engine/draftAnswers';
import { openSecondModel, readShippedNgrams } from '../engine/draftHandlers';
import type { EngineReply } from '../engine/engineProtocol';
import { loadModelTokenizer } from '../engine/modelTokenizer';
import type { CliArguments, CliStreams } from './cliCommand';
import { textAroundCursor } from './cursorOption';
import { onePath, readOneText } from './inputFiles';
import { openModel } from './modelOption';

/** The text around the cursor, as requests take it. */
export interface CursorParams {
  readonly prefix: string;
  readonly suffix: string;
  readonly path?: string;
}

export interface AnsweredAtCursor<Answer> {
  readonly answer: Answer;
  readonly cursor: CursorParams;
  /** Name of the model. */
  readonly model: string;
}

/**
 * Asks about the file and cursor that `args` name and prints the answer.
 * @param print writes the answer for people; notes of the answer were told already
 * @returns the exit code
 * @throws UsageError for arguments that name no place
 */
export async function answerAtCursor<Answer extends { readonly notes: readonly string[] }>(
  args: CliArguments,
  streams: CliStreams,
  ask: (parts: DraftParts, cursor: CursorParams) => Promise<EngineReply<Answer>>,
  print: (answered: AnsweredAtCursor<Answer>) => Promise<void>,
): Promise<number> {
  const path = onePath(args);
  const text = await readOneText(path, streams);
  if (text === undefined) return 2;
  const { prefix, suffix, line, column } = textAroundCursor(args, text);
  const cursor = { prefix, suffix, ...(path === '-' ? {} : { path: path.replaceAll('\\', '/') }) };
  const model = await openModel(args.text('model'), args, streams);
  if (model === undefined) return 2;
  try {
    const loading = await loadModelTokenizer(model);
    if (!loading.ok) {
      streams.note(loading.reason);
      return 2;
    }
    const session = model.openSession();
    const shippedNgrams = (): ReturnType<typeof readShippedNgrams> =>
      readShippedNgrams(model.files.folder, model.info.vocabularySize);
    const parts = { session, tokenizer: loading.tokenizer, shippedNgrams, secondModel: openSecondModel };
    const reply = await ask(parts, cursor);
    session.close();
    if (!reply.ok) {
      streams.note(reply.error.message);
      return 2;
    }
    const answer = reply.value;
    if (args.flag('json')) {
      await streams.out(`${toJson({ model: model.info.name, line, column, ...answer })}\n`);
    } else {
      for (const note of answer.notes) streams.note(note);
      await print({ answer, cursor, model: model.info.name });
    }
    return 0;
  } finally {
    await model.release();
  }
}

/** The answer as JSON; numbers that are not finite become null, bytes a list. */
function toJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_, item: unknown) => (ArrayBuffer.isView(item) ? Array.from(item as Uint8Array) : item),
    2,
  );
}
