// A document for tracker tests: a string that is edited the way an editor does it, telling the tracker each time.
import type { TextEdit } from '../../../src/core/tokenizers/liveDocument';
import type { DocumentTracker, TextSource } from '../../../src/engine/documentTracker';

export interface EditedText {
  readonly source: TextSource;
  text(): string;
  /** Edits of one event, offsets of the text before it. */
  edit(tracker: DocumentTracker, edits: readonly TextEdit[]): void;
}

export function editedText(key: string, initial: string): EditedText {
  let text = initial;
  let version = 1;
  const source: TextSource = {
    key,
    get version() {
      return version;
    },
    get utf16Length() {
      return text.length;
    },
    slice: (start, end) => text.slice(start, end),
  };
  return {
    source,
    text: () => text,
    edit: (tracker, edits) => {
      for (const edit of [...edits].sort((a, b) => b.offset - a.offset))
        text = text.slice(0, edit.offset) + edit.text + text.slice(edit.offset + edit.deletedLength);
      version++;
      tracker.edited(key, edits);
    },
  };
}
