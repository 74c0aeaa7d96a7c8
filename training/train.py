"""Trains a Tessera code model from corpus/train.bin: python3 train.py --config tiny --end 05:00

Runs on CPU threads or, when there is one, on a GPU with the same code. The learning rate follows the wall clock: warm-up, flat
half, then linear decay that ends at --end (a time of day or a date and time); writing a new time into runs/NAME/end moves it.
Checkpoints are written atomically every few minutes, so the script may be stopped at any second and continued by the same command.
Without a checkpoint, `--init model.onnx` goes on from exported weights (new optimiser state, new schedule).
"""

import argparse
import json
import os
import time
from datetime import datetime, timedelta
from pathlib import Path

# Threads that wait at a barrier must sleep: on a busy machine spinning costs more than half of the CPU time. OpenMP reads this when
# torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

import numpy as np
import torch
import torch.nn.functional as F

from exported_weights import exported_weights
from model import CONFIGS, CodeModel, describe
from muon import Muon

HERE = Path(__file__).parent


def clock(text):
    """Seconds since the epoch of `HH:MM` (today or tomorrow) or an ISO date and time."""
    if len(text) > 5:
        return datetime.fromisoformat(text).timestamp()
    when = datetime.combine(datetime.now().date(), datetime.strptime(text, "%H:%M").time())
    return (when if when > datetime.now() - timedelta(hours=6) else when + timedelta(days=1)).timestamp()


class Rows:
    """Packed rows of `length + 1` tokens from a token stream, in an order shuffled anew for every pass."""

    def __init__(self, path, length, seed):
        self.tokens, self.seed = np.memmap(path, dtype=np.uint16, mode="r"), seed
        self.set_length(length)

    def set_length(self, length):
        self.length, self.count = length, (len(self.tokens) - 1) // length

    def take(self, index, rows):
        """The rows number index … index + rows - 1 counted in tokens read so far, as int64 [rows, length + 1]."""
        out = np.empty((rows, self.length + 1), np.int64)
        for r in range(rows):
            turn, within = divmod(index + r, self.count)
            if getattr(self, "turn", None) != (turn, self.length):
                self.turn = (turn, self.length)
                self.order = np.random.default_rng(self.seed + turn).permutation(self.count)
            at = int(self.order[within]) * self.length
            out[r] = self.tokens[at:at + self.length + 1]
        return torch.from_numpy(out)


def schedule(done):
    """Learning-rate factor for the share of the time that has passed: 2 % warm-up, flat to one half, linear decay to 2 %."""
    if done < 0.02:
        return max(0.05, done / 0.02)
    return 1.0 if done < 0.5 else max(0.02, 1.0 - (done - 0.5) / 0.5)


def native_bfloat16(device):
    """Whether bfloat16 products are done in hardware; emulated ones are slower than float32."""
    return device == "cuda" or any(getattr(torch.cpu, probe, bool)() for probe in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))


def losses(model, batch, exit_rows):
    ids, targets = batch[:, :-1], batch[:, 1:]
    last, middle = model(ids)
    main = F.cross_entropy(model.logits(last).flatten(0, 1).float(), targets.flatten())
    if not exit_rows:
        return main, main
    early = F.cross_entropy(model.logits(middle[:exit_rows]).flatten(0, 1).float(), targets[:exit_rows].flatten())
    return main, main + 0.25 * early


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", choices=CONFIGS, default=None, help="tiny on a CPU, small on a GPU unless said otherwise")
    parser.add_argument("--end", default=None, help="time of day HH:MM or ISO time at which the learning rate reaches its end")
    parser.add_argument("--minutes", type=float, default=25.0, help="used when --end is absent")
    parser.add_argument("--batch", type=int, default=None, help="rows of 512 tokens a step")
    parser.add_argument("--length", type=int, default=512, choices=(512, 1024), help="tokens of a row; 512 grows to 1024 for the last part")
    parser.add_argument("--init", type=Path, default=None, help="an exported model.onnx whose weights training starts from")
    parser.add_argument("--exit-rows", type=int, default=None, help="rows of a step with the early-exit loss (default a quarter; 0 trains none)")
    parser.add_argument("--seed", type=int, default=20, help="order of the rows")
    parser.add_argument("--lr", type=float, default=0.02)
    parser.add_argument("--adam-lr", type=float, default=0.004)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--continue", dest="again", action="store_true", help="start a new schedule from the last checkpoint")
    parser.add_argument("--compile", type=int, default=1)
    parser.add_argument("--name", default=None)
    parser.add_argument("--data", type=Path, default=HERE / "corpus")
    args = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_num_threads(args.threads)
    torch.manual_seed(20)
    name = args.config or ("small" if device == "cuda" else "tiny")
    config = CONFIGS[name]
    batch = args.batch or (128 if device == "cuda" else 8)
    run = HERE / "runs" / (args.name or name)
    run.mkdir(parents=True, exist_ok=True)
    model = CodeModel(config).to(device)
    if args.init:
        missing, unknown = model.load_state_dict(exported_weights(args.init, config), strict=False)
        if unknown or set(missing) - {"exit_norm"}:
            raise SystemExit(f"{args.init} does not fit {name}: missing {missing}, unknown {unknown}")
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embedding" not in n]
    others = [p for n, p in model.named_parameters() if p.ndim != 2 or "embedding" in n]
    muon = Muon(matrices, lr=args.lr)
    adam = torch.optim.AdamW(others, lr=args.adam_lr, betas=(0.9, 0.95), weight_decay=0.0)
    state = {"step": 0, "tokens": 0, "rows": 0, "cpu": 0.0, "wall": 0.0, "start": time.time()}
    latest = run / "latest.pt"
    if latest.exists():
        saved = torch.load(latest, map_location=device)
        model.load_state_dict(saved["model"], strict=False)
        muon.load_state_dict(saved["muon"])
        adam.load_state_dict(saved["adam"])
        state = saved["state"]
        if args.again:
            # Rows go on where they stopped; the clock of the schedule starts anew.
            state["start"] = time.time()
    end_file = run / "end"
    default_end = clock(args.end) if args.end else time.time() + 60 * args.minutes
    rows = Rows(args.data / "train.bin", args.length, seed=args.seed)
    held = Rows(args.data / "heldout.bin", 512, seed=7)
    log = open(run / "log.jsonl", "a", buffering=1)
    # Compiled, the element-wise work is fused: three to five times faster than eager on two CPU cores.
    step_losses = torch.compile(losses, dynamic=False) if args.compile and hasattr(torch, "compile") else losses
    cast = dict(device_type=device, dtype=torch.bfloat16, enabled=native_bfloat16(device))
    cpu0, wall0, saved_at, mean, long_rows = time.process_time(), time.time(), time.time(), None, args.length == 1024
    base_cpu, base_wall, looked_at = state["cpu"], state["wall"], time.time()

    def save():
        state["cpu"], state["wall"] = base_cpu + time.process_time() - cpu0, base_wall + time.time() - wall0
        torch.save({"model": model.state_dict(), "muon": muon.state_dict(), "adam": adam.state_dict(), "state": state,
                    "config": describe(config)}, run / "latest.tmp")
        os.replace(run / "latest.tmp", latest)

    def held_loss(count=4):
        with torch.no_grad(), torch.autocast(**cast):
            return float(np.mean([losses(model, held.take(i * 8, 8).to(device), 0)[0].item() for i in range(count)]))

    log.write(json.dumps({"step": state["step"], "begin": True, "heldout": round(held_loss(16), 4), "arguments": {k: str(v) for k, v in vars(args).items()}}) + "\n")
    while True:
        try:
            end = clock(end_file.read_text().strip())
        except (OSError, ValueError):
            end = default_end
        done = (time.time() - state["start"]) / max(1.0, end - state["start"])
        if done >= 1.0:
            break
        if done > 0.85 and not long_rows:
            # The last part sees rows of 1 024 tokens, so that positions beyond 512 are trained too.
            long_rows = True
            rows = Rows(args.data / "train.bin", 1024, seed=args.seed + 1)
            state["rows"] = state["rows"] // 2
        size = max(1, batch // (2 if long_rows else 1))
        factor = schedule(done)
        muon.param_groups[0]["lr"] = args.lr * factor
        adam.param_groups[0]["lr"] = args.adam_lr * factor
        began = time.process_time()
        data = rows.take(state["rows"], size).to(device)
        with torch.autocast(**cast):
            main_loss, loss = step_losses(model, data, max(1, size // 4) if args.exit_rows is None else args.exit_rows)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        muon.step()
        adam.step()
        muon.zero_grad(set_to_none=True)
        adam.zero_grad(set_to_none=True)
        value = main_loss.item()
        mean = value if mean is None else 0.98 * mean + 0.02 * value
        state["step"] += 1
        state["rows"] += size
        state["tokens"] += size * rows.length
        if state["step"] % 20 == 0 or state["step"] < 10:
            spent = time.process_time() - began
            log.write(json.dumps({"step": state["step"], "tokens": state["tokens"], "loss": round(mean, 4), "last": round(value, 4), "done": round(done, 4),
                                  "lr": factor, "tokensPerCpuSecond": round(size * rows.length / max(1e-3, spent)), "at": datetime.now().isoformat(timespec="seconds")}) + "\n")
        if time.time() - saved_at > 180:
            saved_at = time.time()
            save()
        if time.time() - looked_at > 900:
            looked_at = time.time()
            log.write(json.dumps({"step": state["step"], "heldout": round(held_loss(), 4)}) + "\n")
    save()
    log.write(json.dumps({"step": state["step"], "finished": True, "heldout": round(held_loss(16), 4), **state}) + "\n")


if __name__ == "__main__":
    main()
