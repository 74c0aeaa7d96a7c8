// The text of a draft cut into its tokens, as the document will get it. A token that ends inside a character is joined with the
// next ones until the character is whole; what a stop rule or the text after the cursor cut away from the last token is left out.
import type { PanelDraft, PanelDraftToken } from '../src/shared/draftsProtocol';

export interface DraftPiece {
  /** Exactly what is inserted; the pieces of a draft joined are its text. */
  readonly text: string;
  /** Usually one; several when they share a character. */
  readonly tokens: readonly PanelDraftToken[];
  /** Natural logarithm of the probability of all its tokens. */
  readonly logProb: number;
}

export function draftPieces({ text, tokens }: Pick<PanelDraft, 'text' | 'tokens'>): readonly DraftPiece[] {
  const pieces: DraftPiece[] = [];
  let at = 0;
  let i = 0;
  for (let first = tokens[i]; first !== undefined; first = tokens[i]) {
    const group = [first];
    i++;
    // A cut character: take tokens in until one starts with text that is found further on.
    while (group.some((token) => token.text.includes('\ufffd'))) {
      const next = tokens[i];
      if (next === undefined) break;
      if (!next.text.includes('\ufffd') && next.text !== '' && text.indexOf(next.text, at + 1) > at) break;
      group.push(next);
      i++;
    }
    const clean = group.every((token) => !token.text.includes('\ufffd'));
    const following = tokens[i];
    const end = clean
      ? at + group.reduce((sum, token) => sum + token.text.length, 0)
      : following === undefined
        ? text.length
        : text.indexOf(following.text, at + 1);
    const shown = text.slice(at, end);
    at += shown.length;
    // An end token, or a token of which nothing is inserted, has no text to carry its probability: the totals count it.
    if (shown === '') continue;
    pieces.push({
      text: shown,
      tokens: group,
      logProb: group.reduce((sum, token) => sum + token.logProb, 0),
    });
  }
  if (at < text.length) pieces.push({ text: text.slice(at), tokens: [], logProb: NaN });
  return pieces;
}

/** Tokens that two drafts begin with in common. */
export function commonTokens(a: PanelDraft, b: PanelDraft): number {
  const parting = a.tokens.findIndex((left, i) => {
    const right = b.tokens[i];
    return (
      right === undefined ||
      left.id !== right.id ||
      left.whole !== right.whole ||
      left.overhang !== right.overhang
    );
  });
  return parting < 0 ? a.tokens.length : parting;
}
