"""The hot part of the engine: the fields of a scalar that passes read and write, and the operators.

This, `backward` and `graph.tape` are plain Python, which a compiler turns into the machine's own code where
the package is built for one; the `.pxd` file beside each says which numbers may be C's. The same sources run
everywhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from itertools import count
from math import tanh
from numbers import Real
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar
from weakref import ref

from .operands import plain_number
from .ops import CONST, OPS, UNTRACKED, Row

if TYPE_CHECKING:
    from types import CodeType


Number: TypeAlias = "Core | float"
C = TypeVar("C", bound="Core")

IS_COMPILED: Final = __file__.endswith((".so", ".pyd"))

PLAIN: Final = (float, int, Real)
"""The plain numbers that operators take; the abstract class is slow to ask, so it comes last."""

LARGEST_WINDOW: Final = 1 << 16
"""The largest range of creation numbers that a pass sorts at once."""

_numbers: Final = count(2 * LARGEST_WINDOW)

innermost_group: Final[ContextVar[Any]] = ContextVar("innermost_group", default=None)
"""The group that scalars are made in, of this thread or task (`groups`)."""

_group_here: Final = innermost_group.get  # looking up the method at each operator would show

_are_groups_open = False  # in any thread: asking a context variable at each operator would show


def next_number() -> int:
    """The next creation number.

    Operands exist before what is computed from them, so theirs is a topological order. A negative number is
    farther from any positive one than a window of a pass is long.
    """
    return next(_numbers)


def look_for_groups(are_open: bool) -> None:
    """Have every new scalar look up the group that it is made in, or none."""
    global _are_groups_open  # noqa: PLW0603 # every operator asks, and a call for that would show
    _are_groups_open = are_open


class Pass:
    """A row of the ledger: a backward pass, a gradient set by hand, or several earlier passes together.

    It refers weakly to its root. Its gradients are kept by the scalars that it reached.

    Args:
        root: The scalar where the pass began; None for the other two kinds.
        gradient: The gradient that it began with.
        count: The number of passes; 0 for a gradient set by hand.

    Attributes:
        number: Its place in the order of passes.
        ran: The clock when it ran last: leaves that were set later have other values than it had.
        label: The label that its root had.
        caller: The code that called `backward()`, and the place in it, to find the variable of the root.
    """

    __slots__ = ("_root", "caller", "count", "gradient", "label", "number", "ran")

    _root: ref[Core] | None
    gradient: float
    count: int
    number: int
    ran: int
    label: str
    caller: tuple[CodeType, int] | None

    def __init__(self, root: Core | None = None, gradient: float = 1.0, count: int = 1) -> None:
        self.gradient = gradient
        self.count = count
        self.number = self.ran = next(_numbers)
        self._root = self.caller = None
        self.label = ""
        if root is not None:
            self._root = ref(root)
            if root._extras is not None:
                self.label = root._extras.label

    @property
    def root(self) -> Any:
        """The scalar where it began, while that is alive."""
        return None if self._root is None else self._root()

    def begins_at(self, root: Core) -> None:
        """Put a root in the place of another, as copies do."""
        self._root = ref(root)


Entry: TypeAlias = tuple[Pass, float, float]
"""A pass, its contribution to a scalar, and the value of the scalar at that time."""

MOST_ENTRIES: Final = 50
"""The limit of earlier passes that a scalar keeps apart; of more, the first ones are added up."""


def with_entry(earlier: tuple[Entry, ...], entry: Entry) -> tuple[Entry, ...]:
    """Add an entry; of too many, the first ones are joined into one."""
    if len(earlier) < MOST_ENTRIES:
        return (*earlier, entry)
    (first, amount, _), (second, more, at), *others = earlier
    together = Pass(None, 1.0, max(first.count, 1) + second.count)
    together.number, together.ran = second.number, second.ran
    return ((together, amount + more, at), *others, entry)


class Extras:
    """Rarely used per-scalar data.

    Attributes:
        label: A name to show.
        earlier: The entries of the passes before the last one, since `zero_grad()`, the oldest first.
        at: The value when the last pass came, where it was set since; else None.
        set_at: For a leaf, the clock when its value was set last.
        fresh_at: For a result, the clock when it was last computed again.
        grad_wrt: The local derivatives that were filled in by hand.
        custom: The custom op that computed it.
        observers: For a leaf, the observers that wait for the next change.
        guards: The comparisons that it took part in, with scalars older than itself and with numbers.
    """

    __slots__ = ("at", "custom", "earlier", "fresh_at", "grad_wrt", "guards", "label", "observers", "set_at")

    label: str
    earlier: tuple[Entry, ...]
    at: float | None
    set_at: int
    fresh_at: int
    grad_wrt: dict[Any, float] | None
    custom: Row | None
    observers: tuple[ref[Any], ...]
    guards: dict[Any, Any] | None

    def __init__(self) -> None:
        self.label = ""
        self.earlier = self.observers = ()
        self.at = self.grad_wrt = self.custom = self.guards = None
        self.set_at = self.fresh_at = 0


class LastSet:
    """The clock when any leaf was set last; it covers leaves that passes do not reach."""

    at: int = 0


class Core:
    """The base of `Scalar`: the fields for passes, and the commonest operators."""

    # `_a` and `_b` are the operands of an op of one or two; of any other op `_a` is the tuple of them. Of a
    # leaf `_a` is None, and there is no `_b`.
    __slots__ = ("_a", "_b", "_extras", "_group", "_number", "_pass", "_sum", "_value", "op")

    op: str | None
    """The op's name; None for a leaf, `"const"` for a plain number that took part in a computation."""
    _value: float
    _a: Any
    _b: Any
    # The creation number. Its sign says 'needs gradient', negative for no: a field for that would have to be
    # written in every new scalar.
    _number: int
    _group: Any  # the innermost group that it was made in; unset or None for none
    _extras: Extras | None
    _pass: Pass | None  # the pass that came here last; None for none since zero_grad()
    _sum: float  # what that pass alone brought; unset before

    def _begin(self, value: Any, needs_grad: Any) -> None:
        """Become a leaf."""
        self._value = value if type(value) is float else _number(value)
        self._number = next(_numbers) if needs_grad else -next(_numbers)
        self.op = self._a = self._pass = self._extras = None
        if _are_groups_open:
            self._group = _group_here()

    @property
    def _own_extras(self) -> Extras:
        """The extras, made if there are none."""
        extras = self._extras
        if extras is None:
            extras = self._extras = Extras()
        return extras

    @property
    def prevs(self: C) -> tuple[C, ...]:
        """The operands, in order."""
        a = self._a
        if a is None:
            return ()
        return (a, b) if (b := self._b) is not None else a if type(a) is tuple else (a,)

    # Comparisons are here and not in `Numeric`, since `==` goes through them as well: methods of a class that
    # is not compiled would slow down every search of a list.

    def __lt__(self, other: Any) -> Any:
        return self._compared("<", other)

    def __le__(self, other: Any) -> Any:
        return self._compared("<=", other)

    def __gt__(self, other: Any) -> Any:
        return self._compared(">", other)

    def __ge__(self, other: Any) -> Any:
        return self._compared(">=", other)

    def _compared(self, op: str, other: Any) -> Any:
        """Compare by value."""
        raise NotImplementedError

    # The commonest operators inline `_computed` and the op table: this halves their time.

    def __add__(self: C, other: Number) -> C:
        cls = type(self)
        if type(other) is not cls and not isinstance(other, Core):
            return _binary("+", self, other)
        right: Core = other
        node: Core = allocate(cls)
        node._value = self._value + right._value
        node.op = "+"
        node._a = self
        node._b = right
        node._number = next(_numbers) if right._number > 0 or self._number > 0 else -next(_numbers)
        node._pass = node._extras = None
        if _are_groups_open:
            node._group = _group_here()
        return node

    def __mul__(self: C, other: Number) -> C:
        cls = type(self)
        if type(other) is not cls and not isinstance(other, Core):
            return _binary("*", self, other)
        right: Core = other
        node: Core = allocate(cls)
        node._value = self._value * right._value
        node.op = "*"
        node._a = self
        node._b = right
        node._number = next(_numbers) if right._number > 0 or self._number > 0 else -next(_numbers)
        node._pass = node._extras = None
        if _are_groups_open:
            node._group = _group_here()
        return node

    def relu(self: C) -> C:
        """The value where it is positive, else 0."""
        node: Core = allocate(type(self))
        node._value = 0.0 if self._value < 0.0 else self._value
        node.op = "relu"
        node._a = self
        node._b = None
        node._number = next(_numbers) if self._number > 0 else -next(_numbers)
        node._pass = node._extras = None
        if _are_groups_open:
            node._group = _group_here()
        return node

    def tanh(self: C) -> C:
        """The hyperbolic tangent."""
        node: Core = allocate(type(self))
        node._value = tanh(self._value)
        node.op = "tanh"
        node._a = self
        node._b = None
        node._number = next(_numbers) if self._number > 0 else -next(_numbers)
        node._pass = node._extras = None
        if _are_groups_open:
            node._group = _group_here()
        return node

    def __radd__(self: C, other: Number) -> C:
        return _reflected("+", self, other)

    def __sub__(self: C, other: Number) -> C:
        return _binary("-", self, other)

    def __rsub__(self: C, other: Number) -> C:
        return _reflected("-", self, other)

    def __rmul__(self: C, other: Number) -> C:
        return _reflected("*", self, other)

    def __truediv__(self: C, other: Number) -> C:
        return _binary("/", self, other)

    def __rtruediv__(self: C, other: Number) -> C:
        return _reflected("/", self, other)

    def __mod__(self: C, other: Number) -> C:
        return _binary("%", self, other)

    def __rmod__(self: C, other: Number) -> C:
        return _reflected("%", self, other)

    def __floordiv__(self: C, other: Number) -> C:
        return _binary("//", self, other)

    def __rfloordiv__(self: C, other: Number) -> C:
        return _reflected("//", self, other)

    def __pow__(self: C, other: Number) -> C:
        return _binary("**", self, other)

    def __rpow__(self: C, other: Number) -> C:
        return _reflected("**", self, other)


allocate: Final = Core.__new__
"""Allocate a scalar of a class without `__init__`, and without `__new__` of a subclass."""


def computed(op: str, operands: Sequence[Number], custom: Row | None = None) -> Any:
    """The result of an op on scalars and plain numbers: of one of the table, or of a custom op by its row."""
    first = next((operand for operand in operands if isinstance(operand, Core)), None)
    if first is None:
        return (custom or OPS[op]).forward(*[_number(x) for x in operands])
    cls = type(first)
    prevs = tuple([x if isinstance(x, Core) else _constant(cls, x) for x in operands])
    return _computed(cls, op, prevs, custom)


def operands(given: tuple[Number | Iterable[Number], ...]) -> list[Number]:
    """Operands that were given one by one or in one list."""
    if len(given) == 1 and isinstance(given[0], Iterable):
        return list(given[0])
    return list(given)  # type: ignore[arg-type] # another list among them is refused as an operand


def unary(op: str, operand: C) -> C:
    """The result of an op of one operand."""
    return _computed(type(operand), op, (operand,))


def variadic(op: str, first: C, others: tuple[Number, ...]) -> C:
    """The result of an op of any number of operands."""
    found: C = computed(op, (first, *others))
    return found


def _binary(op: str, left: C, right: Number) -> C:
    found = _operand(type(left), right)
    # An operator returns NotImplemented, so that Python tries the other operand's.
    return NotImplemented if found is NotImplemented else _computed(type(left), op, (left, found))


def _reflected(op: str, right: C, left: Number) -> C:
    found = _operand(type(right), left)
    return NotImplemented if found is NotImplemented else _computed(type(right), op, (found, right))


def _operand(cls: type[C], x: Any) -> Any:
    """A scalar for an operand; NotImplemented if it is no number."""
    if isinstance(x, Core):
        return x
    if not isinstance(x, PLAIN):
        x = plain_number(x)
        if x is NotImplemented or isinstance(x, Core):
            return x
    return _constant(cls, x)


def _computed(cls: type[C], op: str, prevs: tuple[Core, ...], custom: Row | None = None) -> C:
    # Without `__init__`, whose checks an operator does not need, and without a list of the operands' values
    # for the ops of one or two.
    node: Core = allocate(cls)
    row = custom or OPS[op]
    arity = None if custom else OPS[op].arity
    left: Core
    right: Core
    if arity == 2:
        left, right = prevs
        node._a, node._b = left, right
        node._value = row.forward(left._value, right._value)
    elif arity == 1:
        left = prevs[0]
        node._a, node._b = left, None
        node._value = row.forward(left._value)
    else:
        node._a, node._b = prevs, None
        node._value = row.forward(*[p._value for p in prevs])
    node.op = op
    node._pass = node._extras = None
    if _are_groups_open:
        node._group = _group_here()
    if custom:
        extras = node._extras = Extras()
        extras.custom = custom
    node._number = next(_numbers) if is_tracked(op, prevs) else -next(_numbers)
    return node


def is_tracked(op: str | None, operands: Sequence[Core]) -> bool:
    """Find out whether gradients flow to what an op makes of these operands."""
    if op in UNTRACKED:
        return False
    operand: Core
    for operand in operands:  # noqa: SIM110 # each operator asks, and a comprehension would be a call
        if operand._number > 0:
            return True
    return False


def _constant(cls: type[C], value: Any) -> C:
    node: Core = allocate(cls)
    node._value = _number(value)
    node.op = CONST
    node._a = node._pass = node._extras = None
    node._number = -next(_numbers)
    if _are_groups_open:
        node._group = _group_here()
    return node


def _number(x: Any) -> float:
    if type(x) is float:
        return x
    if isinstance(x, str | bytes):
        raise TypeError(f"a Scalar holds a real number, not {x!r}")
    if isinstance(x, Core):
        raise TypeError(
            "a scalar in place of a number would lose its graph: use the scalar itself, or give its number "
            "alone, as in h.value"
        )
    if getattr(x, "ndim", 0):
        raise TypeError(f"a Scalar holds one number, not an array of {getattr(x, 'size', 'many')}")
    try:
        return float(x)
    except OverflowError:  # an int beyond the range of doubles
        return float("inf") if x > 0 else float("-inf")
    except (TypeError, ValueError):
        raise TypeError(f"a Scalar holds a real number, not {type(x).__name__}") from None
