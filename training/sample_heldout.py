"""Chooses the held-out files that every measurement reads: corpus/evaluation.jsonl, about --bytes of text, spread over packages.

Files come from packages that no training file comes from; TypeScript first (three fifths), then JavaScript, then declarations.
"""

import argparse
import hashlib
import json
from pathlib import Path

HERE = Path(__file__).parent
SHARES = {"typescript": 0.6, "javascript": 0.3, "declarations": 0.1}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", type=int, default=400_000)
    args = parser.parse_args()
    rows = [json.loads(line) for line in open(HERE / "corpus/heldout.jsonl", encoding="utf8")]
    rows.sort(key=lambda r: hashlib.sha256((r["package"] + r["path"]).encode()).hexdigest())
    chosen = []
    for kind, share in SHARES.items():
        budget, per_package = share * args.bytes, {}
        for row in rows:
            size = len(row["text"].encode())
            package = row["package"].split("/")[0]
            if row["kind"] != kind or size > 30_000 or size > budget or per_package.get(package, 0) + size > share * args.bytes / 5:
                continue
            per_package[package] = per_package.get(package, 0) + size
            budget -= size
            chosen.append(row)
    with open(HERE / "corpus/evaluation.jsonl", "w", encoding="utf8") as out:
        for row in chosen:
            out.write(json.dumps(row) + "\n")
    print(json.dumps({"files": len(chosen), "packages": len({r["package"] for r in chosen}), "bytes": sum(len(r["text"].encode()) for r in chosen)}))


if __name__ == "__main__":
    main()
