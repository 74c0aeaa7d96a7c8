// Hidden characters grouped into runs, so that a message of a hundred tag characters is one finding with its text and
// not a hundred. Pure; offsets are UTF-16 units.
import { hiddenMessage } from '../core/text/hiddenMessage';
import type { HiddenCharacter, HiddenKind } from '../core/watermark/hiddenCharacters';
import type { Translate } from './statusText';

export interface HiddenRun {
  readonly start: number;
  readonly end: number;
  readonly kind: HiddenKind;
  readonly characters: readonly HiddenCharacter[];
  /** What the run spells, where it spells something. */
  readonly message: string | undefined;
}

/** Invisible kinds that can carry a message together. */
const CARRIERS: ReadonlySet<HiddenKind> = new Set(['tag', 'zero-width', 'variation']);

/** Neighbouring invisible characters of one kind become one run; lookalikes and odd spaces stay single. */
export function hiddenRuns(text: string, characters: readonly HiddenCharacter[]): HiddenRun[] {
  const runs: HiddenRun[] = [];
  let open: HiddenCharacter[] = [];
  const close = (): void => {
    const [first] = open;
    const last = open.at(-1);
    if (first === undefined || last === undefined) return;
    const end = last.offset + last.length;
    runs.push({
      start: first.offset,
      end,
      kind: first.kind,
      characters: open,
      message: open.length > 1 ? hiddenMessage(text.slice(first.offset, end)) : undefined,
    });
    open = [];
  };
  for (const character of characters) {
    const last = open.at(-1);
    const joins =
      last !== undefined &&
      CARRIERS.has(character.kind) &&
      character.kind === last.kind &&
      last.offset + last.length === character.offset;
    if (!joins) close();
    open.push(character);
  }
  close();
  return runs;
}

/** One run in words: 'U+200B ZERO WIDTH SPACE', or what many of them spell. */
export function runText({ characters, message, kind }: HiddenRun, translate: Translate): string {
  const [first] = characters;
  if (message !== undefined)
    return translate('{0} hidden characters that spell “{1}”', characters.length, message);
  if (characters.length === 1 || first === undefined) return first?.name ?? '';
  return translate('{0} hidden characters, the first {1} ({2})', characters.length, first.name, kind);
}

/** What the fix does, as a label. */
export function fixText({ characters }: HiddenRun, translate: Translate): string {
  const [first] = characters;
  if (characters.length > 1) return translate('Remove {0} hidden characters', characters.length);
  const replacement = first?.replacement ?? '';
  if (replacement === '') return translate('Remove {0}', first?.name ?? '');
  if (replacement === ' ') return translate('Replace {0} with a space', first?.name ?? '');
  if (replacement === '\n') return translate('Replace {0} with a line break', first?.name ?? '');
  return translate('Replace {0} with “{1}”', first?.name ?? '', replacement);
}
