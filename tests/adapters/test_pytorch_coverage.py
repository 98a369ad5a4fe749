"""Recorded PyTorch programs: value and every leaf's gradient are PyTorch's."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip(
    "torch", reason="PyTorch is not installed here: `make test-torch` installs and runs these"
)

import torch
import torch.nn.functional as F
from torch import nn

from adapters.torch_support import DOUBLE, compared, normal, parameter, shown
from autograd_widget import Graph
from autograd_widget.adapters.pytorch import record_torch

CASES = json.loads((Path(__file__).parent / "torch_programs.json").read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_cases_that_are_written_down(case: dict[str, Any]) -> None:
    leaves = {name: parameter(value) for name, value in case["parameters"].items()}
    given = {name: torch.tensor(value, dtype=DOUBLE) for name, value in case["inputs"].items()}
    with record_torch({t: name for name, t in {**leaves, **given}.items()}, 20_000, None):
        result = eval(case["code"], {"torch": torch, "F": F, **leaves, **given})  # noqa: S307 # our own text
    root, _ = shown(result)
    assert math.isclose(root.value, case["value"], rel_tol=1e-12)
    graph = Graph.of(root)
    graph.backward(graph.outputs[0])
    found = {label: graph.grads[i] for i, label in graph.labels.items()}
    for name, grads in case["grads"].items():
        flat = torch.tensor(grads, dtype=DOUBLE)
        for index in torch.ones(flat.shape).nonzero().tolist() if flat.dim() else [[]]:
            label = f"{name}[{','.join(map(str, index))}]" if index else name
            assert math.isclose(found[label], float(flat[tuple(index)]), rel_tol=1e-9, abs_tol=1e-12), label


def vector() -> Any:
    return parameter([1.0, 3.0, 2.0])


def _written(t: Any, write: Callable[[Any], Any]) -> Any:
    write(t)
    return t.prod(-1).sum()


SMALL: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "clamp": (lambda x: x.clamp(0, 1) * 2 + x, (parameter(2.0),)),
    "clamp at its bound": (lambda x: x.clamp(0, 1) * 2, (parameter(1.0),)),
    "clamp by tensors": (lambda x, a: (x.clamp(min=a) * x).sum(), (vector(), parameter(2.0))),
    "where": (lambda x, y: torch.where(x > y, x * y, y - x), (parameter(3.0), parameter(2.0))),
    "largest, tied": (lambda v: v.max() * 2, (parameter([1.0, 3.0, 3.0]),)),
    "largest along a dimension, tied": (lambda v: v.max(0).values * 2, (parameter([1.0, 3.0, 3.0]),)),
    "amax, tied": (lambda v: v.amax() * 2, (parameter([1.0, 3.0, 3.0]),)),
    "norm": (lambda v: v.norm() + v.norm(1) + v.norm(math.inf), (vector(),)),
    "norm at zero": (lambda v: v.norm(), (parameter([0.0, 0.0]),)),
    "detach": (lambda x: x.detach() * x + x, (parameter(3.0),)),
    "sort and topk": (lambda v: v.sort().values[0] * 2 + v.topk(2).values.prod(), (vector(),)),
    "std and var": (lambda v: v.std() + v.var(unbiased=False), (vector(),)),
    "logsumexp": (lambda v: v.logsumexp(0), (vector(),)),
    "cumsum and prod": (lambda v: v.cumsum(0).prod() + v.cumprod(0).sum(), (vector(),)),
    "cat and stack": (lambda a: torch.cat([a[0], torch.stack([a[0, 0], a[1, 1]])]).prod(), (normal(2, 3),)),
    "fancy index": (lambda a: (a[[1, 0, 1]] * a[:, [2]].sum()).sum(), (normal(2, 3),)),
    "mask": (lambda a: a[a > 0].sum() + a.masked_fill(a < 0, 2.0).prod(), (normal(2, 3),)),
    "views": (lambda a: (a.T.reshape(2, 3).flip(0) * a.roll(1, 1)).sum(), (normal(2, 3),)),
    "triangles": (lambda a: (a.triu() @ a.tril()).sum(), (normal(3, 3),)),
    "pad and unfold": (lambda a: F.pad(a, (1, 1)).unfold(0, 3, 1).prod(1).sum(), (normal(4),)),
    "einsum": (
        lambda a, b: torch.einsum("ij,kj->ik", a, b).tanh().sum(),
        (normal(2, 3), normal(2, 3, seed=1)),
    ),
    "products": (
        lambda a, b: (a @ b).mean() + torch.outer(a[0], b[:, 0]).sum(),
        (normal(2, 3), normal(3, 2)),
    ),
    "batched products": (lambda a, b: (a @ b).sum(), (normal(2, 2, 3), normal(2, 3, 2))),
    "addmm with factors": (
        lambda a, b: torch.addmm(a, a, b, beta=0.5, alpha=2.0).sum(),
        (normal(2, 2), normal(2, 2, seed=3)),
    ),
    "determinant and inverse": (lambda m: torch.linalg.det(m) + torch.inverse(m)[0, 0], (normal(3, 3),)),
    "special functions": (
        lambda a, b: torch.atan2(a, b) + torch.erf(a) + torch.lgamma(b),
        (parameter(1.0), parameter(2.5)),
    ),
    "cosine similarity": (
        lambda a, b: F.cosine_similarity(a, b, 0),
        (parameter([1.0, 2.0]), parameter([3.0, -1.0])),
    ),
    "normalize": (lambda a: F.normalize(a, dim=0)[0], (vector(),)),
    "attention": (
        lambda q, k, v: (F.scaled_dot_product_attention(q, k, v, is_causal=True) * q).sum(),
        (normal(1, 1, 3, 2), normal(1, 1, 3, 2, seed=1), normal(1, 1, 3, 2, seed=2)),
    ),
    "attention of three dimensions": (
        lambda q, k, v: (F.scaled_dot_product_attention(q, k, v) * q).sum(),
        (normal(1, 2, 2), normal(1, 2, 2, seed=1), normal(1, 2, 2, seed=2)),
    ),
    "attention with a mask": (
        lambda q, m: (F.scaled_dot_product_attention(q, q, q, attn_mask=m) * q).sum(),
        (normal(1, 1, 3, 2), normal(3, 3)),
    ),
    "attention with a mask of booleans": (
        lambda q: (
            F.scaled_dot_product_attention(q, q, q, attn_mask=torch.ones(3, 3).tril().bool()) * q
        ).sum(),
        (normal(1, 1, 3, 2),),
    ),
    "embedding with padding": (
        lambda w: (F.embedding(torch.tensor([1, 0, 1]), w, padding_idx=0) ** 2).sum(),
        (normal(4, 2),),
    ),
    "zeros written into a view": (lambda a: _written(a * 2.0, lambda b: b[0].zero_()), (normal(2, 3),)),
    "assigning by a mask": (
        lambda a: _written(a * 2.0, lambda b: b.__setitem__(b > 0, 2.0)),
        (normal(2, 3),),
    ),
    "assigning a column": (
        lambda a: _written(a * 2.0, lambda b: b.__setitem__((slice(None), 0), b[:, 0] + b[:, 1])),
        (normal(2, 3),),
    ),
    "metadata changed in place": (
        lambda a: _written(a * 1.0, lambda b: b.t_().unsqueeze_(0)),
        (normal(2, 3),),
    ),
    "embedding": (lambda w: (F.embedding(torch.tensor([1, 3, 1]), w) ** 2).sum(), (normal(4, 2),)),
    "scatter": (
        lambda a: torch.zeros(4, dtype=DOUBLE).scatter(0, torch.tensor([2, 0]), a).prod() + a.sum(),
        (normal(2),),
    ),
    "scatter_add": (
        lambda a: (torch.ones(3, dtype=DOUBLE).scatter_add(0, torch.tensor([1, 0, 1]), a) ** 2).sum(),
        (vector(),),
    ),
    "index_put that accumulates": (
        lambda a: (
            torch.zeros(3, dtype=DOUBLE).index_put((torch.tensor([1, 1, 0]),), a, accumulate=True) ** 2
        ).sum(),
        (vector(),),
    ),
    "index_add": (
        lambda a: (torch.ones(2, 3, dtype=DOUBLE).index_add(0, torch.tensor([1, 1]), a, alpha=2) ** 2).sum(),
        (normal(2, 3),),
    ),
    "max pooling": (lambda a: (F.max_pool2d(a, 2) ** 2).sum(), (normal(1, 1, 4, 4),)),
    "max pooling, tied": (lambda a: F.max_pool1d(a, 2).sum(), (parameter([[1.0, 1.0, 2.0, 0.0]]),)),
    "average pooling": (lambda a: (F.avg_pool2d(a, 2, padding=1) ** 2).sum(), (normal(1, 1, 4, 4),)),
    "adaptive pooling": (lambda a: (F.adaptive_avg_pool2d(a, (2, 3)) ** 2).sum(), (normal(1, 1, 4, 4),)),
    "transposed convolution": (
        lambda a, w: (F.conv_transpose1d(a, w, stride=2, padding=1) ** 2).sum(),
        (normal(1, 2, 3), normal(2, 2, 3)),
    ),
    "grouped convolution": (
        lambda a, w: (F.conv1d(a, w, stride=2, padding=1, groups=2) ** 2).sum(),
        (normal(1, 4, 4), normal(2, 2, 3)),
    ),
    "scatter that overwrites itself": (
        lambda a: torch.zeros(3, dtype=DOUBLE).scatter(0, torch.tensor([1, 1, 0]), a).exp().sum(),
        (vector(),),
    ),
    "index_put that overwrites itself": (
        lambda a: _written(a * 2.0, lambda b: b.__setitem__(torch.tensor([0, 0]), a[1:] * 3.0)),
        (vector(),),
    ),
    "dropout": (lambda a: F.dropout(a, 0.5).sum(), (normal(4),)),
    "kl_div": (
        lambda v: F.kl_div(
            F.log_softmax(v, 0), torch.softmax(torch.arange(3.0, dtype=DOUBLE), 0), reduction="sum"
        ),
        (vector(),),
    ),
    "nll of images": (lambda a: F.cross_entropy(a, torch.tensor([[[0, 1], [1, 0]]])), (normal(1, 2, 2, 2),)),
}


COMPOSED: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "asinh": (lambda v: v.asinh().sum(), (vector(),)),
    "distances": (lambda a, b: torch.cdist(a, b).sum(), (normal(2, 3), normal(3, 3))),
    "distances of pairs": (lambda a: F.pdist(a, p=1).sum(), (normal(3, 2),)),
    "a distance of order 3": (lambda a, b: torch.dist(a, b, 3), (normal(3), normal(3, seed=1))),
    "bilinear": (
        lambda a, b, w: F.bilinear(a, b, w).sum(),
        (normal(1, 2), normal(1, 2, seed=1), normal(1, 2, 2)),
    ),
    "addr": (
        lambda m, a, b: torch.addr(m, a, b, beta=0.5, alpha=2.0).prod(),
        (normal(2, 2), normal(2), normal(2, seed=1)),
    ),
    "gated": (lambda a: F.glu(a).sum(), (normal(2, 4),)),
    "trace": (lambda m: (m @ m).trace(), (normal(2, 2),)),
    "degrees": (lambda v: (torch.deg2rad(v) + torch.rad2deg(v)).sum(), (vector(),)),
    "logit with bounds": (lambda v: torch.logit(v / 10.0, eps=0.15).sum(), (vector(),)),
    "hardshrink": (lambda v: F.hardshrink(v, 1.5).sum(), (vector(),)),
    "prelu": (lambda v, slope: F.prelu(v - 2.0, slope).sum(), (vector(), parameter([0.25]))),
    "soft margin": (lambda v: F.soft_margin_loss(v, torch.tensor([1.0, -1.0, 1.0])), (vector(),)),
}


@pytest.mark.parametrize("name", COMPOSED)
def test_what_is_made_of_ops_of_the_table_needs_no_kernel(name: str) -> None:
    program, leaves = COMPOSED[name]
    _, recording = compared(program, *leaves)
    assert recording.unroller.live == {}


@pytest.mark.parametrize("name", SMALL)
def test_functions(name: str) -> None:
    program, leaves = SMALL[name]
    compared(program, *leaves)


ACTIVATIONS = [
    "gelu",
    "silu",
    "elu",
    "softplus",
    "leaky_relu",
    "mish",
    "hardtanh",
    "relu6",
    "hardswish",
    "hardsigmoid",
    "selu",
    "celu",
    "logsigmoid",
    "softsign",
    "tanhshrink",
    "softshrink",
]
LOSSES = [
    "mse_loss",
    "l1_loss",
    "smooth_l1_loss",
    "huber_loss",
    "soft_margin_loss",
    "hinge_embedding_loss",
    "poisson_nll_loss",
]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name: str) -> None:
    compared(lambda v: getattr(F, name)(v).sum(), parameter([-2.0, 0.5, 3.0]))


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_losses(name: str, reduction: str) -> None:
    target = torch.tensor([1.0, -1.0, 1.0], dtype=DOUBLE)
    compared(lambda v: getattr(F, name)(v, target, reduction=reduction), parameter([-2.0, 0.5, 3.0]))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_losses_of_probabilities(reduction: str) -> None:
    target = torch.tensor([1.0, 0.0, 0.25], dtype=DOUBLE)
    x = parameter([-2.0, 0.5, 3.0])
    compared(lambda v: F.binary_cross_entropy(v.sigmoid(), target, reduction=reduction), x)
    compared(lambda v: F.binary_cross_entropy_with_logits(v, target, reduction=reduction), x)
    weight = torch.tensor([2.0, 1.0, 0.5], dtype=DOUBLE)
    compared(lambda v: F.binary_cross_entropy_with_logits(v, target, weight, pos_weight=weight), x)


@pytest.mark.parametrize(
    "options",
    [{}, {"label_smoothing": 0.1}, {"weight": [1.0, 2.0, 3.0]}, {"ignore_index": 2}, {"reduction": "sum"}],
)
def test_cross_entropy(options: dict[str, Any]) -> None:
    if "weight" in options:
        options = {"weight": torch.tensor(options["weight"], dtype=DOUBLE)}
    compared(lambda z: F.cross_entropy(z, torch.tensor([0, 2]), **options), normal(2, 3))


MODULES: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "Linear": (lambda: nn.Linear(3, 4), (2, 3)),
    "MLP": (lambda: nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)), (2, 3)),
    "RNNCell": (lambda: nn.RNNCell(3, 2), (1, 3)),
    "LSTMCell": (lambda: nn.LSTMCell(3, 2), (1, 3)),
    "GRUCell": (lambda: nn.GRUCell(3, 2), (1, 3)),
    "RNN": (lambda: nn.RNN(3, 2), (3, 1, 3)),
    "LSTM": (lambda: nn.LSTM(3, 2), (3, 1, 3)),
    "LSTM of two layers": (lambda: nn.LSTM(3, 2, num_layers=2, batch_first=True), (2, 3, 3)),
    "LSTM both ways": (lambda: nn.LSTM(3, 2, bidirectional=True), (3, 2, 3)),
    "LSTM without bias": (lambda: nn.LSTM(3, 2, bias=False), (2, 1, 3)),
    "GRU": (lambda: nn.GRU(3, 2), (3, 1, 3)),
    "LayerNorm": (lambda: nn.LayerNorm(3), (2, 3)),
    "GroupNorm": (lambda: nn.GroupNorm(2, 4), (2, 4, 2)),
    "RMSNorm": (lambda: nn.RMSNorm(3), (2, 3)),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(3), (4, 3)),
    "BatchNorm1d in evaluation": (lambda: nn.BatchNorm1d(3).eval(), (4, 3)),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(2), (2, 2, 2, 2)),
    "InstanceNorm1d": (lambda: nn.InstanceNorm1d(2, affine=True), (1, 2, 4)),
    "Conv1d": (lambda: nn.Conv1d(2, 2, 2), (1, 2, 4)),
    "Conv2d": (lambda: nn.Conv2d(1, 2, 3, padding=1, stride=2), (1, 1, 4, 4)),
    "Conv2d, padded by reflection": (
        lambda: nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect"),
        (1, 1, 3, 3),
    ),
    "small CNN": (
        lambda: nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 2)),
        (1, 1, 6, 6),
    ),
    "PReLU": (nn.PReLU, (2, 3)),
    "Bilinear": (lambda: _Twice(nn.Bilinear(2, 2, 1)), (2, 2)),
    "TransformerEncoderLayer": (
        lambda: nn.TransformerEncoderLayer(4, 2, 6, dropout=0.0, batch_first=True),
        (1, 3, 4),
    ),
    "TransformerEncoderLayer, norm first": (
        lambda: nn.TransformerEncoderLayer(4, 2, 6, dropout=0.0, activation="gelu", norm_first=True),
        (3, 1, 4),
    ),
    "MultiheadAttention": (lambda: _Itself(nn.MultiheadAttention(4, 2, batch_first=True)), (1, 3, 4)),
    "MultiheadAttention without weights": (
        lambda: _Itself(nn.MultiheadAttention(4, 2, batch_first=True), need_weights=False),
        (1, 3, 4),
    ),
}


class _Twice(nn.Module):  # type: ignore[misc] # PyTorch is not there when lint runs
    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Any) -> Any:
        return self.inner(x, x)


class _Itself(nn.Module):  # type: ignore[misc] # PyTorch is not there when lint runs
    def __init__(self, inner: Any, **options: Any) -> None:
        super().__init__()
        self.inner, self.options = inner, options

    def forward(self, x: Any) -> Any:
        return self.inner(x, x, x, **self.options)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("name", MODULES)
def test_modules(name: str, dtype: Any) -> None:
    make, shape = MODULES[name]
    torch.manual_seed(0)
    module = make().to(dtype)
    x = normal(*shape, requires_grad=False, dtype=dtype)

    def program(*_: Any) -> Any:
        for part in module.modules():
            if hasattr(part, "reset_running_stats"):
                part.reset_running_stats()  # or training would find others the second time
        out = module(x)
        y = out[0] if isinstance(out, tuple) else out
        return (y.reshape(-1) * torch.linspace(-1.0, 2.0, y.numel(), dtype=dtype)).sum()

    compared(program, *module.parameters())
