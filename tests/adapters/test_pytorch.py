"""Recording PyTorch code: it changes nothing, says what it can't draw, and reads and writes tensors."""

import gc
import re
import threading
import weakref
from typing import Any

import pytest

pytest.importorskip(
    "torch", reason="PyTorch is not installed here: `make test-torch` installs and runs these"
)

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from adapters.torch_support import DOUBLE, compared, normal, parameter, shown
from autograd_widget import Graph, group
from autograd_widget.adapters import record
from autograd_widget.adapters.pytorch import source_of
from autograd_widget.engine.backward import upstream
from autograd_widget.engine.scalar import Scalar


def labels(root: Scalar) -> set[str]:
    return {node.label for node in upstream(root) if node.label}


# -- recording changes nothing -------------------------------------------------------------------------------


def test_an_error_of_the_person_is_the_same_error() -> None:
    a, b = normal(2, 3), normal(2, 3)

    with pytest.raises(RuntimeError) as plain:
        a @ b
    with record(), pytest.raises(RuntimeError) as recorded:
        a @ b
    assert str(recorded.value) == str(plain.value)


def test_what_cannot_be_drawn_is_refused_when_it_is_shown() -> None:
    z = torch.tensor([1.0 + 2.0j, 0.5j], requires_grad=True)
    w = parameter([1.0, 2.0], dtype=torch.float16)
    with record():
        y = (z * z.conj()).real.sum()
        h = (w * 2.0).sum()
    with pytest.raises(ValueError, match="only float32 and float64 are drawn"):
        shown(y)
    with pytest.raises(ValueError, match="not float16"):
        shown(h)


def test_a_failure_in_here_is_none_of_the_persons_business(monkeypatch: pytest.MonkeyPatch) -> None:
    w = parameter(2.0)
    recording = record()
    monkeypatch.setattr(type(recording.tape), "add", lambda *_: 1 / 0)  # type: ignore[attr-defined] # PyTorch's
    with recording:
        y = w * 3.0
    y.backward()
    assert float(w.grad) == 3.0
    with pytest.raises(ValueError, match="could not be recorded"):
        shown(y)


def test_training_inside_is_the_same_to_the_bit() -> None:
    def trained(recorded: bool) -> list[Any]:
        torch.manual_seed(3)
        model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Dropout(0.3), nn.Linear(4, 1))
        optimizer = torch.optim.Adam(model.parameters(), 0.1)
        x, y = torch.randn(4, 2), torch.randn(4, 1)
        loss = torch.zeros(())
        with record() if recorded else torch.enable_grad():
            for _ in range(3):
                optimizer.zero_grad()
                loss = F.mse_loss(model(x), y)
                loss.backward()
                optimizer.step()
        return [loss, *model.parameters()]

    assert all(torch.equal(a, b) for a, b in zip(trained(True), trained(False), strict=True))


def test_a_recording_of_inference_ends_like_any_other() -> None:
    with record(), torch.inference_mode():
        y = F.linear(torch.ones(1, 2), torch.full((1, 2), 0.5)).sum()
    assert shown(y)[0].value == 1.0


def test_sparse_tensors_are_left_alone() -> None:
    w = parameter([[1.0], [2.0]])
    with record():
        y = torch.sparse.mm(torch.eye(2, dtype=DOUBLE).to_sparse(), w).sum()
    with pytest.raises(ValueError, match="could not be recorded"):
        shown(y)
    y.backward()
    assert w.grad.tolist() == [[1.0], [1.0]]


def test_other_modes_count_what_they_count() -> None:
    w, x = normal(2, 2), normal(2, 2, requires_grad=False)
    with FlopCounterMode(display=False) as plain:
        (w @ x).sum()
    with FlopCounterMode(display=False) as recorded, record():
        y = (w @ x).sum()
        shown(y)
    assert recorded.get_total_flops() == plain.get_total_flops() > 0


def test_a_result_is_shown_while_the_recording_goes_on() -> None:
    w = parameter(2.0)
    with record():
        y = torch.lgamma(w) + F.mish(w)
        assert shown(y)[0].value == pytest.approx(y.item())
        z = y * 2.0
    assert shown(z)[0].value == pytest.approx(z.item())


def test_recordings_within_one_another_both_record() -> None:
    w = parameter(2.0)
    with record():
        a = w * 2.0
        with record():
            b = a * 3.0
        c = b + a
    assert [shown(t)[0].value for t in (a, c)] == [4.0, 16.0]


def test_other_threads_are_not_recorded() -> None:
    w = parameter(2.0)
    made: list[Any] = []
    with record():
        thread = threading.Thread(target=lambda: made.append(w * 3.0))
        thread.start()
        thread.join()
    with pytest.raises(ValueError, match="was not recorded"):
        shown(made[0])


def test_nothing_is_kept_of_a_recording_whose_results_are_gone() -> None:
    w = parameter(2.0)

    def recorded() -> Any:
        with record() as recording:
            y = (w * 3.0).tanh()
        shown(y)
        return weakref.ref(recording)

    gone = recorded()
    gc.collect()
    assert gone() is None


# -- what is a leaf, a constant, a cut -----------------------------------------------------------------------


def test_a_step_of_an_optimizer_makes_a_leaf_again() -> None:
    w = parameter([0.5, -1.0])
    optimizer = torch.optim.SGD([w], 0.1, momentum=0.9)
    with record():
        for _ in range(3):
            optimizer.zero_grad()
            loss = (w * w).sum()
            loss.backward()
            optimizer.step()
        loss = (w * w).sum()
    root, _ = shown(loss)
    assert len(upstream(root)) == 5
    assert labels(root) >= {"w[0]", "w[1]"}


def test_a_step_by_hand_makes_a_leaf_again() -> None:
    w = parameter(0.5)
    with record():
        (w * w).backward()
        w.data -= 0.1 * w.grad
        y = w * w
    root, _ = shown(y)
    assert len(upstream(root)) == 2
    assert next(node for node in upstream(root) if not node.prevs).value == w.item()


def test_detach_and_data_cut() -> None:
    compared(lambda w: w.detach() * w, parameter(3.0))
    compared(lambda w: w.data * w, parameter(3.0))

    def without_gradients(w: Any) -> Any:
        with torch.no_grad():
            m = w * 2
        return m * w

    graph, _ = compared(without_gradients, parameter(3.0))
    assert "detach" in graph.ops


def test_a_tensor_that_is_made_inside_is_a_constant_unless_it_has_a_name() -> None:
    w = parameter(2.0)
    with record():
        x = torch.tensor(3.0)
        y = w * x + torch.tensor(1.0)
    root, _ = shown(y)
    kinds = {node.label: node.op for node in upstream(root) if not node.prevs}
    assert kinds == {"w": None, "x": None, "": "const"}
    assert [node.requires_grad for node in upstream(root) if node.label == "x"] == [False]


def test_float32_is_written_shortly() -> None:
    w = parameter(0.1, dtype=torch.float32)
    with record():
        y = w * 3.0
    root, _ = shown(y)
    assert next(node for node in upstream(root) if node.label == "w").value == 0.1


def test_branches_that_are_ops_stay_live() -> None:
    x, y = parameter(3.0), parameter(2.0)
    with record():
        z = torch.where(x > y, x * y, y - x) + x.clamp(0.0, 1.0)
    graph = Graph.of(shown(z)[0])
    leaf = {label: i for i, label in graph.labels.items()}
    graph.set_leaf(leaf["x"], 0.5)
    graph.forward()
    assert graph.values[graph.outputs[0]] == 2.0
    graph.backward(graph.outputs[0])
    assert graph.grads[leaf["x"]] == 0.0 and graph.grads[leaf["y"]] == 1.0


def test_an_op_without_a_row_stays_live() -> None:
    m = normal(2, 2)
    with record():
        y = torch.linalg.det(m) * torch.lgamma(m[0, 0].exp())
    root, recording = shown(y)
    assert recording.unroller.live
    graph = Graph.of(root)
    corner = next(i for i, label in graph.labels.items() if label == "m[0,0]")
    graph.set_leaf(corner, 0.7)
    graph.forward()
    graph.backward(graph.outputs[0])
    with torch.no_grad():
        m[0, 0] = 0.7
    wanted = torch.linalg.det(m) * torch.lgamma(m[0, 0].exp())
    wanted.backward()
    assert graph.values[graph.outputs[0]] == pytest.approx(wanted.item())
    assert graph.grads[corner] == pytest.approx(m.grad[0, 0].item())


# -- verified when shown -------------------------------------------------------------------------------------


class Doubled(torch.autograd.Function):  # type: ignore[misc] # PyTorch is not there when lint runs
    """The identity with twice the gradient."""

    @staticmethod
    def forward(_ctx: Any, x: Any) -> Any:
        return x * 1.0

    @staticmethod
    def backward(_ctx: Any, grad: Any) -> Any:
        return 2.0 * grad


def test_a_function_with_a_backward_of_its_own_is_named() -> None:
    w = parameter(3.0)
    with record():
        y = Doubled.apply(w) * w
    with pytest.raises(ValueError, match=r"the gradient of w is 9 in PyTorch and 6 .*Doubled"):
        shown(y)
    assert w.grad is None


def test_a_hook_that_changes_a_gradient_is_named() -> None:
    w = parameter(3.0)
    w.register_hook(lambda grad: grad * 0.5)
    with record():
        y = w * w
    with pytest.raises(ValueError, match=r"a hook on w changes it"):
        shown(y)


def test_a_hook_in_between_is_named() -> None:
    w = parameter(3.0)
    with record():
        h = w * w
        h.register_hook(lambda grad: grad * 0.5)
        y = h * 2.0
    with pytest.raises(ValueError, match=r"a hook on h changes it"):
        shown(y)


def test_comparing_leaves_no_gradient_behind() -> None:
    w = parameter(3.0)
    with record():
        h = w * w
        h.retain_grad()
        y = h * 2.0
    shown(y)
    assert [h.grad, w.grad] == [None, None]
    y.backward()
    assert h.grad.item() == 2.0


def test_after_a_backward_pass_there_is_nothing_left_to_compare() -> None:
    w = parameter(3.0)
    with record():
        y = w.exp()
    y.backward()
    assert shown(y)[0].value == pytest.approx(y.item())


# -- what can't be shown -------------------------------------------------------------------------------------


def test_results_that_are_no_recorded_numbers_are_refused() -> None:
    w = parameter([1.0, 2.0])
    with record():
        y = w * 2.0
        z = y.sum()
    with pytest.raises(ValueError, match=re.escape("has the shape (2)")):
        shown(y)
    with pytest.raises(ValueError, match="was not recorded"):
        shown((w * 2.0).sum())
    with torch.no_grad():
        z.add_(1.0)
    with pytest.raises(ValueError, match="changed in place"):
        shown(z)


def test_what_was_computed_outside_is_refused() -> None:
    w = parameter(2.0)
    h = w * 3.0
    with record():
        y = h * h
    with pytest.raises(ValueError, match="computed outside"):
        shown(y)


def test_too_many_scalars_are_counted() -> None:
    model = nn.Linear(784, 100)
    with record():
        y = model(torch.ones(4, 784)).sum()
    with pytest.raises(ValueError, match=r"about 3\d\d,\d{3} scalars.*addmm.*limit is 20,000"):
        shown(y)
    with record(limit=10):
        y = nn.Linear(3, 2)(torch.ones(1, 3)).sum()
    with pytest.raises(ValueError, match=r"made of 20 scalars: the limit is 10"):
        shown(y)


def test_a_large_network_is_recorded_at_little_cost_and_refused() -> None:
    model = nn.Sequential(nn.Linear(1000, 1000), nn.ReLU(), nn.Linear(1000, 10))
    with record() as recording:
        y = model(torch.ones(64, 1000)).sum()
    with pytest.raises(
        ValueError, match=r"a tensor of 1,000,000 elements is too large .*smaller than 250,000"
    ):
        shown(y)
    assert sum(len(block.values) for block in recording.tape.blocks) < 200_000


def test_a_long_recording_stops_noting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd_widget.adapters.pytorch.tape.MOST_IDS", 1000)
    w = parameter([1.0] * 100)
    with record():
        y = sum(((w * 2.0).sum() for _ in range(20)), torch.zeros((), dtype=DOUBLE))
    with pytest.raises(ValueError, match="record the last step alone"):
        shown(y)
    y.backward()
    assert w.grad[0].item() == 40.0


def test_a_transformer_layer_is_drawn() -> None:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, dropout=0.0)
    x = torch.randn(1, 4, 8)
    with record():
        y = layer(x).square().mean()
    assert len(Graph.of(shown(y)[0])) > 1_000


# -- names and groups ----------------------------------------------------------------------------------------


def test_names_come_from_variables_and_modules() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
    X = torch.randn(1, 2)  # noqa: N806 # as people call it
    with record():
        h = model(X)
        loss = h.sum()
    root, _ = shown(loss)
    assert labels(root) >= {"0.weight[0,1]", "0.bias[1]", "2.weight[0,0]", "X[0,1]", "h[0,0]"}
    groups = [each.name for each in Graph.of(root).groups]
    assert groups == ["model: Sequential", "0: Linear", "1: Tanh", "2: Linear"]


class Stepped(nn.Module):  # type: ignore[misc] # PyTorch is not there when lint runs
    """A module with a group of its own in it."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(1, 1)

    def forward(self, x: Any) -> Any:
        with group("inside"):
            return self.inner(x).tanh()


def test_groups_around_and_within_modules_stay() -> None:
    cell, h = Stepped(), torch.ones(1, 1)
    with record():
        for t in range(2):
            with group(f"t={t}"):
                h = cell(h) * 2.0
    groups = Graph.of(shown(h)[0]).groups
    names = [(each.name, groups[each.parent].name if each.parent >= 0 else "") for each in groups]
    one = [("cell: Stepped", "t={}"), ("inside", "cell: Stepped"), ("inner: Linear", "inside")]
    assert names == [
        *[("t=0", ""), *[(a, b.format(0)) for a, b in one]],
        *[("t=1", ""), *[(a, b.format(1)) for a, b in one]],
    ]


def test_two_modules_with_the_same_names_are_told_apart() -> None:
    encoder, decoder = nn.Linear(1, 1), nn.Linear(1, 1)
    with record():
        y = decoder(encoder(torch.ones(1))).sum()
    assert labels(shown(y)[0]) >= {"encoder.weight[0,0]", "decoder.bias[0]"}


def test_given_names_come_instead() -> None:
    w, x = parameter(2.0), parameter([1.0, 3.0])
    with record(names={w: "slope"}):
        y = (w * x).sum()
    assert labels(shown(y)[0]) == {"slope"}


def test_leaves_of_a_module_stand_in_its_group_and_inputs_outside() -> None:
    model, x = nn.Linear(2, 1), torch.randn(1, 2)
    with record():
        y = model(x).sum()
    graph = Graph.of(shown(y)[0])
    (found,) = graph.groups
    inside = {
        i
        for first, last in zip(found.runs[::2], found.runs[1::2], strict=True)
        for i in range(first, last + 1)
    }
    label = {name: i for i, name in graph.labels.items()}
    assert {label["weight[0,0]"], label["bias[0]"]} <= inside
    assert label["x[0,0]"] not in inside


# -- reading and writing tensors -----------------------------------------------------------------------------


def test_a_move_is_written_into_the_tensor_and_pytorch_knows() -> None:
    w = parameter([[0.5, -1.0]])
    with record():
        loss = (w * w).sum()
    source = source_of([loss])
    leaf = next(node for node in upstream(source.roots[0]) if node.label == "w[0,1]")
    leaf.value = 2.0
    source.push()
    assert w.tolist() == [[0.5, 2.0]] and w.grad is None
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_a_pass_is_written_into_grad_and_an_optimizer_takes_it() -> None:
    model = nn.Linear(2, 1, dtype=DOUBLE)
    x = normal(3, 2, requires_grad=False)
    with record():
        loss = model(x).square().mean()
    source = source_of([loss])
    source.roots[0].backward()
    source.push()
    grads = [p.grad.clone() for p in model.parameters()]
    model.zero_grad()
    loss.backward()
    for p, grad in zip(model.parameters(), grads, strict=True):
        assert torch.allclose(p.grad, grad, rtol=1e-12)
    torch.optim.SGD(model.parameters(), 0.1).step()
    source.pull()
    weight = next(node for node in upstream(source.roots[0]) if node.label == "weight[0,1]")
    assert weight.value == model.weight[0, 1].item()


def test_gradients_of_tensors_are_taken_over_and_forgotten() -> None:
    w = parameter(3.0)
    with record():
        y = w * w
    y.backward()
    source = source_of([y])
    leaf = source.scalar_of(w)
    assert leaf is not None and leaf.grad == 6.0 and leaf.reached
    w.grad = None
    source.pull()
    assert not leaf.reached
    source.push()
    assert w.grad is None


def test_tensors_of_one_element_are_asked_for_by_themselves() -> None:
    w, other = parameter(3.0), parameter(1.0)
    with record():
        h = w * w
        y = h.tanh()
    source = source_of([y])
    found = source.scalar_of(h)
    assert found is not None and found.op == "*"
    assert source.scalar_of(y) is source.roots[0]
    assert source.scalar_of(other) is None and source.scalar_of("w") is None


def test_freezing_goes_both_ways() -> None:
    w = parameter(3.0)
    with record():
        y = w * w
    source = source_of([y])
    leaf = source.scalar_of(w)
    assert leaf is not None
    w.requires_grad_(False)
    source.pull()
    assert not leaf.requires_grad
    leaf.requires_grad = True
    source.push()
    assert w.requires_grad


def test_showing_writes_nothing() -> None:
    model = nn.Linear(2, 1)
    with record():
        y = model(torch.ones(1, 2)).sum()
    versions = [p._version for p in model.parameters()]
    source_of([y])
    source_of([y])
    assert [p._version for p in model.parameters()] == versions
    assert all(p.grad is None for p in model.parameters())
    y.backward()


def test_a_backward_of_pytorch_is_a_pass_here() -> None:
    model, x = nn.Linear(2, 1), torch.randn(3, 2)
    with record():
        loss = model(x).square().mean()
    source = source_of([loss])
    loss.backward(retain_graph=True)
    source.pull()
    (root,) = source.roots
    assert root.reached and root.grad == 1.0
    loss.backward(retain_graph=True)
    source.pull()
    assert root.grad == 2.0
    weight = next(node for node in upstream(root) if node.label == "weight[0,1]")
    assert weight.grad == pytest.approx(model.weight.grad[0, 1].item(), rel=1e-5)
    model.weight.grad += 1.0
    source.pull()
    assert weight.grad == pytest.approx(model.weight.grad[0, 1].item(), rel=1e-5) and not root.reached
