"""Updates of displayed widgets, in a cell and in an event loop."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from typing import TYPE_CHECKING, Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from autograd_widget import GraphWidget, Value
from autograd_widget.engine.observers import pulse
from autograd_widget.widget import updates as module
from autograd_widget.widget.updates import Updates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STEPS = 200


@pytest.fixture
def updates(monkeypatch: pytest.MonkeyPatch) -> Updates:
    """Nobody waits, and no shell is known."""
    made = Updates()
    monkeypatch.setattr(module, "updates", made)
    monkeypatch.setattr("autograd_widget.widget.following.updates", made)
    monkeypatch.setattr(pulse, "beat", None)
    return made


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """IPython, without a kernel."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def seen(y: Value) -> tuple[GraphWidget, list[Any]]:
    """A widget with a view, and what its page is told."""
    g = GraphWidget(y)
    g.set_state({"_view_count": 1})
    told: list[Any] = []
    g.observe(lambda change: told.append(change["new"]), names="values")
    return g, told


def loop(w: Value, y: Value) -> None:
    for i in range(STEPS):
        w.data = 1.0 + i
        y.forward()
        y.backward()
        w.grad = 0.0


def alone(test: Callable[[], None]) -> Callable[[], None]:
    """Run a test where no event loop is running, as other tests' browsers leave one in this thread."""

    @wraps(test)
    def run() -> None:
        with ThreadPoolExecutor(1) as threads:
            threads.submit(test).result()

    return run


@pytest.mark.usefixtures("updates")
@alone
def test_without_a_host_each_change_is_shown() -> None:
    w = Value(0.5)
    y = w * w
    _, told = seen(y)
    loop(w, y)
    assert len(told) == STEPS


@pytest.mark.usefixtures("updates")
def test_a_cell_shows_some_states_and_at_its_end_the_last_one(shell: InteractiveShell) -> None:
    w = Value(0.5)
    y = w * w
    _, told = seen(y)
    shell.user_ns |= {"loop": loop, "w": w, "y": y, "told": told}
    shell.run_cell("loop(w, y)\nduring = len(told)")  # type: ignore[no-untyped-call] # IPython's
    assert 0 < shell.user_ns["during"] < STEPS / 4
    assert told[-1] == {"0": float(STEPS)}


@pytest.mark.usefixtures("updates")
@alone
def test_an_event_loop_shows_the_last_state_when_it_is_free() -> None:
    w = Value(0.5)
    y = w * w
    _, told = seen(y)

    async def cell() -> int:
        loop(w, y)
        during = len(told)
        await asyncio.sleep(0)
        return during

    assert 0 < asyncio.run(cell()) < STEPS / 4
    assert told[-1] == {"0": float(STEPS)}


@pytest.mark.usefixtures("updates")
@alone
def test_another_thread_s_passes_are_shown_by_the_widget_s_own() -> None:
    w = Value(0.5)
    y = w * w
    _, told = seen(y)

    async def main() -> None:
        w.data = 0.75  # so that the loop is known
        await asyncio.sleep(0)
        told.clear()
        thread = threading.Thread(target=loop, args=(w, y))
        thread.start()
        await asyncio.to_thread(thread.join)
        await asyncio.sleep(0.01)

    asyncio.run(main())
    assert told[-1] == {"0": float(STEPS)}
    assert len(told) < STEPS / 4


@pytest.mark.usefixtures("updates")
def test_an_update_that_fails_does_not_stop_a_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Value(0.5)
    y = w * w
    seen(y)

    def fail(_: GraphWidget) -> None:
        raise KeyError("boom")

    monkeypatch.setattr(GraphWidget, "_look", fail)
    with pytest.warns(UserWarning, match="could not be brought up to date"):
        y.backward()
    assert w.grad == 1.0
