"""Kinds of traits: those that mirror the scalars are read on access, and a page only asks for changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import traitlets

from autograd_widget.engine.locking import exclusive

RECORDED = ("values", "passes", "frozen", "stale")
"""The traits that mirror the state of the scalars."""

FROM_THE_PAGE = frozenset({*RECORDED, "selected", "opened", "expression", "_act", "_view_count"})
"""The traits that a page may write; anything else that it sends, such as `_esm`, is dropped."""

PLUMBING = frozenset({"mark", "customs", "notice", "stale", "get_state", "set_state"})
"""The public names that completion leaves out."""

NOT_KEPT = {"graph", "values", "frozen", "stale", "notice", "customs"}
"""The traits that are in the document's graph, or in no document. The others are kept beside it, by name."""


class _Read:
    """A trait that is read off the scalars on access."""

    def get(self, obj: Any, cls: Any = None) -> Any:
        """The value, brought up to date."""
        obj._look()
        return super().get(obj, cls)  # type: ignore[misc] # of the trait that it is mixed into

    def set(self, obj: Any, value: Any) -> None:
        """Check the value and act on it, before another thread's is looked at."""
        with exclusive:
            try:
                super().set(obj, value)  # type: ignore[misc] # as above
            except BaseException:
                obj._break_off()
                raise


class ReadDict(_Read, traitlets.Dict):
    """A dict that is read off the scalars."""


class ReadList(_Read, traitlets.List):  # type: ignore[type-arg] # mypy alone takes it for generic
    """A list that is read off the scalars."""


def requested(name: str) -> Callable[[Any, Any], Any]:
    """Make a validator that notes a page's wish for a trait and leaves the trait: it mirrors the scalars."""

    def note(sent: Any, widget: Any) -> Any:
        widget._requests[name] = sent
        return widget._trait_values[name]

    return note


class Values(dict[str, "float | str"]):
    """The values of leaves by id, to read."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError('`values` says what there is: move a leaf with g["w"] = 3.0, or set `g.values` whole')

    __setitem__ = __delitem__ = __ior__ = update = pop = popitem = clear = setdefault = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)
