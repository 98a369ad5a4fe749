"""Layers of PyTorch code without modules: groups that hold their parameters, as those of modules do."""

import re
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip(
    "torch", reason="PyTorch is not installed here: `make test-torch` installs and runs these"
)

import torch
import torch.nn.functional as F
from torch import nn

from adapters.torch_support import normal, shown
from autograd_widget import Graph, group
from autograd_widget.adapters import record


def drawn(result: Any) -> Graph:
    """The graph of a recorded number; its values and gradients are compared with PyTorch's."""
    return Graph.of(shown(result)[0])


def groups_of(graph: Graph) -> list[str]:
    """Names of the groups, each after that of the one around it."""
    around = [graph.groups[each.parent].name + "/" if each.parent >= 0 else "" for each in graph.groups]
    return [above + each.name for above, each in zip(around, graph.groups, strict=True)]


def leaves_in(graph: Graph, place: int) -> set[str]:
    """Labels of the leaves in a group."""
    runs = graph.groups[place].runs
    inside = {i for first, last in zip(runs[::2], runs[1::2], strict=True) for i in range(first, last + 1)}
    return {graph.labels[i] for i in inside if i in graph.leaves}


def elements(name: str, *shape: int) -> set[str]:
    """Labels of the elements of a tensor."""
    return {f"{name}[{','.join(map(str, at))}]" for at in torch.ones(shape).nonzero().tolist()}


PRODUCTS: dict[str, tuple[Callable[..., Any], ...]] = {
    "x @ w": (
        lambda x, w, v, b: x @ w,
        lambda x, w, v, b: torch.mm(x, w),
        lambda x, w, v, b: torch.einsum("ni,ij->nj", x, w),
        lambda x, w, v, b: torch.bmm(x[None], w[None]),
        lambda x, w, v, b: x[None, None] @ w,
    ),
    "x[1] @ w": (lambda x, w, v, b: x[1] @ w, lambda x, w, v, b: x[1:] @ w),
    "x @ v.T": (lambda x, w, v, b: x @ v.T, lambda x, w, v, b: F.linear(x, v)),
    "v @ x[0]": (lambda x, w, v, b: v @ x[0], lambda x, w, v, b: torch.mv(v, x[0])),
    "v @ x.T": (lambda x, w, v, b: v @ x.T,),
    "x @ w + b": (lambda x, w, v, b: x @ w + b, lambda x, w, v, b: torch.addmm(b, x, w)),
    "x @ v.T + b": (lambda x, w, v, b: F.linear(x, v, b), lambda x, w, v, b: F.linear(x[None], v, b)),
    "b + x @ w": (lambda x, w, v, b: b + x @ w,),
    "x @ w + x @ v.T": (lambda x, w, v, b: x @ w + x @ v.T,),
    "tanh(x @ w + b)": (lambda x, w, v, b: torch.tanh(x @ w + b),),
    "relu(x @ w)": (lambda x, w, v, b: F.relu(x @ w), lambda x, w, v, b: (x @ w).relu_()),
    "softmax(x @ w + b)": (lambda x, w, v, b: torch.softmax(x @ w + b, -1),),
    "sigmoid((x @ w + b) / 3)": (lambda x, w, v, b: torch.sigmoid((x @ w + b) / 3),),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_with_a_parameter_matrix_is_a_group(name: str) -> None:
    x, w, v, b = normal(2, 3, requires_grad=False), normal(3, 4), normal(4, 3), normal(4)
    shapes = {"w": (3, 4), "v": (4, 3), "b": (4,)}
    words = set(re.findall(r"\w+", name))
    wanted = [elements(each, *shape) for each, shape in shapes.items() if each in words]
    for program in PRODUCTS[name]:
        with record():
            loss = program(x, w, v, b).square().sum()
        graph = drawn(loss)
        assert groups_of(graph) == [name]
        assert leaves_in(graph, 0) == set().union(*wanted)


def test_a_convolution_with_a_kernel_is_a_group() -> None:
    x, k, b = normal(1, 1, 3, 3, requires_grad=False), normal(1, 1, 2, 2), normal(1)
    with record():
        loss = F.conv2d(x, k, b).tanh().sum()
    graph = drawn(loss)
    assert groups_of(graph) == ["tanh(conv(x, k) + b)"]
    assert leaves_in(graph, 0) == elements("k", 1, 1, 2, 2) | {"b[0]"}


def test_a_network_by_hand_has_the_groups_of_its_layers() -> None:
    x, w1, b1, w2, b2 = normal(4, 2, requires_grad=False), normal(2, 8), normal(8), normal(8, 1), normal(1)
    with record():
        h = torch.tanh(x @ w1 + b1)
        loss = ((h @ w2 + b2 - 1.0) ** 2).mean()
    graph = drawn(loss)
    assert groups_of(graph) == ["tanh(x @ w1 + b1)", "h @ w2 + b2"]
    assert leaves_in(graph, 0) == elements("w1", 2, 8) | elements("b1", 8)
    assert leaves_in(graph, 1) == elements("w2", 8, 1) | elements("b2", 1)


def test_an_attention_by_hand_has_few_groups() -> None:
    x, wq, wk, wv = (
        normal(3, 4, requires_grad=False),
        normal(4, 2),
        normal(4, 2, seed=1),
        normal(4, 2, seed=2),
    )
    mask = torch.ones(3, 3).tril() == 0
    with record():
        q, k, v = x @ wq, x @ wk, x @ wv
        a = torch.softmax(q @ k.T / 2**0.5, -1)
        loss = (a @ v).sum()
        scores = (q @ k.T).masked_fill(mask, -9.0)
        masked = (torch.softmax(scores, -1) @ v).sum()
    inputs = ["x @ wq", "x @ wk", "x @ wv"]
    assert groups_of(drawn(loss)) == [*inputs, "softmax(q @ k.T / 1.414)", "a @ v"]
    assert groups_of(drawn(masked)) == [*inputs, "q @ k.T", "softmax(scores)", "... @ v"]


def test_elements_stand_in_the_order_of_their_tensor() -> None:
    x, w, b = normal(2, 2, requires_grad=False), normal(2, 2), normal(2)
    with record():
        loss = F.linear(x, w, b).tanh().sum()
    graph = drawn(loss)
    inputs = ["x[0,0]", "x[0,1]", "x[1,0]", "x[1,1]"]
    wanted = [*inputs, "b[0]", "b[1]", "w[0,0]", "w[0,1]", "w[1,0]", "w[1,1]"]
    assert [graph.labels[i] for i in graph.leaves] == wanted


def test_each_step_of_a_recurrence_is_a_group() -> None:
    x, wx, wh, b, h = normal(5, 2, requires_grad=False), normal(2, 3), normal(3, 3), normal(3), torch.zeros(3)
    h = h.double()
    with record():
        for t in range(5):
            h = torch.tanh(x[t] @ wx + h @ wh + b)
        loss = h.sum()
    graph = drawn(loss)
    assert groups_of(graph) == [f"tanh(x[{t}] @ wx + ... @ wh + b)" for t in range(5)]
    assert leaves_in(graph, 0) == elements("wx", 2, 3) | elements("wh", 3, 3) | elements("b", 3)
    assert [leaves_in(graph, step) for step in range(1, 5)] == [set()] * 4


def test_layers_stand_in_the_groups_of_the_person() -> None:
    x, w, h = normal(2, 2, requires_grad=False), normal(2, 2), torch.zeros(2).double()
    with record():
        for t in range(2):
            with group(f"t={t}"):
                h = torch.tanh(x[t] @ w + h)
        loss = h.sum()
    assert groups_of(drawn(loss)) == ["t=0", "t=0/x[0] @ w", "t=1", "t=1/x[1] @ w"]


def test_a_matrix_of_two_products_is_in_the_group_of_the_first() -> None:
    x, w = normal(2, 2, requires_grad=False), normal(2, 2)
    with record():
        h = torch.tanh(x @ w)
        y = (h @ w.T).sum() + (w * w).sum()
    graph = drawn(y)
    assert groups_of(graph) == ["tanh(x @ w)", "h @ w.T"]
    assert [leaves_in(graph, i) for i in range(2)] == [elements("w", 2, 2), set()]


def test_a_residual_sum_and_other_ops_stay_outside() -> None:
    x, w, v = normal(2, 2, requires_grad=False), normal(2, 2), normal(2, 2, seed=1)
    with record():
        h = x @ w
        y = ((h + h @ v) * h).sum()
    assert groups_of(drawn(y)) == ["x @ w", "h @ v"]


def test_later_results_keep_the_groups_of_earlier_ones() -> None:
    x, w, b = normal(2, 2, requires_grad=False), normal(2, 2), normal(2)
    with record():
        h = x @ w
        first, second = h.sum(), (h + b).sum()
    assert groups_of(drawn(first)) == ["x @ w"]
    assert groups_of(drawn(second)) == ["x @ w"]


class Plain(nn.Module):  # type: ignore[misc] # PyTorch is not there when lint runs
    """A module with a product of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(normal(2, 2).detach())

    def forward(self, x: Any) -> Any:
        return x @ self.w


def test_products_in_modules_are_in_their_group_alone() -> None:
    x, m = normal(2, 2, requires_grad=False), Plain()
    with record():
        y = m(x).sum()
    assert groups_of(drawn(y)) == ["m: Plain"]


def test_vectors_data_and_detached_matrices_make_no_group() -> None:
    x, row, column, w = normal(4, 3, requires_grad=False), normal(3), normal(3, 1), normal(3, 2)
    with record():
        results = [(x @ row).tanh().sum(), (x @ column).tanh().sum(), (x @ w.detach() * w[0]).sum()]
        results.append((row @ x.T @ x).sum())
        results.append((x @ normal(3, 2)).sum())
    assert [groups_of(drawn(each)) for each in results] == [[]] * 5
