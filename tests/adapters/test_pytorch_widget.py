"""Widgets of recorded PyTorch results: live both ways."""

from typing import Any

import pytest

pytest.importorskip(
    "torch", reason="PyTorch is not installed here: `make test-torch` installs it and runs this"
)

import torch
import torch.nn.functional as F
from torch import nn

from adapters.torch_support import DOUBLE, parameter
from autograd_widget import GraphWidget, explore, record


def test_a_move_is_written_into_the_tensor() -> None:
    w, wh = parameter(0.3), parameter(0.5)
    with record():
        h = torch.tanh(w * wh + 0.25)
        loss = (h - 1.0) ** 2
    g = GraphWidget(loss)
    assert g[w] == g["w"] == 0.3 and g[h] == pytest.approx(h.item())
    g["w"] = 0.7
    assert w.item() == 0.7
    assert g.root_value == pytest.approx(((torch.tanh(w * wh + 0.25) - 1.0) ** 2).item())
    g[wh] = -0.25
    assert wh.item() == -0.25
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_showing_writes_nothing_and_a_pass_fills_grad() -> None:
    w = parameter(3.0)
    with record():
        y = w * w
    g = GraphWidget(y)
    assert g.grads[w] == 6.0 and g.is_preview
    assert [w.grad] == [None]
    g.backward()
    assert w.grad.item() == 6.0 and not g.is_preview
    g.zero_grad()
    assert [w.grad] == [None]


def test_passes_and_steps_of_pytorch_are_taken_over() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1)).to(DOUBLE)
    x, y = torch.tensor([[0.5, -1.0]], dtype=DOUBLE), torch.tensor([[1.0]], dtype=DOUBLE)
    with record():
        loss = F.mse_loss(model(x), y)
    g = GraphWidget(loss)
    loss.backward()
    g.refresh()
    assert not g.is_preview
    assert g.grads["0.weight[0,1]"] == pytest.approx(model[0].weight.grad[0, 1].item())
    assert len(g.ledger.rows) == 1
    torch.optim.SGD(model.parameters(), 0.1).step()
    g.refresh()
    assert g["0.weight[0,1]"] == model[0].weight[0, 1].item()
    assert g.root_value == pytest.approx(F.mse_loss(model(x), y).item())


def test_a_change_from_the_page_reaches_the_module() -> None:
    model = nn.Linear(1, 1, dtype=DOUBLE)
    with record():
        y = model(torch.ones(1, dtype=DOUBLE)).sum()
    g = GraphWidget(y)
    key = next(key for key, label in g.graph["label"].items() if label == "weight[0,0]")
    g.set_state({"values": {**g.values, key: 2.5}})
    assert model.weight.item() == 2.5


def test_learning_with_an_optimizer_of_pytorch() -> None:
    w = parameter(0.0)
    optimizer = torch.optim.Adam([w], 0.3)
    with record():
        loss = (w - 2.0) ** 2
    g = GraphWidget(loss)
    for _ in range(60):
        g.zero_grad()
        g.backward()
        optimizer.step()
        g.refresh()
    assert w.item() == pytest.approx(2.0, abs=0.1)
    assert g["w"] == w.item()


def test_two_results_of_a_recording_share_their_leaves() -> None:
    w = parameter(2.0)
    with record():
        a = w * w
        b = a.exp()
    first, second = GraphWidget(a), GraphWidget(b)
    first["w"] = 0.5
    assert second["w"] == 0.5 and second.root_value == pytest.approx(torch.tensor(0.25).exp().item())


def test_an_op_that_pytorch_computes_follows_a_move() -> None:
    m = parameter([[1.0, 2.0], [0.5, 3.0]])
    with record():
        y = torch.linalg.det(m)
    g = GraphWidget(y)
    g["m[0,0]"] = 2.0
    assert g.root_value == pytest.approx(torch.linalg.det(m).item()) == pytest.approx(5.0)
    assert g.grads["m[0,0]"] == pytest.approx(3.0)


def test_a_result_that_was_not_recorded_says_what_to_do() -> None:
    w = parameter(2.0)
    with pytest.raises(ValueError, match=r"compute it inside `with record\(\):`"):
        GraphWidget(w * 2.0)
    with pytest.raises(TypeError, match="model"):
        GraphWidget(nn.Linear(1, 1))


def test_exploring_a_function_of_tensors() -> None:
    def f(w: Any, b: Any) -> Any:
        return (w * 2.0 + b) ** 2 if w > 0 else w - b

    w = torch.tensor(0.3)
    g = explore(f, w, b=torch.tensor(1.0))
    assert w.requires_grad
    assert g.root_value == pytest.approx(2.56)
    assert g.grads["w"] == pytest.approx(6.4)
    g["w"] = -1.0
    assert g.root_value == -2.0 and g.grads["b"] == -1.0
    assert w.item() == -1.0


def test_exploring_a_model() -> None:
    torch.manual_seed(0)
    model = nn.Linear(2, 1)

    def f(model: Any, x: Any) -> Any:
        return model(x).tanh().sum()

    g = explore(f, model, torch.tensor([[1.0, -1.0]]))
    g["weight[0,1]"] = 0.25
    assert model.weight[0, 1].item() == 0.25
    assert g.root_value == pytest.approx(f(model, torch.tensor([[1.0, -1.0]])).item())
