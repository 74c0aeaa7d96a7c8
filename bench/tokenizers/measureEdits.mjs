// Live documents: microseconds a keystroke, and random edits against a scratch encode.
// node bench/tokenizers/measureEdits.mjs [DATE] [EDITS]   (EDITS 1000000)
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildEngine, cpuOf, loadEngine, root, tableFolder } from './engineBundle.mjs';

const [date = new Date().toISOString().slice(0, 10), edits = '1000000'] = process.argv.slice(2);
await buildEngine();
const { LiveDocument, loadEncoding, randomText, seededRandom } = loadEngine();
const tokenizer = await loadEncoding('o200k_base', { tableFolder });
const code = readFileSync(join(root, 'node_modules/typescript/lib/_tsc.js'), 'utf8').slice(0, 1_000_000);
const results = { date, node: process.version, keystrokes: {}, randomEdits: {} };

/** Types a few words at a time at random places, with some deletions. Batches, because a CPU clock ticks in microseconds. */
function keystrokes(text, count, batch) {
  const random = seededRandom(3);
  const document = new LiveDocument(tokenizer, text);
  const typed = 'const value = items.map((item) => item.id);\n';
  const wall = [];
  const cpu = [];
  let at = 0;
  for (let done = 0; done < count; done += batch) {
    cpu.push(
      (cpuOf(() => {
        for (let i = done; i < done + batch; i++) {
          if (i % typed.length === 0) at = random.integer(document.utf16Length + 1);
          const remove = i % 9 === 8;
          const edit = remove
            ? { offset: at - 1, deletedLength: 1, text: '' }
            : { offset: at, deletedLength: 0, text: typed[i % typed.length] };
          at += remove ? -1 : 1;
          const before = process.hrtime.bigint();
          document.applyEdits([edit]);
          wall.push(Number(process.hrtime.bigint() - before) / 1000);
        }
      }) *
        1000) /
        batch,
    );
  }
  if (document.tokenCount !== tokenizer.count(document.text)) throw new Error('wrong count after keystrokes');
  const at99 = (values, share) => [...values].sort((a, b) => a - b)[Math.floor(values.length * share)];
  return { edits: count, medianUs: at99(wall, 0.5), p99Us: at99(wall, 0.99), cpuMedianUs: at99(cpu, 0.5) };
}

const TEXTS = {
  '1 MB of code': [code, 50_000, 100],
  '10 MB of code': [code.repeat(10), 50_000, 100],
  '200 000 × a': ['a'.repeat(200_000), 60, 5],
  '600 kB of base64': [Buffer.from(code.slice(0, 450_000)).toString('base64'), 5000, 50],
};
for (const [name, [text, count, batch]] of Object.entries(TEXTS)) {
  results.keystrokes[name] = keystrokes(text, count, batch);
  const openings = Array.from({ length: 5 }, () => cpuOf(() => new LiveDocument(tokenizer, text))).sort(
    (a, b) => a - b,
  );
  results.keystrokes[name].openMs = openings[2];
  console.log(name, results.keystrokes[name]);
}

const starts = {
  code: code.slice(0, 8000),
  'white space': ' \n\t\r\n  '.repeat(800),
  'empty text': '',
  'one piece': 'a'.repeat(3000),
  languages: readFileSync(
    join(root, 'node_modules/typescript/lib/ja/diagnosticMessages.generated.json'),
    'utf8',
  ).slice(0, 6000),
};
for (const [name, start] of Object.entries(starts)) {
  const random = seededRandom(4);
  let text = start;
  let document = new LiveDocument(tokenizer, text);
  let wrong = 0;
  const total = Number(edits) / Object.keys(starts).length;
  for (let i = 0; i < total; i++) {
    const offset = random.integer(text.length + 1);
    const deletedLength = Math.min(
      text.length - offset,
      random.integer(3) === 0 ? random.integer(random.integer(30) === 0 ? 800 : 4) : 0,
    );
    const typed = random.pick([
      randomText(random).slice(0, 30),
      ' ',
      'x',
      '\n',
      '\r',
      "'s",
      '7',
      '日',
      '\ud83d',
      '\udc69',
      '',
    ]);
    document.applyEdits([{ offset, deletedLength, text: typed }]);
    text = text.slice(0, offset) + typed + text.slice(offset + deletedLength);
    if (document.tokenCount !== tokenizer.count(text)) {
      wrong++;
      document = new LiveDocument(tokenizer, text);
    }
    if (text.length > 12_000) {
      document.applyEdits([{ offset: 0, deletedLength: text.length, text: start }]);
      text = start;
    }
  }
  results.randomEdits[name] = { edits: total, wrong };
  console.log(name, results.randomEdits[name]);
}
writeFileSync(`${root}bench/results/${date}-tokenizer-edits.json`, `${JSON.stringify(results, null, 1)}\n`);
