// Turns the corpus into token streams: node encode_corpus.mjs [seed=1]
// Half of the documents are cut into pieces and rearranged for fill-in-the-middle (half PSM, half SPM); the cut points are
// characters, so a middle may begin or end inside a token. Writes corpus/{train,heldout}.bin (uint16, little endian).
// A document is `<file_sep>path\n text <|endoftext|>`; a piece `<file_sep>path\n <fim_prefix>…<fim_suffix>…<fim_middle>… <|endoftext|>`.
import { closeSync, createReadStream, openSync, readFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bytePairEncoder, mergesOf, SPECIALS } from "./bytePairs.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const seed = Number(process.argv[2] ?? 1);
const json = JSON.parse(readFileSync(join(here, "../models/tessera-tiny/tokenizer.json"), "utf8"));
const encode = bytePairEncoder(mergesOf(json));
const [END, PREFIX, SUFFIX, MIDDLE, , FILE] = SPECIALS.map((text) => json.model.vocab[text]);

function randomSource(start) {
  let a = start >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
const random = randomSource(seed);
const below = (n) => Math.floor(random() * n);

/** A cut that does not fall inside a surrogate pair. */
function cutAt(text, at) {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at + 1 : at;
}

/** [start, end) of the middle: the rest of a line (most completions), whole lines, or any two characters. */
function middleOf(text) {
  const kind = random();
  let start = below(text.length);
  let end;
  if (kind < 0.45) {
    end = text.indexOf("\n", start);
    if (end < 0) end = text.length;
    if (random() < 0.3) end = start + below(end - start + 1);
  } else if (kind < 0.7) {
    if (random() < 0.5) start = text.lastIndexOf("\n", start) + 1;
    end = start;
    for (let lines = 1 + below(6); lines > 0 && end < text.length; lines--) {
      const next = text.indexOf("\n", end + 1);
      end = next < 0 ? text.length : next;
    }
  } else {
    end = below(text.length);
    if (end < start) [start, end] = [end, start];
    if (end - start > 600) end = start + 600;
  }
  return [cutAt(text, start), cutAt(text, Math.max(start, end))];
}

function* piecesOf(text) {
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + 300 + below(2000));
    const line = text.lastIndexOf("\n", end);
    // One cut in four stays on any character: a context window seldom begins at a line start.
    if (random() < 0.75 && line > at + 100) end = line + 1;
    end = cutAt(text, end);
    if (end - at > 40) yield text.slice(at, end);
    at = end;
  }
}

function fim(header, text) {
  const [start, end] = middleOf(text);
  const prefix = encode(text.slice(0, start));
  const middle = encode(text.slice(start, end));
  const suffix = encode(text.slice(end));
  return random() < 0.5
    ? [...header, PREFIX, ...prefix, SUFFIX, ...suffix, MIDDLE, ...middle, END]
    : [...header, PREFIX, SUFFIX, ...suffix, MIDDLE, ...prefix, ...middle, END];
}

async function documents(split) {
  const all = [];
  for await (const line of createInterface({ input: createReadStream(join(here, `corpus/${split}.jsonl`)) })) all.push(line);
  for (let i = all.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

const summary = {};
for (const split of ["heldout", "train"]) {
  const groups = [];
  let bytes = 0;
  for (const line of await documents(split)) {
    const { path, text } = JSON.parse(line);
    bytes += Buffer.byteLength(text);
    const named = random() < 0.7;
    const header = named ? [FILE, ...encode(path.split("/").slice(-2).join("/") + "\n")] : [];
    if (split === "heldout" || random() < 0.5) groups.push([...header, ...encode(text), END]);
    else for (const piece of piecesOf(text)) groups.push(fim(header, piece));
  }
  // Pieces of one document are scattered, so that neighbouring rows differ.
  for (let i = groups.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [groups[i], groups[j]] = [groups[j], groups[i]];
  }
  const file = openSync(join(here, `corpus/${split}.bin`), "w");
  let tokens = 0;
  for (const group of groups) {
    writeSync(file, Buffer.from(Uint16Array.from(group).buffer));
    tokens += group.length;
  }
  closeSync(file);
  summary[split] = { documents: groups.length, bytes, tokens };
}
process.stdout.write(JSON.stringify(summary) + "\n");
