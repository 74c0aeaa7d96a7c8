"""Writes models/tessera-tiny/README.md from the measured numbers: evaluation.json, corpus/baselines.json, the manifest, history.json.

`model_card.py --add runs/NAME --from WHAT` first appends the finished run NAME to history.json.
"""

import argparse
import json
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
MODEL = HERE.parent / "models/tessera-tiny"


def add_run(run, origin):
    """Appends a finished run to history.json: tokens, times and the bits per byte that evaluation.json holds now."""
    records = [json.loads(line) for line in open(run / "log.jsonl", encoding="utf8")]
    state = [record for record in records if record.get("finished")][-1]
    history = json.loads((HERE / "history.json").read_text())
    evaluation = json.loads((MODEL / "evaluation.json").read_text())
    history["runs"].append({
        "date": date.fromtimestamp(state["start"]).isoformat(), "from": origin, "rows": "512, the last part 1 024 tokens", "tokens": state["tokens"],
        "wallSeconds": round(state["wall"]), "cpuSeconds": round(state["cpu"]),
        "bitsPerByte": round(evaluation["textBitsPerByte"]["all"]["bitsPerByte"], 4)})
    (HERE / "history.json").write_text(json.dumps(history, indent=2) + "\n")


def spent(runs, pass_tokens):
    """The sentence on training time: all runs together and each one."""
    total = {key: sum(run[key] for run in runs) for key in ("tokens", "wallSeconds", "cpuSeconds")}
    each = "; ".join(f"{run['date']}, from {run['from']}: {run['tokens'] / 1e6:.1f} million tokens, {run['cpuSeconds'] / 60:.0f} minutes of CPU time"
                     for run in runs)
    return (f"**{total['tokens'] / 1e6:.1f} million tokens** in {total['wallSeconds'] / 60:.0f} minutes of wall time on two CPU cores that other work kept busy "
            f"({total['cpuSeconds'] / 60:.0f} minutes of CPU time): {total['tokens'] / pass_tokens:.2f} of one pass over the data ({each})")


def completion_row(name, scores):
    return f"| {name} | {scores['exactPercent']} % | {scores['firstWordPercent']} % | {scores['firstThreeCharactersPercent']} % |"


def earlier_rows(runs):
    """The same places completed by the weights of earlier runs, where they were measured."""
    return "\n".join(completion_row(f"after {run['date']}, {name}", run["samePlaces"][key])
                     for run in runs if "samePlaces" in run for key, name in (("restOfLine", "between words"), ("insideWord", "inside a word")))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--add", type=Path, default=None, help="folder of a finished run to append to history.json")
    parser.add_argument("--from", dest="origin", default="random weights", help="what that run started from")
    args = parser.parse_args()
    if args.add:
        add_run(args.add, args.origin)
    evaluation = json.loads((MODEL / "evaluation.json").read_text())
    base = json.loads((HERE / "corpus/baselines.json").read_text())
    corpus = json.loads((HERE / "corpus-manifest.json").read_text())
    runs = json.loads((HERE / "history.json").read_text())["runs"]
    before = "".join(f"| the same model after {run['date']} | {run['bitsPerByte']:.3f} | {'better' if evaluation['textBitsPerByte']['all']['bitsPerByte'] < run['bitsPerByte'] else 'worse'} |\n" for run in runs[:-1])
    pass_tokens = (HERE / "corpus/train.bin").stat().st_size // 2
    bits = evaluation["textBitsPerByte"]
    fim = evaluation["fillInTheMiddle"]
    syntax = evaluation["completionsWithoutNewSyntaxErrors"]
    train = corpus["bytes"]["train"]
    megabytes = ", ".join(f"{kind} {n / 1e6:.0f} MB" for kind, n in train.items())
    licences = {}
    for package in corpus["packages"]:
        licences[package["licence"]] = licences.get(package["licence"], 0) + 1
    names = ", ".join(f"{name} {n}" for name, n in sorted(licences.items(), key=lambda x: -x[1])[:6])
    all_bits = bits["all"]["bitsPerByte"]
    verdict = lambda other: "better" if all_bits < other else "worse"
    (MODEL / "README.md").write_text(f"""# tessera-tiny: model card

A small code model for drafts inside an editor, trained by this project from nothing on the source text of permissively licensed packages.
Date {evaluation["date"]}. Licence of the weights: MIT.

| | |
|---|---|
| architecture | decoder only: RMSNorm, RoPE, SwiGLU, tied embeddings; vocabulary 4 096, width 192, 8 layers, 6 heads, 2 key/value heads, FFN 512 |
| parameters | 3.9 million; 4.5 MB in 8 bits (blocks of 64), computed in float |
| context | 2 048 positions; trained on rows of 512, the last part on 1 024 |
| tokenizer | byte-level BPE, all 256 bytes, pattern of the GPT-4/Qwen2 family, `<fim_prefix>` `<fim_suffix>` `<fim_middle>` `<fim_pad>` `<file_sep>` `<\\|endoftext\\|>` |
| fill in the middle | half of the documents; prefix-suffix-middle and suffix-prefix-middle half each; cut points are characters |
| data | {sum(train.values()) / 1e6:.0f} MB of training text ({megabytes}) from {len(corpus["packages"])} packages; {sum(corpus["bytes"]["heldout"].values()) / 1e6:.0f} MB held out by package |
| licences of the data | {names}, others permissive; each package with version, licence, size and sha256 in `training/corpus-manifest.json` |
| filters | exact and near duplicates, minified and generated files, data blobs, files with secrets; e-mail addresses and telephone numbers masked, licence banners and author lines removed; 5 MB a package |
| spent | {spent(runs, pass_tokens)} |

## Results on held-out packages

{base["sampleBytes"] / 1e3:.0f} kB of text from packages that no training file comes from, bits per byte, lower is better:

| | bits per byte | this model is |
|---|---|---|
| **tessera-tiny** (context 1 024; {bits["all"]["bytesPerToken"]:.2f} bytes a token) | **{all_bits:.3f}** (TypeScript {bits["typescript"]["bitsPerByte"]:.3f}, JavaScript {bits["javascript"]["bitsPerByte"]:.3f}, declarations {bits["declarations"]["bitsPerByte"]:.3f}) | |
{before}| order-5 byte model, Kneser-Ney, counted on {base["order5TrainingBytes"] / 1e6:.0f} MB of the training text | {base["order5KneserNey"]:.3f} | {verdict(base["order5KneserNey"])} |
| `xz -9`, each file alone | {base["xz9EachFile"]:.3f} | {verdict(base["xz9EachFile"])} |
| `xz -9`, the sample as one file (it may copy from any file before) | {base["xz9Sample"]:.3f} | {verdict(base["xz9Sample"])} |
| `xz -9`, all {base["heldoutBytes"] / 1e6:.0f} MB held out as one file (not the same text) | {base["xz9WholeHeldout"]:.3f} | not compared |

Greedy completions of the rest of a line, through the draft engine as in the editor ({fim["restOfLine"]["cases"]} + {fim["insideWord"]["cases"]} places, fixed seed):

| | exactly the author's line | first word right | first three characters right |
|---|---|---|---|
{completion_row("cursor after a space or punctuation", fim["restOfLine"])}
{completion_row("cursor inside a word", fim["insideWord"])}
{earlier_rows(runs)}

{syntax["percent"]} % of the completions leave the file without a new syntax error (TypeScript's parser, {syntax["cases"]} places).
Thirty completions, not chosen: [samples.md](samples.md).

## Limits

It has seen little, less than one pass over its data: expect plausible syntax and names from nearby, not programs. A whole line is right
about once in eight places, and a first word that was begun more often than not. It knows TypeScript and JavaScript,
a little Python, and no other language; comments in English only. It may repeat text of its training data. It was not aligned or filtered in any way beyond the data
filters above. More training is the cheapest way to make it better: see below.

## Make it again

`training/README.md` has every command. Files and checksums: `manifest.json`. `ngrams.bin` holds next-token tables of orders 2 to 4 counted on
2.4 million tokens of the training split (`training/ngram_tables.ts`).
""")


if __name__ == "__main__":
    main()
