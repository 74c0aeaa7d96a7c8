"""Reads the weights of an exported model.onnx (export_onnx.py) back into the names of model.py, so that training can go on from it.

Blocks of 8 bits become floats again: (stored - 128) * scale. The early-exit norm is not part of the graph and keeps its start value.
"""

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from model import Config

HEAD = "embedding.weight"


def exported_weights(path, config):
    """State dict (float32) for a CodeModel of `config`; raises ValueError when the file holds another architecture."""
    graph = onnx.load(str(path)).graph
    stored = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    weights = {}
    for name, values in stored.items():
        if name.endswith("_norm"):
            weights[name] = values
        elif name.endswith(".weight"):
            rows = values if values.dtype != np.uint8 else dequantised(values, stored[name[:-len("weight")] + "scales"])
            # Plain float graphs hold the transposed matrix.
            weights[HEAD if name == "head.weight" else name] = rows if values.dtype == np.uint8 else rows.T
    expected = expected_shapes(config)
    for name, shape in expected.items():
        if name not in weights:
            raise ValueError(f"{path} has no {name}: it is not an export of this architecture")
        rows = weights[name][:, :shape[1]] if len(shape) == 2 else weights[name]
        if rows.shape != shape:
            raise ValueError(f"{path}: {name} is {rows.shape}, the architecture needs {shape}")
        weights[name] = torch.from_numpy(np.array(rows, np.float32))
    return {name: weights[name] for name in expected}


def dequantised(values, scales):
    """[rows, blocks, block] or [rows, blocks * block] uint8 and a scale per block -> [rows, blocks * block] float32."""
    rows = len(values)
    blocks = values.reshape(rows, scales.size // rows, -1).astype(np.float32) - 128.0
    return (blocks * scales.reshape(rows, -1, 1)).reshape(rows, -1)


def expected_shapes(c: Config):
    """Name -> shape of every exported parameter."""
    kv = c.kv_heads * c.head_size
    shapes = {HEAD: (c.vocabulary, c.width), "final_norm": (c.width,)}
    for i in range(c.layers):
        p = f"blocks.{i}."
        shapes |= {
            f"{p}attention_norm": (c.width,), f"{p}qkv.weight": (c.width + 2 * kv, c.width), f"{p}out.weight": (c.width, c.width),
            f"{p}ffn_norm": (c.width,), f"{p}gate_up.weight": (2 * c.ffn, c.width), f"{p}down.weight": (c.width, c.ffn)}
    return shapes
