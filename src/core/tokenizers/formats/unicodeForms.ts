// Unicode normalization forms as edits, so that offsets survive them. Text is cut into segments that normalize alone:
// a character with the marks, conjoining vowels and finals that may join it. If the segments together do not give
// what the whole gives, the whole text is one edit: ids stay exact, only offsets inside it get coarse.
import { editAligned, type AlignedText, type TextEdit } from './alignedText';

export type UnicodeForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

const SEGMENT = /[^][\p{M}\u1160-\u11ff\ud7b0-\ud7ff\uff9e\uff9f\uffa0-\uffdc]*/gu;

/** The piece in the Unicode form. */
export function normalizeForm(piece: AlignedText, form: UnicodeForm): AlignedText {
  const whole = piece.text.normalize(form);
  if (whole === piece.text) return piece;
  const edits: TextEdit[] = [];
  const check: string[] = [];
  for (const match of piece.text.matchAll(SEGMENT)) {
    const segment = match[0];
    const normal = segment.normalize(form);
    check.push(normal);
    if (normal !== segment) {
      edits.push({ from: match.index, to: match.index + segment.length, text: normal });
    }
  }
  if (check.join('') !== whole) return editAligned(piece, [{ from: 0, to: piece.text.length, text: whole }]);
  return editAligned(piece, edits);
}
