// Names of tokenizer files: which files of a folder may be one, and what to call one whose own name says nothing. Nearly
// every model's tokenizer is called tokenizer.json; its folder tells whose it is.

/** File names that say nothing about the model. */
const GENERIC =
  /^(?:tokenizer|tekken|spiece|spm|sentencepiece(?:\.bpe)?|source|target|vocab)\.(?:json|model|tiktoken)$|^tokenizer\.model(?:\.v\d+\w*)?$/i;
/** Folders of the Hugging Face cache: models--ORG--NAME/snapshots/REVISION. */
const CACHED = /(?:^|\/)models--([^/]+?)--([^/]+)\/snapshots\/[0-9a-f]+$/;
const LONGEST_NAME = 80;

/** What to call the tokenizer in the file at `path`: its file name, or its folder's where the file's says nothing. */
export function suggestedName(path: string): string {
  const parts = path.replaceAll('\\', '/').replace(/\/+$/, '').split('/');
  const file = parts.pop() ?? '';
  const folder = parts.join('/');
  if (!GENERIC.test(file)) return shortened(file);
  const cached = CACHED.exec(folder);
  if (cached) return shortened(`${cached[1] ?? ''}/${cached[2] ?? ''}`);
  const last = parts.at(-1) ?? '';
  return last === '' || last === '.' || last === '..' ? file : shortened(last);
}

/** A name as it may be shown and stored: one line of limited length; undefined when nothing is left of it. */
export function cleanName(name: string): string | undefined {
  const clean = shortened(name.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim());
  return clean === '' ? undefined : clean;
}

function shortened(name: string): string {
  const characters = Array.from(name);
  return characters.length <= LONGEST_NAME ? name : `${characters.slice(0, LONGEST_NAME - 1).join('')}…`;
}
