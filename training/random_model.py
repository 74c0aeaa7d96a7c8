"""Writes a model folder with random weights of one configuration, for timing only: python3 random_model.py small FOLDER [--compute int8]

A forward takes the same time whatever the weights are, so the class `small` can be timed before anyone has trained it.
"""

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import torch

from export_onnx import model_proto
from model import CONFIGS, CodeModel

HERE = Path(__file__).parent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", choices=CONFIGS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--compute", default="int8", choices=("float", "int8"))
    args = parser.parse_args()
    torch.manual_seed(1)
    config = CONFIGS[args.config]
    model = CodeModel(config)
    for block in model.blocks:
        # Zero at the start of training; a trained model has values here.
        torch.nn.init.normal_(block.out.weight, std=0.02)
        torch.nn.init.normal_(block.down.weight, std=0.02)
    weights = {name: p.detach().float().numpy() for name, p in model.named_parameters()}
    args.folder.mkdir(parents=True, exist_ok=True)
    (args.folder / "model.onnx").write_bytes(model_proto(config, weights, 8, 64, args.compute).SerializeToString())
    # Only its special tokens are read; the ids above its vocabulary have no text.
    shutil.copy(HERE.parent / "models/tessera-tiny/tokenizer.json", args.folder / "tokenizer.json")
    files = [{"path": name, "bytes": (args.folder / name).stat().st_size, "sha256": hashlib.sha256((args.folder / name).read_bytes()).hexdigest()}
             for name in ("model.onnx", "tokenizer.json")]
    (args.folder / "manifest.json").write_text(json.dumps({
        "layout": "tessera-tree-1", "name": f"{args.config}, random weights, {args.compute}", "version": "0", "licence": "MIT",
        "contextLength": config.context, "files": files}, indent=1) + "\n")
    print(json.dumps({"parameters": sum(p.numel() for p in model.parameters()), "files": files}))


if __name__ == "__main__":
    main()
