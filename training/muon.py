"""Muon (Jordan et al., 2024): momentum, then the update matrix is replaced by its nearest orthogonal one (Newton-Schulz)."""

import torch


def orthogonal(matrix, steps=5):
    """Quintic Newton-Schulz iteration on a [rows, columns] matrix or a stack of them; coefficients of the Muon write-up."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.bfloat16() if matrix.is_cuda else matrix.clone()
    tall = x.size(-2) > x.size(-1)
    if tall:
        x = x.transpose(-1, -2)
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.transpose(-1, -2)
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.transpose(-1, -2) if tall else x).to(matrix.dtype)


class Muon(torch.optim.Optimizer):
    def __init__(self, parameters, lr=0.02, momentum=0.95, weight_decay=0.01):
        super().__init__(list(parameters), {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            by_shape = {}
            for p in group["params"]:
                if p.grad is not None:
                    by_shape.setdefault(p.shape, []).append(p)
            for shape, params in by_shape.items():
                updates = []
                for p in params:
                    buffer = self.state[p].setdefault("momentum", torch.zeros_like(p))
                    buffer.mul_(group["momentum"]).add_(p.grad)
                    updates.append(p.grad.add(buffer, alpha=group["momentum"]))
                scale = max(1.0, shape[0] / shape[1]) ** 0.5
                # Matrices of one shape go through the iteration together.
                for p, update in zip(params, orthogonal(torch.stack(updates))):
                    p.mul_(1 - group["lr"] * group["weight_decay"]).add_(update, alpha=-group["lr"] * scale)
