"""Learn: gradient descent by hand and by itself, held against a loop written out here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from autograd_widget import GraphWidget, Scalar
from autograd_widget.engine.backward import upstream
from browser import by_hand as documents
from browser.by_hand import H1, H2, H3, WH, W, document_of, labels, learn_of, part, press, seed
from browser.harness import messages, receive
from view import View

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from browser.by_hand import Document

A, X, B, LOSS, T = 0, 1, 2, 8, 5
STEP = "p ← p − lr·grad"
# The ends of sliders that need more room than their cards have.
WIDER_THAN_CARDS = """
root => [...root.querySelectorAll("[data-node] .agw-ends")]
  .filter((row) => row.scrollWidth > row.clientWidth + 1).map((row) => row.textContent)
"""
RATE = re.compile("learning rate|学习率")


def line(a: float = 0.3, b: float = -0.5) -> Document:
    """loss = (a·x + b − t)², x = 2 and t = 1 frozen."""
    parts = (a, 2.0, b, ("*", 0, 1), ("+", 3, 2), 1.0, ("-", 4, 5), (2.0,), ("**", 6, 7))
    return document_of(*parts, label=labels("a", "x", "b", "", "p", "t", "", "", "loss"), frozen=[X, T])


class Loop:
    """A training loop as in a cell: zero_grad, backward, step."""

    def __init__(self, rate: float = 0.1, momentum: float = 0.0, zeroes: bool = True) -> None:
        self.a, self.b = 0.3, -0.5
        self.grad = {A: 0.0, B: 0.0}
        self._velocity = {A: 0.0, B: 0.0}
        self._rate, self._momentum, self._zeroes = rate, momentum, zeroes

    @property
    def loss(self) -> float:
        return (self.a * 2 + self.b - 1) ** 2

    def backward(self) -> None:
        error = self.a * 2 + self.b - 1
        self.grad[A] += 2 * error * 2
        self.grad[B] += 2 * error

    def step(self) -> None:
        if self._zeroes:
            self.grad = {A: 0.0, B: 0.0}
        self.backward()
        for leaf in (A, B):
            self._velocity[leaf] = self._momentum * self._velocity[leaf] + self.grad[leaf]
        self.a -= self._rate * self._velocity[A]
        self.b -= self._rate * self._velocity[B]


def view_of(page: Page, document: Document, **options: Any) -> View:
    """Show a document, with the row in which one learns."""
    view = documents.view_of(page, document, **options)
    learn_of(view)
    return view


def learn(view: View) -> Locator:
    return view.root.locator(".agw-learn")


def by_hand(leaf: int, grad: float) -> dict[str, Any]:
    """The record of a gradient that somebody has set."""
    return {"hand": True, "added": {str(leaf): grad}}


def sent(page: Page, name: str) -> Any:
    """The last that was sent of a trait; the page is given the time in which it saves."""
    page.wait_for_function("() => true")
    page.clock.run_for(1000)
    return next((message[name] for message in reversed(messages(page)) if name in message), None)


@pytest.fixture
def page(page: Page) -> Page:
    """A page whose time is in the test's hands."""
    page.clock.install(time=0)
    return page


@pytest.mark.parametrize("momentum", [False, True], ids=["plain", "momentum"])
@pytest.mark.parametrize("zeroes", [True, False], ids=["zeroes", "piles up"])
@pytest.mark.parametrize("rate", [0.1, 0.03])
def test_a_step_is_what_a_loop_does(page: Page, rate: float, zeroes: bool, momentum: bool) -> None:
    view = view_of(page, line())
    learn(view).get_by_label(RATE).fill(str(rate))
    learn(view).get_by_label("momentum").set_checked(momentum)
    learn(view).get_by_label("zero first").set_checked(zeroes)
    loop = Loop(rate, 0.9 if momentum else 0.0, zeroes)
    for count in range(1, 8):
        press(view, STEP)
        loop.step()
        assert (view.value(A), view.value(B)) == pytest.approx((loop.a, loop.b), rel=1e-12)
        assert view.value(LOSS) == pytest.approx(loop.loss, rel=1e-9)
        told = re.search(r"(\d+) steps?, loss (\S+)", learn(view).inner_text())
        assert told and int(told[1]) == count
        assert float(told[2].replace("−", "-")) == pytest.approx(loop.loss, rel=0.06, abs=0.0051)
    assert (view.value(X), view.value(T)) == (2.0, 1.0), "inputs stay"
    if not zeroes:
        before = dict(loop.grad)
        loop.backward()
        assert [view.grad(A), view.grad(B)] == pytest.approx([loop.grad[A], loop.grad[B]])
        *earlier, last = sent(page, "passes")
        assert (len(earlier), last) == (7, {"root": LOSS})
        for leaf in (A, B):
            assert sum(record["added"][str(leaf)] for record in earlier) == pytest.approx(before[leaf])


def test_forgetting_to_zero_shows(page: Page) -> None:
    good, bad = Loop(0.05), Loop(0.05, zeroes=False)
    view = view_of(page, line(), selected=A)
    learn(view).get_by_label(RATE).fill("0.05")
    learn(view).get_by_label("zero first").uncheck()
    for _ in range(10):
        press(view, STEP)
        good.step()
        bad.step()
    assert abs(good.loss - bad.loss) > 0.01
    assert view.value(LOSS) == pytest.approx(bad.loss, rel=1e-9)
    expect(part(view, "a.grad")).to_contain_text("stay: set by hand, or run at other")


def test_the_kernel_follows(page: Page) -> None:
    document = line()
    view = view_of(page, document, passes=[])
    loop = Loop()
    for _ in range(3):
        press(view, STEP)
        loop.step()
    assert sent(page, "values") == pytest.approx({str(A): loop.a, str(X): 2.0, str(B): loop.b, str(T): 1.0})
    assert sent(page, "passes") == [{"root": LOSS}]
    assert {key for message in messages(page) for key in message} == {"values", "passes"}


class InPython:
    """The line as scalars, with one pass already run at the values that there are."""

    def __init__(self) -> None:
        self.a, self.b = Scalar(0.3, label="a"), Scalar(-0.5, label="b")
        x, t = Scalar(2.0, label="x", requires_grad=False), Scalar(1.0, label="t", requires_grad=False)
        self.loss = (self.a * x + self.b - t).tanh() ** 2
        self.loss.label = "loss"
        self.loss.backward()

    def numbers(self) -> list[float]:
        """Every value and every gradient."""
        return [number for node in upstream(self.loss) for number in (node.value, node.grad)]

    def learn(self, steps: int, momentum: float, zeroes: bool) -> None:
        """Run the loop as a cell does."""
        a, b = self.a, self.b
        velocity_a = velocity_b = 0.0
        for _ in range(steps):
            velocity_a, velocity_b = momentum * velocity_a + a.grad, momentum * velocity_b + b.grad
            a.value -= 0.1 * velocity_a
            b.value -= 0.1 * velocity_b
            if zeroes:
                self.loss.zero_grad()
            self.loss.forward()
            self.loss.backward()


@pytest.mark.parametrize("momentum", [False, True], ids=["plain", "momentum"])
@pytest.mark.parametrize("zeroes", [True, False], ids=["zeroes", "piles up"])
def test_python_ends_where_the_same_steps_in_a_cell_end(page: Page, zeroes: bool, momentum: bool) -> None:
    cell, learned = InPython(), InPython()
    cell.learn(6, 0.9 if momentum else 0.0, zeroes)
    g = GraphWidget(learned.loss)
    state = {name: getattr(g, name) for name in ("values", "passes", "frozen")}
    view = view_of(page, g.graph, **state)
    learn(view).get_by_label("momentum").set_checked(momentum)
    learn(view).get_by_label("zero first").set_checked(zeroes)
    for steps in (1, 3, 2):  # a busy kernel hears of several steps at once
        for _ in range(steps):
            press(view, STEP)
        g.set_state({name: told for name in ("values", "passes") if (told := sent(page, name)) is not None})
    assert learned.numbers() == pytest.approx(cell.numbers(), rel=1e-12)
    assert str(g.ledger) == str(GraphWidget(cell.loss).ledger)


def test_earlier_passes_are_forgotten_when_it_zeroes_again(page: Page) -> None:
    view = view_of(page, line())
    zero = learn(view).get_by_label("zero first")
    zero.uncheck()
    press(view, STEP)
    press(view, STEP)
    assert len(sent(page, "passes")) == 3
    zero.check()
    press(view, STEP)
    assert sent(page, "passes") == [{"root": LOSS}]
    assert view.grad(A) == pytest.approx(view.pass_grad(A))


def test_the_loss_is_chosen_among_the_roots(page: Page) -> None:
    view = view_of(page, seed(), passes=[])
    choice = learn(view).get_by_role("combobox")
    assert choice.locator("option").all_text_contents() == ["h1", "h2", "h3"]
    expect(choice).to_have_value(str(H3))
    choice.select_option("h2")
    press(view, STEP)
    # h2 = w + wh·w at w = 0.3, wh = 0.5
    assert view.value(W) == pytest.approx(0.3 - 0.1 * 1.5)
    assert view.value(WH) == pytest.approx(0.5 - 0.1 * 0.3)
    assert sent(page, "passes") == [{"root": H2}]
    expect(view.root.locator(".agw-sentence")).to_contain_text("h2 =")


def test_a_single_root_needs_no_choice(page: Page) -> None:
    view = view_of(page, line())
    expect(learn(view).get_by_role("combobox")).to_have_count(0)


def test_earlier_passes_count_only_where_nothing_is_zeroed(page: Page) -> None:
    view = view_of(page, seed(), passes=[H3, H3])
    press(view, STEP)
    assert view.value(W) == pytest.approx(0.3 - 0.1 * 1.75)
    view = view_of(page, seed(), passes=[H3, H3])
    learn(view).get_by_label("zero first").uncheck()
    press(view, STEP)
    assert view.value(W) == pytest.approx(0.3 - 0.1 * 3.5)


def test_passes_from_other_roots_count_too_where_nothing_is_zeroed(page: Page) -> None:
    view = view_of(page, seed(), passes=[by_hand(W, 10.0), H1, H2])
    learn(view).get_by_label("zero first").uncheck()
    press(view, STEP)
    assert view.value(W) == pytest.approx(0.3 - 0.1 * (10 + 1 + 1.5 + 1.75))


def test_a_frozen_parameter_stays(page: Page) -> None:
    view = view_of(page, line())
    receive(page, frozen=[X, B, T])
    for _ in range(3):
        press(view, STEP)
    a = 0.3
    for _ in range(3):
        a -= 0.1 * 2 * (a * 2 - 0.5 - 1) * 2
    assert (view.value(A), view.value(B)) == pytest.approx((a, -0.5))


def test_back_to_start(page: Page) -> None:
    view = view_of(page, seed())
    back = view.root.get_by_role("button", name="back to start", exact=True)
    expect(back).to_be_hidden()
    for _ in range(4):
        press(view, STEP)
    assert view.value(W) != 0.3
    back.click()
    assert (view.value(W), view.value(WH)) == (0.3, 0.5)
    assert view.grad(W) == pytest.approx(4.25), "the passes are back too"
    assert sent(page, "passes") == [{"root": H1}, {"root": H2}, {"root": H3}]
    assert sent(page, "values")[str(W)] == 0.3
    expect(back).to_be_hidden()
    expect(learn(view)).not_to_contain_text("steps")
    press(view, STEP)
    assert view.value(W) == pytest.approx(0.3 - 0.1 * 1.75)


def test_back_to_start_brings_back_what_was_set_by_hand(page: Page) -> None:
    view = view_of(page, line(), passes=[by_hand(A, 2.0), LOSS])
    before = view.grad(A)
    press(view, STEP)
    press(view, "back to start")
    assert view.grad(A) == pytest.approx(before)


def test_it_begins_where_the_sliders_are(page: Page) -> None:
    view = view_of(page, line())
    moved = view.drag(A, 1.0)
    press(view, STEP)
    press(view, "back to start")
    assert view.value(A) == moved


def test_it_plays_and_pauses(page: Page) -> None:
    view = view_of(page, line())
    page.clock.pause_at(10_000)
    play = learn(view).get_by_role("button", name=re.compile("play|pause"))
    play.click()
    expect(play).to_have_text("pause")
    page.clock.run_for(2000)
    steps = re.search(r"(\d+) steps", learn(view).inner_text())
    assert steps and int(steps[1]) >= 10
    loop = Loop()
    for _ in range(int(steps[1])):
        loop.step()
    assert view.value(LOSS) == pytest.approx(loop.loss, rel=1e-6, abs=1e-12)
    play.click()
    expect(play).to_have_text("play")
    at = view.value(A)
    page.clock.run_for(5000)
    assert view.value(A) == at
    assert sent(page, "values")[str(A)] == pytest.approx(at)


def test_a_step_by_hand_stops_it(page: Page) -> None:
    view = view_of(page, line())
    page.clock.pause_at(10_000)
    learn(view).get_by_role("button", name="play").click()
    page.clock.run_for(500)
    press(view, STEP)
    at = view.value(A)
    page.clock.run_for(5000)
    assert view.value(A) == at


def test_a_slider_can_be_moved_while_it_plays(page: Page) -> None:
    view = view_of(page, line())
    page.clock.pause_at(10_000)
    learn(view).get_by_role("button", name="play").click()
    page.clock.run_for(500)
    receive(page, values={str(A): -1.0, str(X): 2.0, str(B): 0.0, str(T): 1.0})
    page.clock.run_for(130)
    a = -1.0
    a -= 0.1 * 2 * (a * 2 - 1) * 2
    assert view.value(A) == pytest.approx(a)


def test_divergence_is_said_and_stops_it(page: Page) -> None:
    view = view_of(page, line())
    page.clock.pause_at(10_000)
    learn(view).get_by_label(RATE).fill("5")
    learn(view).get_by_role("button", name="play").click()
    page.clock.run_for(20_000)
    loop, wanted = Loop(5), 0
    while loop.loss < 1e12:
        loop.step()
        wanted += 1
    expect(learn(view)).to_contain_text(f"diverged after {wanted} steps")
    expect(learn(view).get_by_role("button", name="play")).to_have_text("play")
    assert view.value(LOSS) == pytest.approx(loop.loss)
    press(view, "back to start")
    assert view.value(A) == 0.3
    expect(learn(view)).not_to_contain_text("diverged")


@pytest.mark.parametrize("zeroes", [True, False])
def test_back_to_start_brings_back_the_sliders_ranges(page: Page, zeroes: bool) -> None:
    view = view_of(page, line(), selected=A)
    learn(view).get_by_label(RATE).fill("5")
    learn(view).get_by_label("zero first").set_checked(zeroes)
    for _ in range(12):
        press(view, STEP)
    assert float(view.slider(A).get_attribute("max") or 0) > 1e6, "it widens as the parameter goes"
    assert view.root.evaluate(WIDER_THAN_CARDS) == []
    press(view, "back to start")
    assert (view.slider(A).get_attribute("min"), view.slider(A).get_attribute("max")) == ("-2", "2")
    press(view, STEP)
    press(view, "reset")
    assert (view.slider(A).get_attribute("min"), view.slider(A).get_attribute("max")) == ("-2", "2")


def test_the_way_before_is_kept_to_compare(page: Page) -> None:
    view = view_of(page, line())
    earlier, now = learn(view).locator(".agw-loss polyline").all()
    learn(view).get_by_label("zero first").uncheck()
    for _ in range(6):
        press(view, STEP)
    way = now.get_attribute("points")
    assert earlier.get_attribute("points") == ""
    press(view, "back to start")
    learn(view).get_by_label("zero first").check()
    for _ in range(3):
        press(view, STEP)
    assert len((now.get_attribute("points") or "").split()) == 4
    assert earlier.get_attribute("points") == way, "nothing of the new way is outside the old one's frame"


def test_the_loss_is_plotted(page: Page) -> None:
    view = view_of(page, line())
    plot = learn(view).locator(".agw-loss polyline").last
    expect(plot).to_be_hidden()
    for _ in range(5):
        press(view, STEP)
    points = [
        [float(one) for one in point.split(",")] for point in (plot.get_attribute("points") or "").split()
    ]
    assert len(points) == 6
    loop, losses = Loop(), [Loop().loss]
    for _ in range(5):
        loop.step()
        losses.append(loop.loss)
    heights = [(y - points[-1][1]) / (points[0][1] - points[-1][1]) for _, y in points]
    wanted = [(loss - losses[-1]) / (losses[0] - losses[-1]) for loss in losses]
    assert heights == pytest.approx(wanted, abs=0.01)
    assert [x for x, _ in points] == sorted(x for x, _ in points)


def test_the_plot_has_its_ends_and_the_last_loss_is_told(page: Page) -> None:
    view = view_of(page, line())
    for _ in range(3):
        press(view, STEP)
    loop, losses = Loop(), [Loop().loss]
    for _ in range(3):
        loop.step()
        losses.append(loop.loss)
    written = [f"{loss:.3g}" for loss in losses]
    expect(learn(view)).to_contain_text(f"3 steps, loss {written[3]}")
    ends = learn(view).locator(".agw-loss text")
    assert [end.text_content() for end in ends.all()] == [written[0], written[3]]


def root_of(*last: tuple[Any, ...]) -> Document:
    """A result of `a` = 0.5 and `x` = −2."""
    return document_of(0.5, -2.0, *last, label=labels("a", "x", *[""] * (len(last) - 1), "y"), frozen=[1])


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (root_of(("*", 0, 1)), "y has no minimum along a"),
        (root_of(("*", 0, 1), (3.0,), ("**", 2, 3)), "y has no minimum"),
        (root_of(("*", 0, 1), (2.0,), ("**", 2, 3)), None),
        (root_of(("*", 0, 1), ("abs", 2)), None),
        (root_of(("*", 0, 1), ("tanh", 2)), None),
        (root_of(("*", 0, 1), ("exp", 2)), None),
    ],
)
def test_a_result_without_a_minimum_is_said(page: Page, document: Document, said: str | None) -> None:
    view = view_of(page, document)
    if said:
        expect(view.root.get_by_role("alert")).to_contain_text(said)
    else:
        expect(view.root.get_by_role("alert")).not_to_contain_text("minimum")


def test_relus_that_are_off_are_counted(page: Page) -> None:
    view = view_of(page, root_of(("*", 0, 1), ("relu", 2), ("neg", 2), ("relu", 4), ("+", 3, 5)))
    expect(view.root.get_by_role("alert")).to_contain_text("relu off: 1 / 2")


@pytest.mark.parametrize("rate", ["", "e", "-"])
def test_a_learning_rate_that_is_none_moves_nothing(page: Page, rate: str) -> None:
    view = view_of(page, line())
    box = learn(view).get_by_label(RATE)
    box.focus()
    box.press("ControlOrMeta+a")
    box.press("Delete")
    box.press_sequentially(rate)
    press(view, STEP)
    assert (view.value(A), view.value(B)) == (0.3, -0.5)


def test_a_replay_ends_when_learning_begins(page: Page) -> None:
    view = view_of(page, line())
    view.node(X).press("Home")
    press(view, STEP)
    loop = Loop()
    loop.step()
    assert view.value(A) == pytest.approx(loop.a)
    assert "Nothing is computed yet" not in view.root.inner_text()


def test_another_view_sees_it(page: Page) -> None:
    first = view_of(page, line(), views=2)
    second = View(page, 1)
    press(first, STEP)
    assert second.value(A) == first.value(A) != 0.3


def test_in_chinese(page: Page) -> None:
    view = view_of(page, line(), language="zh")
    expect(view.root.get_by_role("group", name="学习")).to_be_visible()
    group = learn(view)
    group.get_by_label(RATE).fill("50")
    press(view, STEP)
    expect(group).to_contain_text("1 步，损失")
    for _ in range(6):
        press(view, STEP)
    expect(group).to_contain_text("步后发散")
    press(view, "回到起点")
    assert view.value(A) == 0.3


def test_the_first_step_moves_nothing_but_numbers(page: Page) -> None:
    view = view_of(page, line())
    before = view.root.locator(".agw-canvas").bounding_box()
    press(view, STEP)
    assert view.root.locator(".agw-canvas").bounding_box() == before


def test_another_loss_begins_another_plot(page: Page) -> None:
    view = view_of(page, seed())
    press(view, STEP)
    press(view, STEP)
    loss = learn(view).get_by_role("combobox")
    loss.select_option(label="h1")
    points = learn(view).locator(".agw-loss polyline").last
    expect(points).to_have_attribute("points", "")
    press(view, STEP)
    assert len((points.get_attribute("points") or "").split()) == 2
