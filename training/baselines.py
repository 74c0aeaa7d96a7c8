"""What simple compressors need for the same held-out text: xz -9 and an order-5 byte model with Kneser-Ney smoothing.

The byte model has contexts of five bytes, interpolated Kneser-Ney with one discount an order (n1 / (n1 + 2 n2)), counted on the
training split (--megabytes of it, all kinds in corpus order shuffled). Writes corpus/baselines.json.
"""

import argparse
import json
import lzma
import random
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
ORDER = 5


def grams(data, length):
    """Every run of `length` bytes as one integer, first byte most significant."""
    keys = np.zeros(len(data) - length + 1, np.int64)
    for i in range(length):
        keys = keys << 8 | data[i:len(data) - length + 1 + i]
    return keys


class KneserNey:
    def __init__(self, data):
        self.tables = {}
        keys, counts = np.unique(grams(data, ORDER + 1), return_counts=True)
        for length in range(ORDER + 1, 0, -1):
            once, twice = (counts == 1).sum(), (counts == 2).sum()
            discount = once / (once + 2 * twice) if once else 0.0
            contexts, start = np.unique(keys >> 8, return_index=True)
            totals = np.add.reduceat(counts, start)
            kinds = np.diff(np.append(start, len(keys)))
            self.tables[length] = (keys, counts, discount, contexts, totals, kinds)
            # Continuation counts: in how many different places a shorter run stands.
            keys, counts = np.unique(keys & ((1 << 8 * (length - 1)) - 1), return_counts=True)

    def bits(self, data):
        """Bits for each byte of `data` from the sixth on."""
        probability = np.full(len(data) - ORDER, 1 / 256)
        for length in range(1, ORDER + 2):
            keys, counts, discount, contexts, totals, kinds = self.tables[length]
            gram = grams(data, length)[ORDER + 1 - length:]
            at = np.minimum(np.searchsorted(keys, gram), len(keys) - 1)
            count = np.where(keys[at] == gram, counts[at], 0)
            where = np.minimum(np.searchsorted(contexts, gram >> 8), len(contexts) - 1)
            seen = contexts[where] == gram >> 8
            total = np.where(seen, totals[where], 1)
            interpolated = np.maximum(count - discount, 0) / total + discount * kinds[where] / total * probability
            probability = np.where(seen, interpolated, probability)
        return -np.log2(probability)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=32)
    args = parser.parse_args()
    sample = [json.loads(line)["text"] for line in open(HERE / "corpus/evaluation.jsonl", encoding="utf8")]
    whole = "".join(json.loads(line)["text"] for line in open(HERE / "corpus/heldout.jsonl", encoding="utf8")).encode()
    text = "".join(sample).encode()
    xz = lambda data: 8 * len(lzma.compress(data, preset=9)) / len(data)
    lines = open(HERE / "corpus/train.jsonl", encoding="utf8").readlines()
    random.Random(1).shuffle(lines)
    parts, size = [], 0
    for line in lines:
        if size > args.megabytes * 1e6:
            break
        parts.append(json.loads(line)["text"].encode())
        size += len(parts[-1])
    model = KneserNey(np.frombuffer(b"".join(parts), np.uint8).astype(np.int64))
    ngram = float(np.concatenate([model.bits(np.frombuffer(t.encode(), np.uint8).astype(np.int64)) for t in sample if len(t) > 20]).mean())
    result = {"sampleBytes": len(text), "xz9Sample": round(xz(text), 4), "xz9EachFile": round(float(np.average([xz(t.encode()) for t in sample], weights=[len(t.encode()) for t in sample])), 4),
              "heldoutBytes": len(whole), "xz9WholeHeldout": round(xz(whole), 4), "order5KneserNey": round(ngram, 4), "order5TrainingBytes": size}
    (HERE / "corpus/baselines.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
