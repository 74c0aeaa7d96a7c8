// Dropping tokenizer files on the panel: shows where to drop, reads what is dropped and hands it to the host, which checks
// it. VS Code lets a drag into a webview only while Shift is held.
import { element } from './elements';
import { l10n } from './language';
import { dropByteLimit, dropCountLimit } from '../src/shared/tokenizerDrop';
import type { DroppedFile, TokenizerDrop } from '../src/shared/tokenizerDrop';
import type { HostLink } from './hostLink';

/** Kinds of drag data that can name files; the last two are VS Code's own. */
const addressTypes = ['text/uri-list', 'application/vnd.code.uri-list', 'resourceurls'];

const mayBeFiles = (data: DataTransfer | null): data is DataTransfer =>
  data !== null && data.types.some((type) => type === 'Files' || addressTypes.includes(type.toLowerCase()));

/** Listens on the whole page; the result is the hint that is visible while files are dragged over it. */
export function acceptFileDrops(link: HostLink, announce: (text: string) => void): HTMLElement {
  const hint = element(
    'div',
    { class: 'drop-hint', hidden: true, 'aria-hidden': 'true' },
    element('p', { class: 'drop-title' }, l10n.t('Drop to add a tokenizer')),
    element('p', {}, l10n.t('tokenizer.json, SentencePiece .model, .tiktoken or tekken.json')),
  );
  // Entering a child comes before leaving its parent, so depth tells when the drag has left the page.
  let depth = 0;
  const leave = (): void => {
    depth = 0;
    hint.hidden = true;
  };
  document.addEventListener('dragenter', (event) => {
    if (!mayBeFiles(event.dataTransfer)) return;
    event.preventDefault();
    depth++;
    hint.hidden = false;
  });
  document.addEventListener('dragleave', () => {
    if (--depth <= 0) leave();
  });
  document.addEventListener('dragover', (event) => {
    if (!mayBeFiles(event.dataTransfer)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
  });
  document.addEventListener('drop', (event) => {
    leave();
    if (!mayBeFiles(event.dataTransfer)) return;
    event.preventDefault();
    // What a drop holds is gone when its event is over, so both are taken now.
    const files = [...event.dataTransfer.files];
    const uris = addressesOf(event.dataTransfer);
    void send(files, uris);
  });

  async function send(files: readonly File[], uris: readonly string[]): Promise<void> {
    const drop = await readDrop(files, uris);
    if (drop.files.length + drop.uris.length + drop.tooLarge.length === 0) return;
    announce(l10n.t('Checking the dropped file.'));
    const reply = await link.ask('addTokenizers', drop);
    if (!reply.ok) announce(reply.message);
    else if (reply.result.added.length > 0)
      announce(l10n.t('Added tokenizer {0}.', reply.result.added.join(', ')));
    else announce(l10n.t('No tokenizer was added.'));
  }
  return hint;
}

/** Contents come first: an address may be one of another machine. */
async function readDrop(files: readonly File[], uris: readonly string[]): Promise<TokenizerDrop> {
  const taken: DroppedFile[] = [];
  const tooLarge: string[] = [];
  let room = dropByteLimit;
  for (const file of files.slice(0, dropCountLimit)) {
    if (file.size > room) tooLarge.push(file.name);
    else {
      try {
        taken.push({ name: file.name, content: new Uint8Array(await file.arrayBuffer()) });
        room -= file.size;
      } catch {
        // A folder is listed as a file and cannot be read.
      }
    }
  }
  const addresses = taken.length === 0 ? uris.slice(0, dropCountLimit) : [];
  return { files: taken, uris: addresses, tooLarge: addresses.length > 0 ? [] : tooLarge };
}

function addressesOf(data: DataTransfer): readonly string[] {
  const found = new Set<string>();
  for (const type of addressTypes) {
    const text = data.getData(type);
    if (text === '') continue;
    for (const line of type === 'resourceurls' ? listOf(text) : text.split(/\r?\n/))
      if (/^[a-z][a-z\d+.-]+:/i.test(line)) found.add(line);
  }
  return [...found];
}

function listOf(json: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}
