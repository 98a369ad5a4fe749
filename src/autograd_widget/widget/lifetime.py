"""The lifetime of widgets: one that is on no page, and that nobody refers to, is freed with its graph.

ipywidgets refers to every widget that is not closed: in its registry, since a page that is opened again asks
for all of them, and by the comm. Here both refer weakly to a widget before it is shown, and after the page
has taken its last view down. Other hosts keep widgets in their own ways, and do so still.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any, Final
from weakref import WeakValueDictionary, ref

import ipywidgets
from ipywidgets.widgets import widget as jupyter
from ipywidgets.widgets.trait_types import InstanceDict

GRACE: Final = 2.0
"""The seconds from the end of the last view until a widget is let go: a page may draw it again at once."""

LOADING: Final = 3.0
"""The seconds that a page has to load a widget before it is to forget it; anywidget takes two at most."""

KERNELS: Final = {"comm", "ipykernel", "pyodide_kernel"}
"""The packages of comms in hosts that show a widget by its `_repr_mimebundle_`; `comm` is for no host."""


class Registry(MutableMapping[str, Any]):
    """The registry of ipywidgets, with widgets in it that it does not keep.

    Widgets may be freed at any time, so it is read as a copy.
    """

    def __init__(self, kept: dict[str, Any]) -> None:
        self.kept = kept
        self.let_go: WeakValueDictionary[str, Any] = WeakValueDictionary()

    def __getitem__(self, key: str) -> Any:
        return self.kept[key] if key in self.kept else self.let_go[key]

    def __setitem__(self, key: str, widget: Any) -> None:
        self.kept[key] = widget
        self.let_go.pop(key, None)

    def __delitem__(self, key: str) -> None:
        del (self.kept if key in self.kept else self.let_go)[key]

    def __iter__(self) -> Iterator[str]:
        return iter([*self.kept, *self.let_go])

    def __len__(self) -> int:
        return len(self.kept) + len(self.let_go)

    def values(self) -> list[Any]:  # type: ignore[override] # a view would be of what may be gone
        """The widgets, which live as long as the list."""
        return [*self.kept.values(), *self.let_go.values()]

    def items(self) -> list[tuple[str, Any]]:  # type: ignore[override] # as above
        """The widgets with their keys."""
        return [*self.kept.items(), *self.let_go.items()]

    def release(self, key: str) -> None:
        """Refer to a widget weakly from now on."""
        if key in self.kept:
            self.let_go[key] = self.kept[key]
            del self.kept[key]


class Lifetimes:
    """The widgets' lifetimes, and the kernel's event loop, if one was met."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None

    def let_go(self, widget: Any) -> None:
        """Keep a widget no longer: it lives as long as somebody refers to it."""
        registry = registry_in_place()
        if registry is None or type(widget.comm).__module__.partition(".")[0] not in KERNELS:
            return
        self.loop = running_loop() or self.loop
        registry.release(widget.comm.comm_id)
        widget.comm.on_msg(weak_handler(widget))

    def let_go_soon(self, widget: Any) -> None:
        """Let a widget go whose last view has ended, if it has no other by then."""

        def end() -> None:
            if not widget._views:
                self.let_go(widget)

        if loop := running_loop():
            loop.call_later(GRACE, end)
        else:
            end()

    def keep(self, widget: Any) -> None:
        """Keep a widget, since it is shown."""
        registry = registry_in_place()
        if registry is not None and widget.comm is not None:
            registry[widget.comm.comm_id] = widget

    def bury(self, widget: Any) -> None:
        """Close the comm of a widget that is being freed, so that the page forgets it.

        The garbage collector may come at any line of any thread, even while a message is sent or the comms
        are listed. So a kernel closes the comm when it is free, and the page has got over its opening.
        """
        comm = widget.comm
        if comm is None:
            return
        if self.loop is not None and self.loop.is_running():
            self.loop.call_soon_threadsafe(self.loop.call_later, LOADING, comm.close)
        else:
            comm.close()


lifetimes: Final = Lifetimes()


class Layout(ipywidgets.Layout):  # type: ignore[misc] # ipywidgets has no types
    """The layout that a widget makes for itself, and that is freed with it."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        lifetimes.let_go(self)

    def __del__(self) -> None:
        lifetimes.bury(self)


class LayoutTrait(InstanceDict):  # type: ignore[misc] # as above
    """A layout, or a dict of which one is made."""

    def make_dynamic_default(self) -> Layout:
        """The layout where none is given: in a row of widgets it takes the room that they leave."""
        return Layout(flex="1 1 0%")

    def validate(self, obj: Any, value: Any) -> Any:
        """Make a layout of a dict."""
        return super().validate(obj, Layout(**value) if isinstance(value, dict) else value)


def registry_in_place() -> Registry | None:
    """The registry of ipywidgets, made one that can let go; None where another package has put its own."""
    found = jupyter._instances
    if type(found) is dict:
        found = jupyter._instances = Registry(found)
    return found if isinstance(found, Registry) else None


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that runs in this thread."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def weak_handler(widget: Any) -> Callable[[Any], None]:
    """A receiver of a comm's messages that does not keep the widget."""
    known = ref(widget)

    def handle(message: Any) -> None:
        addressee = known()
        if addressee is not None:
            addressee._handle_msg(message)

    return handle
