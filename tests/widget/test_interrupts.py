"""Ctrl+C at any point of a message from the page: all of the message is done, or nothing.

`make test` tries a part of the points, `make fuzz` all.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from autograd_widget import GraphWidget, Value
from autograd_widget.engine.locking import exclusive

if TYPE_CHECKING:
    from types import FrameType

TRACED = ("autograd_widget", "ipywidgets", "traitlets")

MESSAGES: list[dict[str, Any]] = [
    {"values": {"0": 0.25}},
    {"passes": [{"root": 3}]},
    {"passes": []},
    {"frozen": [0], "selected": 1},
    {"values": {"0": 0.5, "1": 3.0}, "passes": [], "selected": 2},
]

NEXT: dict[str, Any] = {"values": {"0": 7.0, "1": -1.0}}

Place: TypeAlias = tuple[str, int]


@dataclass
class Shown:
    """Two results of the same leaves, each with a widget; two passes were run."""

    nodes: list[Value]
    widgets: list[GraphWidget]

    def state(self) -> str:
        """Everything that somebody sees of them."""
        held = [(x.value, x.grad, x.reached, x.requires_grad) for x in self.nodes]
        told = [
            (dict(g.values), list(g.passes), list(g.frozen), dict(g.stale), dict(g.grads), g.selected)
            for g in self.widgets
        ]
        return repr((held, told))

    def close(self) -> None:
        """Take the widgets off the page."""
        for widget in self.widgets:
            widget.close()


def shown() -> Shown:
    w, x = Value(1.5, label="w"), Value(-2.0, label="x")
    h = w * x
    y, z = h.tanh(), w + x
    y.backward()
    y.backward()
    widgets = [GraphWidget(y), GraphWidget(z)]
    for widget in widgets:
        widget.set_state({"_view_count": 1})
    return Shown([w, x, h, y, z], widgets)


class Interrupt:
    """Counts the lines that run, and raises at one of them."""

    def __init__(self, at: int = 0) -> None:
        self.at, self.lines = at, list[Place]()

    def during(self, act: Callable[[], None]) -> None:
        """Run an act, and interrupt it."""
        before = sys.gettrace()
        gc.disable()  # an interrupt of a finalizer is no interrupt of what is running
        sys.settrace(self._called)
        try:
            act()
        except KeyboardInterrupt:
            pass
        except AttributeError as error:  # of traitlets, where its clean-up finds nothing to clean up
            if not isinstance(error.__context__, KeyboardInterrupt):
                raise
        finally:
            sys.settrace(before)
            gc.enable()
            while exclusive._is_owned():  # type: ignore[attr-defined] # a tracer alone comes before `__exit__`
                exclusive.release()

    def _called(self, frame: FrameType, _: str, __: object) -> Any:
        parts = Path(frame.f_code.co_filename).parts
        return self._ran if any(name in parts for name in TRACED) else None

    def _ran(self, frame: FrameType, event: str, _: object) -> Any:
        if event == "line":
            self.lines.append((frame.f_code.co_filename, frame.f_lineno))
            if len(self.lines) == self.at:
                sys.settrace(None)
                raise KeyboardInterrupt
        return self._ran


def points(lines: list[Place]) -> list[int]:
    """The first, the second and the last time that each line runs."""
    runs: dict[Place, list[int]] = {}
    for i, place in enumerate(lines, 1):
        runs.setdefault(place, []).append(i)
    return sorted({i for found in runs.values() for i in (*found[:2], found[-1])})


def state_after(*messages: dict[str, Any]) -> str:
    one = shown()
    for message in messages:
        one.widgets[0].set_state(message)
    found = one.state()
    one.close()
    return found


@pytest.mark.parametrize("message", MESSAGES, ids=str)
def test_a_message_that_is_interrupted_is_done_whole_or_not_at_all(message: dict[str, Any]) -> None:
    counted, one = Interrupt(), shown()
    counted.during(lambda: one.widgets[0].set_state(message))
    whole = [(state_after(), state_after(NEXT)), (one.state(), state_after(message, NEXT))]
    assert whole[0] != whole[1]
    off = []
    each = 1 if os.environ.get("FUZZ") else 20
    for at in points(counted.lines)[MESSAGES.index(message) :: each]:
        one, interrupt = shown(), Interrupt(at)
        interrupt.during(lambda g=one.widgets[0]: g.set_state(message))  # type: ignore[misc] # of this round
        now = one.state()
        one.widgets[0].set_state(NEXT)
        if (now, one.state()) not in whole:
            off.append((at, interrupt.lines[-1]))
        one.close()
    assert off == []
