"""Trial runs of a person's engine: its ops on fresh objects, its own backward functions in the right order.

There are two passes. `local_pass` runs each node's own backward function in an order that is right, so
that any mistake in it is an op's. `whole_pass` calls the engine's own `backward()`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from .closures import function_of, parameters_of
from .foreign import collect
from .own_ops import own_ops, renew
from .raw import Raw, accumulated, returned_pairs, run_backward
from .shapes import Shape, get, gradient_in, is_node, number_in, put, shape_of

BACKWARD: Final = ("backward", "backprop", "backpropagate", "run_backward", "back_propagate", "backwards")


class Trial:
    """One class under test.

    Raises:
        TypeError: It is no class, or makes no node of a plain number.
    """

    def __init__(self, cls: type) -> None:
        if not isinstance(cls, type):
            raise TypeError(f"check_engine takes the class itself, as in check_engine(Value), not {cls!r}")
        self.cls = cls
        renew(cls)
        self._own = own_ops(cls)
        self.methods = self._own.methods
        try:
            probe = self._own.leaf(2.0)
        except Exception as error:  # noqa: BLE001 # the person's own code may raise anything
            raise TypeError(
                f"check_engine makes nodes of plain numbers, and {cls.__name__}(2.0) raised "
                f"{type(error).__name__}: {error}"
            ) from None
        if not is_node(probe) and shape_of(probe) is None:
            raise TypeError(
                f"a {cls.__name__} has no number with operands and an op: there is nothing to check"
            )
        self._refuse_what_waits()
        self.backward = pass_of(cls)
        self.recurses = self._recurses()

    def _refuse_what_waits(self) -> None:
        """Refuse a class whose results have no numbers until `forward()` is called."""
        out = self._own.call("+", self.fresh(2.0, 3.0))
        forward = getattr(out, "forward", None)
        if not callable(forward) or len(parameters_of(type(out).forward)) != 1 or self.value(out) == 5.0:
            return
        name = self.cls.__name__
        raise TypeError(
            f"results of {name} have no number until forward() is called, and check_engine reads it at once"
        )

    def fresh(self, *numbers: float) -> list[Any]:
        """New leaves."""
        return [self._own.leaf(x) for x in numbers]

    def value(self, node: Any) -> float:
        """A node's number."""
        return number_in(node, self.shape(node))

    def grads(self, nodes: Sequence[Any]) -> list[float]:
        """The nodes' gradients."""
        return [gradient_in(node, self.shape(node)) for node in nodes]

    @staticmethod
    def shape(node: Any) -> Shape:
        """The shape of a node.

        Raises:
            TypeError: It is none.
        """
        shape = shape_of(node)
        if shape is None:
            raise TypeError(f"gave {node!r}, and no node")
        return shape

    def local_pass(self, out: Any, before: float = 0.0, leaves: Sequence[Any] = ()) -> bool:
        """Run each node's own backward function once, consumers first; False where there are none to run.

        Args:
            out: The node to start from, with a gradient of 1.
            before: The gradients of the leaves before the pass.
            leaves: The leaves, in order.
        """
        order, _ = collect([out])
        if not order[-1].items:
            return False
        if self.recurses:
            return self._recurse(out, order, before, leaves)
        for raw in order:
            put(raw.obj, raw.shape.grad, 0.0)
        for leaf in leaves:
            put(leaf, self.shape(leaf).grad, before)
        put(out, self.shape(out).grad, 1.0)
        return all([_send(raw) for raw in reversed(order) if raw.items])

    @staticmethod
    def kept_derivatives(out: Any, leaves: Sequence[Any]) -> list[float] | None:
        """The leaves' gradients by the local derivatives that the nodes keep; None where one keeps none."""
        order, _ = collect([out])
        grads = {id(out): 1.0}
        for raw in reversed(order):
            if raw.items and raw.partials is None:
                return None
            for item, partial in zip(raw.items, raw.partials or (), strict=False):
                if isinstance(item, Raw):
                    grads[id(item.obj)] = grads.get(id(item.obj), 0.0) + grads.get(id(raw.obj), 0.0) * partial
        return [grads.get(id(leaf), 0.0) for leaf in leaves] if order[-1].items else None

    def whole_pass(self, out: Any, *, seeded: bool = False) -> None:
        """Run the engine's own `backward()`; `seeded` gives the result a gradient of 1 before."""
        for raw in collect([out])[0]:
            if get(raw.obj, raw.shape.grad) is not None:  # some take None for a pass that has not been there
                put(raw.obj, raw.shape.grad, 0.0)
        if seeded:
            put(out, self.shape(out).grad, 1.0)
        if self.backward is not None:
            getattr(out, self.backward)()

    def _recurse(self, out: Any, order: list[Raw], before: float, leaves: Sequence[Any]) -> bool:
        for raw in order:
            put(raw.obj, raw.shape.grad, 0.0)
        for leaf in leaves:
            put(leaf, self.shape(leaf).grad, before)
        put(out, self.shape(out).grad, 1.0)
        backward = get(out, self.shape(out).backward)
        if not callable(backward):
            return False
        run_backward(backward)
        return True

    def _recurses(self) -> bool:
        """Test whether a node's backward function goes on into its operands by itself."""
        for method in ("__add__", "__mul__", "__sub__"):
            try:
                a, b, c = self.fresh(2.0, 3.0, 5.0)
                inner: Any = getattr(a, method)(b)
                out = getattr(inner, method)(c)
                (*_, top) = collect([out])[0]
            except Exception:  # noqa: BLE001, S112 # the person's own code may raise anything
                continue
            if callable(top.backward) and top.partials is None:
                return accumulated(top) is None and self._runs(top.backward)
        return False

    @staticmethod
    def _runs(backward: Callable[..., Any]) -> bool:
        try:
            run_backward(backward)
        except Exception:  # noqa: BLE001
            return False
        return True


def _send(raw: Raw) -> bool:
    """Have one node send its gradient on; False where it has no way to."""
    upstream = gradient_in(raw.obj, raw.shape)
    if raw.partials is not None:
        pairs: list[tuple[Any, Any]] = returned_pairs(raw, raw.partials)
        return _add(pairs, upstream)
    if not callable(raw.backward):
        return False
    given = run_backward(raw.backward, upstream, raw.obj)
    if given is None:
        return True
    return _add(returned_pairs(raw, given), 1.0 if _takes_gradient(raw) else upstream)


def _takes_gradient(raw: Raw) -> bool:
    """Test whether a node's backward function is given the gradient, and returns no local derivatives."""
    function = function_of(raw.backward)
    if function is None or function.__code__.co_argcount - hasattr(raw.backward, "__self__") != 1:
        return False
    return own_ops(type(raw.obj)).sends_by_number


def _add(pairs: Sequence[tuple[Any, Any]], upstream: float) -> bool:
    for obj, amount in pairs:
        shape = shape_of(obj)
        if shape is not None and amount is not None:
            put(obj, shape.grad, gradient_in(obj, shape) + upstream * float(amount))
    return True


def pass_of(cls: type) -> str | None:
    """The name of a class's method for a whole pass; None where it has none."""
    for name in (*BACKWARD, *(name for name in dir(cls) if name.lower().startswith("back"))):
        method = getattr(cls, name, None)
        if callable(method) and (name in BACKWARD or len(parameters_of(method)) == 1):
            return name
    return None
