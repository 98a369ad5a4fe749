"""Random PyTorch programs with views and in-place ops: recorded, they give what they give."""

import random
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip(
    "torch", reason="PyTorch is not installed here: `make test-torch` installs and runs these"
)

import torch

from adapters.torch_support import DOUBLE, compared, normal

Step = Callable[[random.Random, list[Any]], Any]


def _pick(rng: random.Random, held: list[Any]) -> Any:
    return rng.choice(held)


def _alike(rng: random.Random, held: list[Any], t: Any) -> Any:
    same = [other for other in held if other.shape == t.shape]
    return rng.choice(same)


def _elementwise(rng: random.Random, held: list[Any]) -> Any:
    a = _pick(rng, held)
    b = _alike(rng, held, a)
    choices: list[Callable[[], Any]] = [
        lambda: a + b,
        lambda: a * b,
        lambda: a - 2.0 * b,
        a.tanh,
        lambda: a.sigmoid() * b,
        lambda: torch.maximum(a, b),
        lambda: torch.where(a > b, a, b * 0.5),
        lambda: a / (1.0 + b * b),
        a.relu,
        lambda: a.detach() * b,
        lambda: torch.lerp(a, b, 0.3),
    ]
    return rng.choice(choices)()


def _view(rng: random.Random, held: list[Any]) -> Any:
    a = _pick(rng, held)
    if a.dim() < 2:
        return torch.stack([a, a * 0.5])
    choices: list[Callable[[], Any]] = [
        a.t,
        lambda: a[0],
        lambda: a[:, 1],
        lambda: a.reshape(-1)[:4],
        lambda: a.flip(0),
        lambda: a[1:],
        lambda: a.expand(2, *a.shape)[1],
        lambda: a.t().reshape(a.shape),
        a.diagonal,
    ]
    return rng.choice(choices)()


def _in_place(rng: random.Random, held: list[Any]) -> Any:
    a = _pick(rng, held)
    if a.is_leaf or a.dim() < 1:
        return a * 1.0
    b = _alike(rng, held, a)
    target = a.clone()
    part = target[0] if rng.random() < 0.5 else target
    source = b[0] if part is not target else b
    choices: list[Callable[[], Any]] = [
        lambda: part.add_(source),
        lambda: part.mul_(source.detach() + 1.0),
        lambda: part.copy_(source),
        lambda: part.sub_(0.5),
        lambda: part.fill_(0.25),
        lambda: part.masked_fill_(source < 0, 0.1),
    ]
    rng.choice(choices)()
    return target


def _moved(rng: random.Random, held: list[Any]) -> Any:
    a = _pick(rng, held)
    if a.dim() < 1:
        return torch.stack([a, a * 2.0])
    rows = a.shape[0]
    index = torch.tensor([rng.randrange(rows) for _ in range(3)])
    picked = a[index]
    lines = index.reshape(-1, *[1] * (a.dim() - 1))
    choices: list[Callable[[], Any]] = [
        lambda: torch.cat([a, a * 0.5]),
        lambda: torch.zeros_like(a).index_put((index,), picked, accumulate=True),
        lambda: torch.zeros_like(a).index_add(0, index, picked),
        lambda: a.index_select(0, index),
        lambda: torch.zeros_like(a).scatter_add(0, lines.expand(picked.shape), picked),
        lambda: a.cumsum(0),
        lambda: a.roll(1, 0),
        lambda: a.clone().index_fill_(0, index[:1], 0.7),
    ]
    return rng.choice(choices)()


def _reduced(rng: random.Random, held: list[Any]) -> Any:
    a = _pick(rng, held)
    if a.dim() < 1:
        return a * 1.5
    choices: list[Callable[[], Any]] = [
        lambda: a.sum(0),
        lambda: a.mean(-1),
        lambda: a.softmax(-1),
        lambda: a.logsumexp(0),
        lambda: a.amax(0),
        lambda: a.var(0, unbiased=False),
        lambda: (a @ a.t()) if a.dim() == 2 else (a * a).sum(),
        lambda: a.prod(0),
        lambda: a.max(0).values,
    ]
    return rng.choice(choices)()


STEPS: list[Step] = [_elementwise, _elementwise, _view, _in_place, _in_place, _moved, _reduced]


def _program(seed: int) -> Callable[..., Any]:
    def run(*leaves: Any) -> Any:
        rng = random.Random(seed)
        held = list(leaves)
        for _ in range(rng.randrange(2, 9)):
            made = rng.choice(STEPS)(rng, held)
            if made.numel() <= 24 and all(size > 1 for size in made.shape):
                held.append(made)
        rest = [held[-1], *rng.sample(held, min(2, len(held)))]
        return sum((t.tanh().sum() for t in rest), torch.zeros((), dtype=DOUBLE))

    return run


@pytest.mark.parametrize("block", range(15))
def test_random_programs(block: int) -> None:
    for seed in range(block * 100, block * 100 + 100):
        leaves = normal(2, 3, seed=seed), normal(3, seed=seed + 1), normal(2, 2, seed=seed + 2)
        try:
            compared(_program(seed), *leaves)
        except AssertionError as error:
            raise AssertionError(f"program {seed}") from error
