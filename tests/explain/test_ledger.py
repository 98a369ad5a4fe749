"""The ledger: what each pass added to which gradient, the oldest first."""

from __future__ import annotations

from typing import Any

import pytest

from autograd_widget import GraphWidget, Scalar, Value


class Seed:
    """Back-propagation through time: w is used three times."""

    def __init__(self) -> None:
        self.w, self.wh = Scalar(0.3, label="w"), Scalar(0.5, label="wh")
        self.x = [Scalar(1.0, label=f"x{i}", requires_grad=False) for i in (1, 2, 3)]
        self.h1 = self.w * self.x[0]
        self.h2 = self.w * self.x[1] + self.wh * self.h1
        self.h3 = self.w * self.x[2] + self.wh * self.h2
        for i, h in enumerate((self.h1, self.h2, self.h3), 1):
            h.label = f"h{i}"


@pytest.fixture
def seed() -> Seed:
    return Seed()


def added(g: GraphWidget, key: str = "w") -> list[tuple[str, float]]:
    return [(row.name, row.added[key]) for row in g.ledger]


def loop(steps: int) -> tuple[Value, Value]:
    """A training loop that forgets to zero its gradients."""
    w = loss = Value(1.0, label="w")
    for _ in range(steps):
        loss = (2 * w - 1) ** 2
        loss.backward()
        w.data -= 0.01 * w.grad
    return w, loss


def test_a_row_for_each_pass(seed: Seed) -> None:
    for h in (seed.h1, seed.h2, seed.h3):
        h.backward()
    g = GraphWidget(seed.h3)
    assert added(g) == [("h1.backward()", 1.0), ("h2.backward()", 1.5), ("h3.backward()", 1.75)]
    assert added(g, "wh") == [("h1.backward()", 0.0), ("h2.backward()", 0.3), ("h3.backward()", 0.6)]
    assert (g.ledger.grads["w"], seed.w.grad, g.ledger.preview) == (4.25, 4.25, False)
    assert [row.root for row in g.ledger] == [seed.h1, seed.h2, seed.h3]
    assert (set(g.ledger[0].reached), dict(g.ledger[0].at), g.ledger[0].live) == ({"w"}, {"w": 0.3}, True)
    g["wh"] = -2.0  # h1 = w, h2 = w + wh·w, h3 = w + wh·w + wh²·w
    assert [x for _, x in added(g)] == [1.0, -1.0, 3.0]
    assert seed.w.grad == 3.0


def test_iterations_that_forget_to_zero_are_rows_of_their_own() -> None:
    w, loss = loop(5)
    g = GraphWidget(loss)
    assert [row.name for row in g.ledger] == ["loss.backward()"] * 5
    assert [row.at["w"] for row in g.ledger] == pytest.approx([1.0, 0.96, 0.8832, 0.775744, 0.64622848])
    assert [row.live for row in g.ledger] == [False] * 5
    total = 0.0
    for row in g.ledger:
        total += row.added["w"]
    assert total == w.grad == g.grads["w"]


def test_of_many_passes_the_earlier_ones_are_one_row() -> None:
    w, loss = loop(1000)
    g = GraphWidget(loss)
    assert [row.count for row in g.ledger] == [950] + [1] * 50
    assert g.ledger[0].name == "950 earlier passes, together"
    assert sum(row.added["w"] for row in g.ledger) == pytest.approx(w.grad)
    g.language = "zh"
    assert g.ledger[0].name == "更早的 950 次，合计"


def test_what_was_set_by_hand_is_a_row() -> None:
    w, x = Value(2.0, label="w"), Value(3.0, label="x")
    y = w * x
    y.backward()
    w.grad = 2.0
    y.backward()
    g = GraphWidget(y)
    rows = [(row.name, row.added["w"], row.added["x"], set(row.reached)) for row in g.ledger]
    assert rows == [
        ("y.backward()", 0.0, 2.0, {"x"}),
        ("set by hand", 2.0, 0.0, {"w"}),
        ("y.backward()", 3.0, 2.0, {"w", "x"}),
    ]
    assert (g.grads["w"], g.grads["x"]) == (5.0, 4.0)


def test_gradients_that_were_clipped_are_one_row() -> None:
    weights = [Value(float(i), label=f"w{i}") for i in range(4)]
    y: Any = sum(weights)
    y.backward()
    for w in weights:
        w.grad = 0.5
    rows = [(row.name, row.preview, len(row.reached)) for row in GraphWidget(y).ledger]
    assert rows == [("set by hand", False, 4), ("y.backward()", True, 4)], (
        "of passes there is a preview alone"
    )


def test_a_pass_from_elsewhere_has_its_name(seed: Seed) -> None:
    loss = (seed.h3 - 1.0) ** 2
    loss.backward()
    seed.h3.backward()
    g = GraphWidget(seed.h3)
    assert added(g) == [("loss.backward()", pytest.approx(-0.95 * 1.75)), ("h3.backward()", 1.75)]
    assert [row.root for row in g.ledger] == [loss, seed.h3]
    loss.label = "L"
    seed.h3.backward()
    assert g.ledger[0].name == "L.backward()"


def test_a_pass_whose_name_nobody_knows(seed: Seed) -> None:
    (seed.w * 5.0).backward()
    assert GraphWidget(seed.h3).ledger[0].name == "a pass from elsewhere"


TEXT = """\
                   w     wh
set by hand        –  +0.10
h1.backward()  +1.00      –
h3.backward()  +1.75  +0.60
───────────────────────────
.grad           2.75   0.70"""

MARKDOWN = """\
|  | w | wh |
| :-- | --: | --: |
| set by hand | – | +0.10 |
| h1.backward() | +1.00 | – |
| h3.backward() | +1.75 | +0.60 |
| **.grad** | **2.75** | **0.70** |"""


def test_the_ledger_as_text_and_as_markdown(seed: Seed) -> None:
    seed.wh.grad = 0.1
    seed.h1.backward()
    seed.h3.backward()
    g = GraphWidget(seed.h3)
    assert str(g.ledger) == repr(g.ledger) == TEXT
    assert g.ledger._repr_markdown_() == MARKDOWN
    assert [row.name for row in g.ledger[1:]] == ["h1.backward()", "h3.backward()"]
    g.language = "zh"
    assert [row.name for row in g.ledger][:2] == ["手动设置", "h1.backward()"]


def test_the_ledger_of_a_preview_says_so(seed: Seed) -> None:
    g = GraphWidget(seed.h1, seed.h3)
    assert (added(g), g.ledger.preview) == ([("h1.backward()", 1.0), ("h3.backward()", 1.75)], True)
    assert all(row.preview for row in g.ledger)
    assert str(g.ledger).startswith("Preview: no pass was run")
    assert g.ledger.grads["w"] == g.grads["w"] == 2.75
    g.language = "zh"
    assert str(g.ledger).startswith("预览：尚未运行反向传播")
    nothing = GraphWidget(seed.h3, passes=[])
    assert str(nothing.ledger) == "No backward pass has run yet."
    nothing.language = "zh"
    assert str(nothing.ledger) == "还没有运行过反向传播。"


def test_a_long_ledger_is_cut_and_still_adds_up() -> None:
    leaves = [Scalar(1.0, label=f"p{i}") for i in range(12)]
    y: Any = sum(leaves)
    for _ in range(50):
        y.backward()
    g = GraphWidget(y)
    lines = str(g.ledger).splitlines()
    assert lines[0].split() == [*[f"p{i}" for i in range(8)], "…"]
    assert lines[1].split() == ["31", "earlier", "passes,", "together", *["+31.00"] * 8, "…"]
    assert len(lines) == 1 + 20 + 2
    assert len(g.ledger) == 50


def test_labels_that_are_there_twice() -> None:
    a, b = Scalar(1.0, label="w"), Scalar(2.0, label="w")
    y = a * b
    y.backward()
    g = GraphWidget(y)
    assert g.ledger[0].added == {a: 2.0, b: 1.0}
    assert str(g.ledger).splitlines()[0].split() == ["w", "w"]
