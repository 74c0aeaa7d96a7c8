"""Writes the ONNX graph of a trained model directly from its weights and checks it against torch.

python3 export_onnx.py runs/tiny/latest.pt ../models/tessera-tiny/model.onnx [--bits 8|32] [--compute float|int8] [--block 64]

The graph ("tree graph", metadata tessera.layout = tree-1) evaluates N new inputs, any tree of them, over cached rows:
  inputs_embeds [N, H], positions [N] int64, mask [N, C + N] additive (0 or a large negative number), logit_rows [R] int64,
  past_key.i and past_value.i [K, C, D] for every layer i: a fixed buffer of C rows, unused rows masked
  -> logits [R, V], new_key.i and new_value.i [K, N, D]: the new rows only, the past is never copied.
Weights are stored in 8 bits a block. `--compute float` (tiny) turns them into floats when the graph is loaded: logits of a row
then agree to 1e-5 whatever shares the call, so verified drafts are exact, and WASM runs it ten times faster. `--compute int8`
(small) multiplies 8-bit activations (MatMulNBits, accuracy level 4): faster natively, but rounding moves logits by some 0.03.
The head is tied: embedding rows are read from its initialisers `head.weight` and `head.scales` by the runtime.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from onnx import TensorProto, helper, numpy_helper

from model import Config, CodeModel


def quantise(weight, block):
    """Symmetric 8-bit blocks along the inner dimension of [rows, inner]: uint8 with zero point 128, scale per block."""
    rows, inner = weight.shape
    blocks = (inner + block - 1) // block
    padded = np.zeros((rows, blocks * block), np.float32)
    padded[:, :inner] = weight
    padded = padded.reshape(rows, blocks, block)
    scales = np.abs(padded).max(-1) / 127.0
    scales[scales == 0] = 1.0
    values = np.clip(np.rint(padded / scales[..., None]), -127, 127) + 128
    return values.astype(np.uint8), scales.astype(np.float32)


class Graph:
    def __init__(self):
        self.nodes, self.initialisers = [], []

    def constant(self, name, array):
        self.initialisers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def shared(self, name, array):
        """A constant used by several nodes."""
        if all(t.name != name for t in self.initialisers):
            self.constant(name, np.asarray(array))
        return name

    def add(self, op, inputs, outputs=1, domain="", **attributes):
        names = [f"t{len(self.nodes)}_{i}" for i in range(outputs)] if isinstance(outputs, int) else outputs
        self.nodes.append(helper.make_node(op, inputs, names, domain=domain, **attributes))
        return names[0] if len(names) == 1 else names

    def linear(self, name, x, weight, bits, block, outputs=1, compute="float"):
        rows, inner = weight.shape
        if bits == 32:
            return self.add("MatMul", [x, self.constant(f"{name}.weight", weight.T)], outputs)
        values, scales = quantise(weight, block)
        if compute == "float":
            # One node on constants, folded into one float matrix when the graph is loaded; the product takes it as it lies, so no
            # transposed copy is made. (A chain of plain nodes did the same with 60 MB more and twice the time.)
            if inner % block:
                raise ValueError(f"{name}: blocks of {block} do not divide {inner} columns")
            zeros = self.shared(f"zero.{scales.shape[0]}x{scales.shape[1]}", np.full(scales.shape, 128, np.uint8))
            full = self.add("DequantizeLinear", [self.constant(f"{name}.weight", values.reshape(rows, inner)), self.constant(f"{name}.scales", scales), zeros],
                            axis=1, block_size=block)
            return self.add("Gemm", [x, full], outputs, transB=1)
        return self.add("MatMulNBits", [x, self.constant(f"{name}.weight", values), self.constant(f"{name}.scales", scales.reshape(-1))],
                        outputs, domain="com.microsoft", K=inner, N=rows, bits=bits, block_size=block, accuracy_level=4)


def build(c, w, bits, block, compute):
    """The GraphProto for a Config and its float32 weights by name (see model.py)."""
    g = Graph()
    d, group, kv = c.head_size, c.heads // c.kv_heads, c.kv_heads
    half = d // 2
    angle = np.arange(c.context, dtype=np.float64)[:, None] * (c.rope_base ** (-np.arange(half) / half))[None]
    cos = g.constant("rope.cos", np.cos(angle).astype(np.float32))
    sin = g.constant("rope.sin", np.sin(angle).astype(np.float32))

    def shape(name, *values):
        return g.constant(f"shape.{name}", np.array(values, np.int64))

    row_shape, q_shape, k_shape = shape("row", 1, -1, (c.heads + kv) * d), shape("q", -1, kv, group, d), shape("k", -1, kv, d)
    flat, mixed, merged = shape("flat", kv, -1, d), shape("mixed", kv, -1, group, d), shape("merged", -1, c.width)
    qkv_parts, qk_parts, ffn_parts = shape("qkv", (c.heads + kv) * d, kv * d), shape("qk", c.heads * d, kv * d), shape("ffn", c.ffn, c.ffn)
    positions = g.add("Unsqueeze", ["positions", shape("zero", 0)])
    # Rows of a score matrix are (input, query head of the group): the mask of an input is repeated for its group once.
    rows = g.add("Shape", ["inputs_embeds"], start=0, end=1)
    cached = g.add("Shape", ["past_key.0"], start=1, end=2)
    parts = g.add("Concat", [cached, rows], axis=0)
    width = g.add("Shape", ["mask"], start=1, end=2)
    repeated = g.add("Concat", [shape("one", 1), shape("group", group), shape("one_more", 1)], axis=0)
    mask = g.add("Tile", [g.add("Unsqueeze", ["mask", shape("axis_one", 1)]), repeated])
    mask = g.add("Reshape", [mask, g.add("Concat", [shape("all", 1, -1), width], axis=0)])

    def product(q, other):
        return g.add("FusedMatMul", [q, other], domain="com.microsoft", transB=1, alpha=float(d**-0.5))

    def linear(name, x, weight, outputs=1):
        return g.linear(name, x, weight, bits, block, outputs, compute)

    x = "inputs_embeds"
    for i in range(c.layers):
        p = f"blocks.{i}."
        normal = g.add("RMSNormalization", [x, g.constant(f"{p}attention_norm", w[p + "attention_norm"])], axis=-1, epsilon=c.norm_eps)
        qk, v = g.add("Split", [linear(f"{p}qkv", normal, w[p + "qkv.weight"]), qkv_parts], 2, axis=-1)
        turned = g.add("RotaryEmbedding", [g.add("Reshape", [qk, row_shape]), cos, sin, positions], num_heads=c.heads + kv)
        q, k = g.add("Split", [turned, qk_parts], 2, axis=-1)
        q = g.add("Reshape", [g.add("Transpose", [g.add("Reshape", [q, q_shape])], perm=[1, 0, 2, 3]), flat])
        k = g.add("Transpose", [g.add("Reshape", [k, k_shape])], [f"new_key.{i}"], perm=[1, 0, 2])
        v = g.add("Transpose", [g.add("Reshape", [v, k_shape])], [f"new_value.{i}"], perm=[1, 0, 2])
        scores = g.add("Concat", [product(q, f"past_key.{i}"), product(q, k)], axis=-1)
        weights = g.add("Softmax", [g.add("Add", [scores, mask])], axis=-1)
        old, new = g.add("Split", [weights, parts], 2, axis=-1)
        y = g.add("Add", [g.add("MatMul", [old, f"past_value.{i}"]), g.add("MatMul", [new, v])])
        y = g.add("Reshape", [g.add("Transpose", [g.add("Reshape", [y, mixed])], perm=[1, 0, 2, 3]), merged])
        x = g.add("Add", [x, linear(f"{p}out", y, w[p + "out.weight"])])
        normal = g.add("RMSNormalization", [x, g.constant(f"{p}ffn_norm", w[p + "ffn_norm"])], axis=-1, epsilon=c.norm_eps)
        gate, up = g.add("Split", [linear(f"{p}gate_up", normal, w[p + "gate_up.weight"]), ffn_parts], 2, axis=-1)
        hidden = g.add("Mul", [g.add("Mul", [gate, g.add("Sigmoid", [gate])]), up])
        x = g.add("Add", [x, linear(f"{p}down", hidden, w[p + "down.weight"])])
    x = g.add("Gather", [x, "logit_rows"], axis=0)
    x = g.add("RMSNormalization", [x, g.constant("final_norm", w["final_norm"])], axis=-1, epsilon=c.norm_eps)
    linear("head", x, w["embedding.weight"], ["logits"])

    def value(name, dims, kind=TensorProto.FLOAT):
        return helper.make_tensor_value_info(name, kind, dims)

    layers = range(c.layers)
    inputs = [value("inputs_embeds", ["N", c.width]), value("positions", ["N"], TensorProto.INT64), value("mask", ["N", "S"]),
              value("logit_rows", ["R"], TensorProto.INT64)]
    inputs += [value(f"past_{kind}.{i}", [kv, "C", d]) for i in layers for kind in ("key", "value")]
    outputs = [value("logits", ["R", c.vocabulary])] + [value(f"new_{kind}.{i}", [kv, "N", d]) for i in layers for kind in ("key", "value")]
    return helper.make_graph(g.nodes, "tessera", inputs, outputs, g.initialisers)


def model_proto(config, weights, bits=8, block=64, compute="float"):
    """The whole ModelProto with what a runtime must know in its metadata."""
    model = helper.make_model(build(config, weights, bits, block, compute), producer_name="tessera", ir_version=10, opset_imports=[
        helper.make_opsetid("", 23), helper.make_opsetid("com.microsoft", 1)])
    helper.set_model_props(model, {
        "tessera.layout": "tree-1", "tessera.context": str(config.context), "tessera.layers": str(config.layers),
        "tessera.kv_heads": str(config.kv_heads), "tessera.head_size": str(config.head_size),
        "tessera.width": str(config.width), "tessera.vocabulary": str(config.vocabulary), "tessera.bits": str(bits), "tessera.block": str(block),
        "tessera.compute": compute})
    return model


def run_session(session, config, embedding, ids, cached):
    """Logits of `ids` [T] computed in two calls: the first `cached` ids, then the rest over the padded past of the first."""
    empty = -1e9
    kv, d = config.kv_heads, config.head_size
    names = [f"past_{kind}.{i}" for i in range(config.layers) for kind in ("key", "value")]
    capacity = 64 * (cached // 64 + 1)
    past = {name: np.zeros((kv, capacity, d), np.float32) for name in names}
    out = []
    for start, end in ((0, cached), (cached, len(ids))):
        n = end - start
        if n == 0:
            continue
        mask = np.full((n, capacity + n), empty, np.float32)
        mask[:, :start] = 0
        mask[:, capacity:] = np.where(np.tril(np.ones((n, n), bool)), 0, empty)
        feeds = {"inputs_embeds": embedding[ids[start:end]], "positions": np.arange(start, end), "mask": mask, "logit_rows": np.arange(n), **past}
        logits, *rows = session.run(None, feeds)
        out.append(logits)
        if start == 0:
            for name, row in zip(names, rows):
                past[name][:, :n] = row
    return np.concatenate(out)


def main():
    import onnxruntime

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--bits", type=int, default=8, choices=(8, 32))
    parser.add_argument("--compute", default="float", choices=("float", "int8"),
                        help="float: exact, for models of a few million parameters; int8: MatMulNBits, for larger ones")
    parser.add_argument("--block", type=int, default=64)
    args = parser.parse_args()
    saved = torch.load(args.checkpoint, map_location="cpu")
    config = Config(**saved["config"])
    model = CodeModel(config)
    model.load_state_dict(saved["model"])
    model.eval()
    weights = {name: p.detach().float().numpy() for name, p in model.named_parameters()}
    ids = np.random.default_rng(1).integers(0, config.vocabulary - 6, 200)
    with torch.no_grad():
        expected = model.logits(model(torch.from_numpy(ids)[None])[0])[0].numpy()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    exact = onnxruntime.InferenceSession(model_proto(config, weights, 32).SerializeToString(), options)
    difference = float(np.abs(run_session(exact, config, weights["embedding.weight"], ids, 70) - expected).max())
    if difference > 1e-4:
        raise SystemExit(f"the graph differs from torch by {difference}: not written")
    args.out.parent.mkdir(parents=True, exist_ok=True)
    data = model_proto(config, weights, args.bits, args.block, args.compute).SerializeToString()
    args.out.write_bytes(data)
    values, scales = quantise(weights["embedding.weight"], args.block)
    rows = ((values.astype(np.float32) - 128) * scales[..., None]).reshape(config.vocabulary, -1)[:, :config.width] if args.bits == 8 else weights["embedding.weight"]
    stored = onnxruntime.InferenceSession(data, options)
    loss = float(np.abs(run_session(stored, config, rows, ids, 70) - expected).max())
    print(json.dumps({"out": str(args.out), "bytes": len(data), "fp32MaxDifference": difference, "storedMaxDifference": loss}))


if __name__ == "__main__":
    main()
