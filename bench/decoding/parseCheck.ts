// Whether a draft leaves a file as parseable as it was: TypeScript's parser must report no more syntactic errors with the draft
// than without it. Asked of drafts that end by themselves (the line is finished, or the model ended the fill); a draft
// that was cut at the token limit breaks off anywhere and says nothing.
import ts from 'typescript';
import type { Draft } from '../../src/core/decoding/draftRanking';

type Parsed = ts.SourceFile & { readonly parseDiagnostics?: readonly ts.Diagnostic[] };

const errorsIn = (text: string): number => {
  const parsed: Parsed = ts.createSourceFile(
    'draft.ts',
    text,
    ts.ScriptTarget.Latest,
    false,
    ts.ScriptKind.TS,
  );
  return parsed.parseDiagnostics?.length ?? 0;
};

/** Tells for one cursor which drafts parse; texts that several methods wrote are parsed once. */
export class ParseCheck {
  readonly #known = new Map<string, boolean>();
  readonly #before: number;

  constructor(
    readonly prefix: string,
    readonly suffix: string,
  ) {
    this.#before = errorsIn(prefix + suffix);
  }

  /** Drafts that end by themselves, and how many of those parse. */
  count(drafts: readonly Draft[]): { readonly whole: number; readonly parse: number } {
    const whole = drafts.filter(({ stop }) => stop === 'newline' || stop === 'end');
    return { whole: whole.length, parse: whole.filter(({ text }) => this.#parses(text)).length };
  }

  #parses(text: string): boolean {
    let known = this.#known.get(text);
    if (known === undefined) {
      known = errorsIn(this.prefix + text + this.suffix) <= this.#before;
      this.#known.set(text, known);
    }
    return known;
  }
}
