"""Scalars that remember how they were computed, and pass gradients back to what they were computed from.

    >>> w = Scalar(0.5, label="w")
    >>> y = w * 3.0 + w.tanh()
    >>> y.backward()
    >>> w
    Scalar(value=0.50, grad=3.79)

Every operator makes one new `Scalar` that knows its op (a row of `ops.OPS`) and its operands. `backward()`
visits the computation from the result to the leaves and accumulates gradients by the chain rule (reverse
mode: Linnainmaa 1970; Griewank and Walther, *Evaluating Derivatives*, 2008). Nothing here recurses, so depth
is limited by memory alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from numbers import Real
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, SupportsFloat, TypeAlias, TypeVar, overload

from .ops import OPS, Op

Number: TypeAlias = "Scalar | float"
Picture = TypeVar("Picture")
S = TypeVar("S", bound="Scalar")

CONST: Final = "const"

_created = count(1).__next__
"""Creation numbers. Operands exist before what is computed from them, so theirs is a topological order."""

_pass_started = count(1).__next__
"""Numbers of backward passes: two passes never share one, also across threads."""

_by_creation = attrgetter("_created")


class Scalar:
    """A number that tracks gradients.

    Args:
        value: The number; it is kept as a float.
        prevs: The operands that it was computed from; none for a leaf. Usually an operator fills this in.
        op: The name of the op that computed it, for a scalar with operands.
        label: A name to show.
        requires_grad: Whether gradients are wanted here. False freezes a leaf; a computation needs gradients
            if any of its operands does, whatever is said here.

    Raises:
        TypeError: The value is not a real number.
        ValueError: There are operands without an op, or an op without operands.
    """

    __slots__ = (
        "__weakref__",
        "_created",
        "_grad",
        "_pass",
        "_pass_grad",
        "_runs",
        "_tracked",
        "label",
        "op",
        "prevs",
        "value",
    )

    value: float
    """The result of the computation, an IEEE double."""
    prevs: tuple[Scalar, ...]
    """The operands, in order."""
    op: str | None
    """The op's name; None for a leaf, `"const"` for a plain number that took part in a computation."""
    label: str
    """A name to show; may be empty."""
    _created: int
    _tracked: bool
    _grad: float | None  # None: no pass has come here since zero_grad()
    _pass: int  # the pass that came here last; 0 for none
    _pass_grad: float  # what that pass alone gave
    _runs: tuple[int, ...]  # the passes that were run from here since zero_grad()

    # NumPy's scalars leave `np.float64(2) * s` to our `__rmul__` when they see this.
    __array_ufunc__ = None

    def __init__(
        self,
        value: float,
        prevs: Iterable[Scalar] = (),
        op: str | None = None,
        label: str = "",
        requires_grad: bool = True,
    ) -> None:
        self.value = _number(value)
        self.prevs = tuple(prevs)
        if bool(self.prevs) != bool(op):
            raise ValueError("a Scalar with operands needs the op that computed it, and a leaf has neither")
        self.op = op or None
        self.label = label
        self._created = _created()
        self._tracked = any(p._tracked for p in self.prevs) if self.prevs else requires_grad
        self._grad = None
        self._pass = 0
        self._runs = ()

    # -- what is known of it ---------------------------------------------------------------------------------

    @property
    def grad(self) -> float:
        """The gradients of all passes since `zero_grad()` added up; 0.0 where none came (see `reached`)."""
        return self._grad or 0.0

    @grad.setter
    def grad(self, grad: float | None) -> None:
        self._grad = None if grad is None else _number(grad)

    @property
    def reached(self) -> bool:
        """Whether a pass has come here since `zero_grad()`: tells 'not run yet' from a gradient of 0."""
        return self._grad is not None

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow here. May be set on a leaf, also after it was used."""
        if self.prevs and _Freezing.happened:
            _update_tracking(_upstream(self))
        return self._tracked

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if self.prevs or self.op == CONST:
            raise ValueError("only a leaf can be frozen or thawed: a computation follows its operands")
        if wanted != self._tracked:
            self._tracked = wanted
            _Freezing.happened = True

    def __repr__(self) -> str:
        return f"{type(self).__name__}(value={self.value:.2f}, grad={self.grad:.2f})"

    # -- passes ----------------------------------------------------------------------------------------------

    def forward(self) -> float:
        """Compute this scalar again from its leaves, after some of them have changed.

        Returns:
            The new value, which is also stored, as are those of everything in between.

        Raises:
            ValueError: A computation on the way has an op that is not in the table.
        """
        for node in _upstream(self):
            if node.prevs:
                node.value = _row(node).forward(*[p.value for p in node.prevs])
        return self.value

    @overload
    def backward(self, draw: None = None, *, gradient: float = 1.0) -> None: ...
    @overload
    def backward(self, draw: Callable[[Scalar, str], Picture], *, gradient: float = 1.0) -> list[Picture]: ...
    def backward(
        self, draw: Callable[[Scalar, str], Picture] | None = None, *, gradient: float = 1.0
    ) -> list[Picture] | None:
        """Run one backward pass from here and add its gradients to `.grad` of every scalar that it reaches.

        Calls accumulate, as PyTorch's do with `retain_graph=True`. The pass itself is spread through storage
        of its own, so that what an earlier pass left in `.grad` is never sent on.

        Args:
            draw: Called as `draw(self, "backward")` after each step, that is after each computation has sent
                its gradient on; `draw_graph` is made for it.
            gradient: The gradient of this scalar itself.

        Returns:
            What `draw` returned, one per step; None without it.

        Raises:
            ValueError: A computation on the way has an op that is not in the table.
        """
        order = _upstream(self)
        if _Freezing.happened:
            _update_tracking(order)
        if not self._tracked:
            return None if draw is None else []
        this_pass = _pass_started()
        self._pass, self._pass_grad = this_pass, _number(gradient)
        for node in reversed(order):
            if node._pass == this_pass and node.prevs:
                for operand, contribution in zip(node.prevs, _contributions(node), strict=True):
                    if not operand._tracked:
                        continue
                    if operand._pass == this_pass:
                        operand._pass_grad += contribution
                    else:
                        operand._pass, operand._pass_grad = this_pass, contribution
        self._runs = (*self._runs, this_pass)
        reached = [node for node in order if node._pass == this_pass]
        before = [node._grad for node in reached]
        for node in reached:
            node._grad = node._pass_grad if node._grad is None else node._grad + node._pass_grad
        return None if draw is None else _pictures(self, reached, before, draw)

    def zero_grad(self) -> None:
        """Forget the gradients of everything that this scalar was computed from, and its own."""
        for node in _upstream(self):
            node._grad = None
            node._pass = 0
            node._runs = ()

    # -- operators: each is one row of the op table ----------------------------------------------------------

    def __add__(self: S, other: Number) -> S:
        return _binary("+", self, other)

    def __radd__(self: S, other: Number) -> S:
        return _reflected("+", self, other)

    def __sub__(self: S, other: Number) -> S:
        return _binary("-", self, other)

    def __rsub__(self: S, other: Number) -> S:
        return _reflected("-", self, other)

    def __mul__(self: S, other: Number) -> S:
        return _binary("*", self, other)

    def __rmul__(self: S, other: Number) -> S:
        return _reflected("*", self, other)

    def __truediv__(self: S, other: Number) -> S:
        return _binary("/", self, other)

    def __rtruediv__(self: S, other: Number) -> S:
        return _reflected("/", self, other)

    def __pow__(self: S, other: Number) -> S:
        return _binary("**", self, other)

    def __rpow__(self: S, other: Number) -> S:
        return _reflected("**", self, other)

    def __neg__(self: S) -> S:
        return _unary("neg", self)

    def __pos__(self: S) -> S:
        return self

    def __abs__(self: S) -> S:
        return _unary("abs", self)

    def __float__(self) -> float:
        return self.value

    def relu(self: S) -> S:
        """The value where it is positive, else 0."""
        return _unary("relu", self)

    def tanh(self: S) -> S:
        """The hyperbolic tangent."""
        return _unary("tanh", self)

    def sigmoid(self: S) -> S:
        """1 / (1 + exp(-x))."""
        return _unary("sigmoid", self)

    def exp(self: S) -> S:
        """e to the power of this."""
        return _unary("exp", self)

    def log(self: S) -> S:
        """The natural logarithm."""
        return _unary("log", self)

    def sqrt(self: S) -> S:
        """The square root."""
        return _unary("sqrt", self)

    def sin(self: S) -> S:
        """The sine, of radians."""
        return _unary("sin", self)

    def cos(self: S) -> S:
        """The cosine, of radians."""
        return _unary("cos", self)

    def abs(self: S) -> S:
        """The distance from 0."""
        return _unary("abs", self)

    def log1p(self: S) -> S:
        """log(1 + x), accurate near 0."""
        return _unary("log1p", self)

    def expm1(self: S) -> S:
        """exp(x) - 1, accurate near 0."""
        return _unary("expm1", self)

    def tan(self: S) -> S:
        """The tangent, of radians."""
        return _unary("tan", self)

    def asin(self: S) -> S:
        """The inverse sine, in radians."""
        return _unary("asin", self)

    def acos(self: S) -> S:
        """The inverse cosine, in radians."""
        return _unary("acos", self)

    def atan(self: S) -> S:
        """The inverse tangent, in radians."""
        return _unary("atan", self)

    def sinh(self: S) -> S:
        """The hyperbolic sine."""
        return _unary("sinh", self)

    def cosh(self: S) -> S:
        """The hyperbolic cosine."""
        return _unary("cosh", self)

    def softplus(self: S) -> S:
        """log(1 + exp(x)), a smooth relu."""
        return _unary("softplus", self)

    def silu(self: S) -> S:
        """x * sigmoid(x)."""
        return _unary("silu", self)

    def gelu(self: S) -> S:
        """x * Phi(x), with the exact normal distribution function."""
        return _unary("gelu", self)

    def leaky_relu(self: S) -> S:
        """The value where it is positive, else a hundredth of it."""
        return _unary("leaky_relu", self)

    def elu(self: S) -> S:
        """The value where it is positive, else exp(x) - 1."""
        return _unary("elu", self)

    def square(self: S) -> S:
        """x * x, as one node."""
        return _unary("square", self)

    def reciprocal(self: S) -> S:
        """1 / x."""
        return _unary("reciprocal", self)

    def sign(self: S) -> S:
        """-1, 0 or 1; its gradient is 0."""
        return _unary("sign", self)

    def floor(self: S) -> S:
        """The largest integer not above; its gradient is 0."""
        return _unary("floor", self)

    def max(self: S, *others: Number) -> S:
        """The largest of this and the others; a tie shares the gradient."""
        return _variadic("max", self, others)

    def min(self: S, *others: Number) -> S:
        """The smallest of this and the others; a tie shares the gradient."""
        return _variadic("min", self, others)


class Value(Scalar):
    """The same object in micrograd's words: `data`, `_prev`, `_op`.

    Args:
        data: The number.
        _children: The operands.
        _op: The op's name; of a node without operands, its label.
        label: A name to show.
    """

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def data(self) -> float:
            """The number."""

        @data.setter
        def data(self, data: float) -> None: ...
    else:
        data = Scalar.value  # the slot itself under a second name: it costs what `.value` costs

    def __init__(self, data: float, _children: Iterable[Scalar] = (), _op: str = "", label: str = "") -> None:
        children = tuple(_children)
        super().__init__(data, children, _op if children else None, label or ("" if children else _op))

    @property
    def _prev(self) -> set[Scalar]:
        return set(self.prevs)

    @property
    def _op(self) -> str:
        if self.prevs:
            return self.op or ""
        return "" if self.op == CONST else self.label

    def __repr__(self) -> str:
        return f"{type(self).__name__}(data={self.value}, grad={self.grad})"


class Node(Value):
    """`Value` under the name that other courses give it."""

    __slots__ = ()


def apply(op: str, *operands: Number) -> Any:
    """The result of an op of the table on scalars and plain numbers, as a new scalar.

    Args:
        op: A name in `ops.OPS`.
        operands: At least one of them a `Scalar`; the result is of the first one's class.

    Raises:
        TypeError: An operand is neither a scalar nor a real number.
    """
    first = next(operand for operand in operands if isinstance(operand, Scalar))
    prevs = tuple(o if isinstance(o, Scalar) else _constant(type(first), o) for o in operands)
    return _computed(type(first), op, prevs)


def _unary(op: str, operand: S) -> S:
    return _computed(type(operand), op, (operand,))


def _variadic(op: str, first: S, others: tuple[Number, ...]) -> S:
    rest = tuple(o if isinstance(o, Scalar) else _constant(type(first), o) for o in others)
    return _computed(type(first), op, (first, *rest))


def _binary(op: str, left: S, right: Number) -> S:
    if not isinstance(right, Scalar):
        if not isinstance(right, Real):
            return NotImplemented  # type: ignore[no-any-return] # what an operator returns for another to try
        right = _constant(type(left), right)
    return _computed(type(left), op, (left, right))


def _reflected(op: str, right: S, left: Number) -> S:
    if not isinstance(left, Real):
        return NotImplemented  # type: ignore[no-any-return]
    return _computed(type(right), op, (_constant(type(right), left), right))


def _computed(cls: type[S], op: str, prevs: tuple[Scalar, ...]) -> S:
    # Past `__init__`, which checks what an operator knows to be right.
    node = object.__new__(cls)
    node.value = OPS[op].forward(*[p.value for p in prevs])
    node.prevs = prevs
    node.op = op
    node.label = ""
    node._created = _created()
    node._tracked = any([p._tracked for p in prevs])
    node._grad = None
    node._pass = 0
    node._runs = ()
    return node


def _constant(cls: type[S], number: SupportsFloat) -> S:
    node = object.__new__(cls)
    Scalar.__init__(node, _number(number), requires_grad=False)
    node.op = CONST
    return node


def _number(x: Any) -> float:
    if isinstance(x, str | bytes):
        raise TypeError(f"a Scalar holds a real number, not {x!r}")
    try:
        return float(x)
    except OverflowError:  # an int beyond the range of doubles
        return float("inf") if x > 0 else float("-inf")
    except (TypeError, ValueError):
        raise TypeError(f"a Scalar holds a real number, not {type(x).__name__}") from None


def _upstream(*roots: Scalar) -> list[Scalar]:
    """Everything that the roots were computed from, and they themselves: operands before what uses them."""
    found = list(dict.fromkeys(roots))
    seen = set(found)
    for node in found:  # grows while it is read
        for operand in node.prevs:
            if operand not in seen:
                seen.add(operand)
                found.append(operand)
    found.sort(key=_by_creation)
    return found


class _Freezing:
    """Whether any leaf was frozen or thawed after it was made: until then, what was tracked still is."""

    happened = False


def _update_tracking(order: list[Scalar]) -> None:
    for node in order:
        if node.prevs:
            node._tracked = any([p._tracked for p in node.prevs])


def _contributions(node: Scalar) -> tuple[float, ...]:
    """What a computation sends to each operand in the pass that came to it last."""
    return _row(node).backward(node._pass_grad, node.value, *[p.value for p in node.prevs])


def _row(node: Scalar) -> Op:
    row = OPS.get(node.op or "")
    if row is None:
        raise ValueError(f"the op {node.op!r} is not in the table, so it has no forward and no gradient")
    return row


def _pictures(
    root: Scalar, reached: list[Scalar], before: list[float | None], draw: Callable[[Scalar, str], Picture]
) -> list[Picture]:
    """One picture of a finished pass per computation, with what had been sent until then and no more."""
    this_pass = root._pass
    after = [(node, node._grad) for node in reached]
    for node, grad in zip(reached, before, strict=True):
        node._grad, node._pass = grad, 0
    root._grad = root._pass_grad + (root._grad or 0.0)
    pictures = []
    try:
        for node in reversed(reached):
            if not node.prevs:
                continue
            node._pass = this_pass
            for operand, contribution in zip(node.prevs, _contributions(node), strict=True):
                if operand._tracked:
                    operand._grad = contribution + (operand._grad or 0.0)
            pictures.append(draw(root, "backward"))
    finally:
        for node, grad in after:
            node._grad, node._pass = grad, this_pass
    return pictures
