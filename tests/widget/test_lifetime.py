"""Lifetime of a widget: kept while it is needed, freed with its graph."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from typing import TYPE_CHECKING, Any
from weakref import ref

import comm
import ipywidgets
import pytest
from ipywidgets.embed import embed_data, embed_minimal_html
from ipywidgets.widgets import widget as jupyter

from autograd_widget import GraphWidget, Value, explore
from autograd_widget.widget import lifetime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def alone(test: Callable[[], None]) -> Callable[[], None]:
    """Run a test where no event loop is running, as other tests' browsers leave one in this thread."""

    @wraps(test)
    def run() -> None:
        with ThreadPoolExecutor(1) as threads:
            threads.submit(test).result()

    return run


@pytest.fixture(autouse=True)
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No loop of other tests is taken for a kernel's, and what they have left is gone."""
    monkeypatch.setattr(lifetime.lifetimes, "loop", None)
    gc.collect()
    yield
    ipywidgets.Widget.close_all()


def registered() -> set[str]:
    return set(jupyter._instances)


def comms() -> set[str]:
    return set(comm.get_comm_manager().comms)


def opened(g: GraphWidget, view: float = 0.25) -> None:
    g._handle_custom_msg({"view": view, "seen": False}, [])
    g._handle_custom_msg({"view": view, "seen": True}, [])


def ended(g: GraphWidget, view: float = 0.25) -> None:
    g._handle_custom_msg({"view": view}, [])


def alive(known: list[ref[Any]]) -> int:
    gc.collect()
    return sum(one() is not None for one in known)


def only(known: list[ref[Any]]) -> Any:
    """The first of them, which is there."""
    found = known[0]()
    assert found is not None
    return found


def cell(w: Value, show: bool = False) -> list[ref[Any]]:
    """Run a cell that makes a widget: the widget, its layout, its root and a node within."""
    inner = w * w
    y = inner.tanh()
    g = GraphWidget(y)
    if show:
        g._repr_mimebundle_()
    return [ref(g), ref(g.layout), ref(y), ref(inner)]


@alone
def test_thirty_widgets_that_were_never_shown_are_freed_with_their_graphs() -> None:
    before = registered(), comms()
    w = Value(0.5, label="w")
    known = [one for _ in range(30) for one in cell(w)]
    assert alive(known) == 0
    assert (registered(), comms()) == before
    assert w.value == 0.5


@alone
def test_what_is_shown_is_kept_until_its_last_view_has_ended() -> None:
    before = registered(), comms()
    known = cell(Value(0.5, label="w"), show=True)
    assert alive(known) == 4, "it is shown, and a view may come"
    g = only(known)
    opened(g, 0.25)
    opened(g, 0.5)
    g._handle_custom_msg({"view": 0.5, "seen": False}, [])
    ended(g, 0.25)
    del g
    assert alive(known) == 4, "the other view is out of sight, and there"
    ended(only(known), 0.5)
    assert alive(known) == 0
    assert (registered(), comms()) == before


@alone
def test_a_view_that_ended_does_not_hide_another() -> None:
    w = Value(0.5, label="w")
    g = GraphWidget(w * w)
    told: list[Any] = []
    g.observe(lambda change: told.append(change["new"]), names="values")
    opened(g, 0.25)
    g._handle_custom_msg({"view": 0.5, "seen": False}, [])
    ended(g, 0.5)
    ended(g, 0.5)
    w.value = 0.75
    assert told == [{"0": 0.75}]


@alone
def test_messages_about_views_that_make_no_sense_are_ignored() -> None:
    g = GraphWidget(Value(0.5, label="w").tanh())
    refused: list[Any] = [
        {"view": []},
        {"view": {}, "seen": True},
        {"view": "a", "seen": True},
        {"view": 0.5},
        {},
    ]
    for message in refused:
        g._handle_custom_msg(message, [])
    assert g._views == {}


@alone
def test_a_view_of_what_was_never_shown_by_itself_keeps_it() -> None:
    g = GraphWidget(Value(0.5, label="w").tanh())
    known = [ref(g)]
    opened(g)
    del g
    assert alive(known) == 1
    ended(only(known))
    assert alive(known) == 0


@alone
def test_what_python_refers_to_lives_on_and_can_be_shown_again() -> None:
    w = Value(0.5, label="w")
    g = GraphWidget(w * w)
    g._repr_mimebundle_()
    opened(g)
    ended(g)
    gc.collect()
    assert g.model_id in registered(), "a page that is opened again asks for it"
    assert jupyter._instances[g.model_id] is g
    message = {"method": "update", "state": {"values": {"0": 0.75}}, "buffer_paths": []}
    g.comm.handle_msg({"content": {"data": message}, "buffers": []})
    assert w.value == 0.75, "its comm still has its messages"
    g._repr_mimebundle_()
    opened(g)
    known = [ref(g)]
    del g
    assert alive(known) == 1
    ended(only(known))
    assert alive(known) == 0


@alone
def test_containers_keep_what_they_show() -> None:
    g = GraphWidget(Value(0.5, label="w").tanh())
    box, known = ipywidgets.HBox([g]), [ref(g)]
    del g
    assert alive(known) == 1
    box.close()
    del box
    assert alive(known) == 0


@alone
def test_widgets_with_sliders_of_their_own_and_explored_functions_are_freed() -> None:
    w = Value(0.5, label="w")

    def with_slider() -> tuple[ipywidgets.FloatSlider, list[ref[Any]]]:
        y = w * w
        g = GraphWidget(y)
        return g.slider("w"), [ref(g), ref(y)]

    def explored() -> list[ref[Any]]:
        g = explore(lambda a: (a * a).tanh(), 2.0)
        return [ref(g), ref(g._roots[0])]

    slider, known = with_slider()
    assert alive([*known, *explored()]) == 0
    slider.value = 0.75
    assert w.value == 0.75


@alone
def test_layouts_live_as_long_as_somebody_has_them() -> None:
    given = ipywidgets.Layout(width="50%")

    def made(layout: Any) -> tuple[ipywidgets.Layout, ref[Any]]:
        g = GraphWidget(Value(0.5).tanh(), layout=layout)
        return g.layout, ref(g)

    own, first = made({"width": "40%"})
    box = ipywidgets.HBox([], layout=own)
    assert alive([first, made(given)[1]]) == 0
    assert {own.model_id, given.model_id} <= registered()
    assert own.model_id in comms()
    assert (box.layout.width, repr(own)) == ("40%", "Layout(width='40%')")
    known = [ref(own)]
    box.close()
    del own, box
    assert alive(known) == 0


@alone
def test_what_is_alive_is_exported_by_ipywidgets_shown_or_not() -> None:
    g = GraphWidget(Value(0.5, label="w").tanh())
    shown = only(cell(Value(0.5), show=True))
    closed = GraphWidget(Value(0.5).tanh())
    closed.close()
    data = embed_data(views=None)
    assert {g.model_id, g.layout.model_id, shown.model_id} <= data["manager_state"]["state"].keys()
    assert {view["model_id"] for view in data["view_specs"]} == {g.model_id, shown.model_id}
    page = io.StringIO()
    embed_minimal_html(page, views=[g])
    found = re.search(r"widget-state\+json\">(.*?)</script>", page.getvalue(), re.DOTALL)
    assert found is not None
    assert g.model_id in json.loads(found[1])["state"]


@alone
def test_a_page_is_told_of_widgets_while_others_are_freed() -> None:
    w = Value(0.5)
    g = GraphWidget(w * w)
    for _ in range(5):
        cell(w)
    gc.disable()
    found = []
    try:
        for widget in jupyter._instances.values():
            gc.collect()
            found.append(widget.model_id)
    finally:
        gc.enable()
    assert g.model_id in found


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOADING", "GRACE"):
        monkeypatch.setattr(lifetime, name, 0.05)


@pytest.mark.usefixtures("hurry")
@alone
def test_a_kernel_closes_comms_when_it_is_free() -> None:
    async def kernel() -> None:
        known = cell(Value(0.5))
        there = comms()
        assert alive(known) == 0
        assert comms() == there, "the collector may have come in the middle of a message"
        await asyncio.sleep(0.1)
        assert len(there - comms()) == 2

        known = cell(Value(0.5), show=True)
        opened(only(known))
        ended(only(known))
        opened(only(known), 0.5)
        await asyncio.sleep(0.1)
        assert alive(known) == 4, "the cell was moved, and has a new view"
        ended(only(known), 0.5)
        assert alive(known) == 4
        await asyncio.sleep(0.1)
        assert alive(known) == 0

    asyncio.run(kernel())


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host with comms of its own."""
    own = type("Comm", (comm.DummyComm,), {"__module__": "marimo.comm"})
    monkeypatch.setattr(comm, "create_comm", own)


@pytest.mark.usefixtures("elsewhere")
@alone
def test_other_hosts_keep_widgets_in_their_own_ways() -> None:
    known = cell(Value(0.5))[:1]
    assert alive(known) == 1
    only(known).close()
    assert alive(known) == 0
