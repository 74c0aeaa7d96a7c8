"""The Tessera code model: decoder-only, RMSNorm, RoPE, SwiGLU, grouped-query attention, tied embeddings, one early exit.

Shapes: B rows, T positions, H width, A query heads, K key/value heads, D = H / A. Reference for the ONNX graph (export_onnx.py).
"""

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Config:
    vocabulary: int
    width: int
    layers: int
    heads: int
    kv_heads: int
    ffn: int
    context: int = 2048
    rope_base: float = 10000.0
    norm_eps: float = 1e-6

    @property
    def head_size(self):
        return self.width // self.heads

    @property
    def exit_layer(self):
        """The layer after which the early-exit loss is taken (two thirds of the depth)."""
        return self.layers * 2 // 3


CONFIGS = {
    "tiny": Config(4096, 192, 8, 6, 2, 512),
    "small": Config(16384, 384, 14, 6, 2, 1024),
}


def norm(x, weight, eps):
    return F.rms_norm(x, (x.shape[-1],), weight, eps) if hasattr(F, "rms_norm") else (
        x * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + eps).to(x.dtype)) * weight.to(x.dtype)


def rope_table(config, positions):
    """cos and sin of shape [positions, D / 2]."""
    half = config.head_size // 2
    angle = torch.arange(positions).float()[:, None] * (config.rope_base ** (-torch.arange(half).float() / half))[None]
    return angle.cos(), angle.sin()


def rotate(x, cos, sin):
    """Rotates [B, heads, T, D]: the two halves of D are the two coordinates (the half-split layout of ONNX RotaryEmbedding)."""
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    left, right = x.chunk(2, -1)
    return torch.cat((left * cos - right * sin, right * cos + left * sin), -1)


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        kv = c.kv_heads * c.head_size
        self.attention_norm = nn.Parameter(torch.ones(c.width))
        self.qkv = nn.Linear(c.width, c.width + 2 * kv, bias=False)
        self.out = nn.Linear(c.width, c.width, bias=False)
        self.ffn_norm = nn.Parameter(torch.ones(c.width))
        self.gate_up = nn.Linear(c.width, 2 * c.ffn, bias=False)
        self.down = nn.Linear(c.ffn, c.width, bias=False)

    def forward(self, x, cos, sin, mask):
        c = self.c
        b, t, _ = x.shape
        d, group = c.head_size, c.heads // c.kv_heads
        q, k, v = self.qkv(norm(x, self.attention_norm, c.norm_eps)).split((c.width, c.kv_heads * d, c.kv_heads * d), -1)
        q = rotate(q.view(b, t, c.heads, d).transpose(1, 2), cos, sin)
        k = rotate(k.view(b, t, c.kv_heads, d).transpose(1, 2), cos, sin)
        v = v.view(b, t, c.kv_heads, d).transpose(1, 2)
        if hasattr(F, "scaled_dot_product_attention"):
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        else:
            # Query heads that share a key head become extra rows of one product (torch 1.13 has no grouped attention).
            q = (q * d**-0.5).reshape(b, c.kv_heads, group * t, d)
            scores = q @ k.transpose(-1, -2)
            scores = scores.view(b, c.kv_heads, group, t, t) + mask
            y = (scores.float().softmax(-1).to(v.dtype).view(b, c.kv_heads, group * t, t) @ v).view(b, c.heads, t, d)
        x = x + self.out(y.transpose(1, 2).reshape(b, t, c.width))
        gate, up = self.gate_up(norm(x, self.ffn_norm, c.norm_eps)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class CodeModel(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.final_norm = nn.Parameter(torch.ones(config.width))
        self.exit_norm = nn.Parameter(torch.ones(config.width))
        cos, sin = rope_table(config, config.context)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        nn.init.normal_(self.embedding.weight, std=0.02)
        for block in self.blocks:
            for linear in (block.qkv, block.gate_up):
                nn.init.normal_(linear.weight, std=config.width**-0.5)
            for linear in (block.out, block.down):
                nn.init.zeros_(linear.weight)

    def forward(self, ids):
        """Hidden states [B, T, H] after the last and after the exit layer, both normalised for the tied head."""
        t = ids.shape[1]
        x = self.embedding(ids)
        cos, sin = self.cos[:t], self.sin[:t]
        mask = torch.full((t, t), float("-inf"), device=ids.device, dtype=x.dtype).triu(1) if not hasattr(F, "scaled_dot_product_attention") else None
        middle = x
        for i, block in enumerate(self.blocks):
            x = block(x, cos, sin, mask)
            if i + 1 == self.config.exit_layer:
                middle = x
        return norm(x, self.final_norm, self.config.norm_eps), norm(middle, self.exit_norm, self.config.norm_eps)

    def logits(self, hidden):
        return F.linear(hidden, self.embedding.weight.to(hidden.dtype))


def describe(config):
    return asdict(config)
