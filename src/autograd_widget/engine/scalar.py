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

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, TypeVar, overload

from .backward import StaleError, pictures, row_of, run_pass
from .backward import contributions as _contributions
from .backward import upstream as _upstream
from .core import (
    Core,
    LastSet,
    Pass,
    _number,
    allocate,
    computed,
    innermost_group,
    is_tracked,
    next_number,
    unary,
    variadic,
)
from .digits import two_decimals
from .locking import exclusive
from .lost import name_in
from .numeric import Numeric
from .observers import tell
from .ops import CONST, OPS
from .pass_log import added_up
from .pickling import deep_copy, reduced, shallow_copy
from .recorded import OWN, RecordedOp, recorded, send_on
from .tracking import Freezing, update_tracking

__all__ = ["Number", "Scalar", "_contributions", "_upstream", "apply"]

if TYPE_CHECKING:
    from types import FrameType


Number: TypeAlias = "Scalar | float"
Picture = TypeVar("Picture")
S = TypeVar("S", bound="Scalar")


class Scalar(Numeric, Core):
    """A number that tracks gradients.

    Args:
        value: The number; it is kept as a float.
        prevs: The operands that it was computed from; none for a leaf. Usually an operator fills this in.
        op: The name of the op that computed it, for a scalar with operands. An op that is not in the table
            needs its local derivatives in `grad_wrt` before a backward pass can go through it.
        label: A name to show.
        requires_grad: True if gradients are wanted here. False freezes a leaf; a computation needs gradients
            if any of its operands does, whatever is said here.

    Raises:
        TypeError: The value is not a real number, or an operand is not a Scalar.
        ValueError: There are operands without an op, or an op without operands, or not as many as it takes.
    """

    __slots__ = ("__dict__", "__weakref__")  # the first for attributes of a person's own

    __hash__ = object.__hash__  # compiled, a class with comparisons has none

    def __init__(
        self,
        value: float,
        prevs: Iterable[Scalar] = (),
        op: str | None = None,
        label: str = "",
        requires_grad: bool = True,
    ) -> None:
        self._begin(value, requires_grad)
        if prevs or op:
            self.op = op or None
            given, prevs = prevs, tuple(prevs)
            for operand in prevs:
                if not isinstance(operand, Scalar):
                    hint = f": a name goes in as label={given!r}" if isinstance(given, str) else ""
                    raise TypeError(
                        f"the operands of a Scalar are Scalars, not {type(operand).__name__}{hint}"
                    )
            if op is not None and not isinstance(op, str):
                raise TypeError(
                    f"the op of a {type(self).__name__} is a name, and {op!r} is none: local derivatives go "
                    "into grad_wrt of the result"
                )
            self._set_operands(prevs)
            if self.op not in OPS and prevs:
                self._own_extras.custom = recorded(self)
            number = abs(self._number)
            self._number = number if is_tracked(self.op, self.prevs) else -number
        if label:
            self.label = label

    def _set_operands(self, prevs: tuple[Scalar, ...]) -> None:
        if bool(prevs) != (self.op not in (None, CONST)):
            raise ValueError("a Scalar with operands needs the op that computed it, and a leaf has neither")
        row = OPS.get(self.op or "")
        arity = row.arity if row else None
        if arity and arity != len(prevs):
            raise ValueError(f"the op {self.op!r} takes {arity} operands, and {len(prevs)} were given")
        self._a, self._b = (*prevs, None)[:2] if arity in (1, 2) else (prevs or None, None)

    # -- what is known of it ---------------------------------------------------------------------------------

    @property
    def value(self) -> float:
        """The result of the computation, an IEEE double. Of a leaf it may be set, to any real number."""
        return self._value

    @value.setter
    def value(self, value: float) -> None:
        if self.op is not None:
            self._refuse_value()
        value = value if type(value) is float else _number(value)
        if value != self._value or value == 0.0:
            with exclusive:
                note_value(self)
                self._value = value
                if self._extras.observers:  # type: ignore[union-attr] # noting made them
                    tell((self,))

    if TYPE_CHECKING:

        @property
        def data(self) -> float:
            """`value`, by micrograd's name."""

        @data.setter
        def data(self, data: float) -> None: ...
    else:
        data = value

    @property
    def label(self) -> str:
        """A name to show; may be empty."""
        return self._extras.label if self._extras else ""

    @label.setter
    def label(self, label: str) -> None:
        if not isinstance(label, str):
            raise TypeError(f"a label is a text, which {label!r} is not")
        self._own_extras.label = label

    @property
    def grad(self) -> float:
        """The gradients of all passes since `zero_grad()` added up; 0.0 where none came (see `reached`)."""
        if self._pass is None:
            return 0.0
        extras = self._extras
        earlier = 0.0 if extras is None or not extras.earlier else added_up(extras.earlier)
        return earlier + self._sum  # also what came first is added to 0, so that it is never -0

    @grad.setter
    def grad(self, grad: float | None) -> None:
        number = 0.0 if grad is None else _number(grad)
        with exclusive:
            self._forget()
            if number != 0.0:
                self._pass, self._sum = Pass(None, number, 0), number
            if self._extras and self._extras.observers:
                tell((self,))

    @property
    def reached(self) -> bool:
        """True if a pass has come here since `zero_grad()`; so 'not run yet' differs from a gradient of 0."""
        return self._pass is not None

    @property
    def requires_grad(self) -> bool:
        """True if gradients flow here. May be set on a leaf, also after it was used."""
        if self._a is not None and Freezing.happened:
            update_tracking(_upstream(self))
        return self._number > 0

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if bool(wanted) == self.requires_grad:
            return
        if self._a is not None or self.op == CONST:
            raise ValueError("only a leaf can be frozen or thawed: a computation follows its operands")
        with exclusive:
            self._number = -self._number
            Freezing.happened = True
            if self._extras and self._extras.observers:
                tell((self,))

    def requires_grad_(self: S, wanted: bool = True) -> S:
        """Freeze a leaf or unfreeze it, as PyTorch's method of that name; gives the leaf itself."""
        self.requires_grad = wanted
        return self

    @property
    def grad_wrt(self) -> dict[Scalar, float]:
        """The local derivative towards each operand; towards one that is used twice, the sum.

        Of an op that is not in the table it is to be filled in, or set whole.
        """
        if self._a is None:
            return {}
        if self._is_known:
            wrt = dict.fromkeys(self.prevs, 0.0)
            x = [p._value for p in self.prevs]
            for operand, partial in zip(self.prevs, row_of(self).backward(1.0, self._value, *x), strict=True):
                wrt[operand] += partial
            return wrt
        if self._own_extras.grad_wrt is None:
            self._own_extras.grad_wrt = {}
        return self._own_extras.grad_wrt

    @grad_wrt.setter
    def grad_wrt(self, wrt: Mapping[Scalar, float]) -> None:
        if self._is_known:
            raise ValueError(f"the local derivatives of {self.op or 'a leaf'} are known, and can't be set")
        self._own_extras.grad_wrt = dict(wrt)

    @property
    def _backward(self) -> Callable[[], Any]:
        """micrograd's step: send what is in `.grad` one step on, to the operands' `.grad`.

        May be set on a computation, to a function that does it; a pass runs that in place of the table's
        derivatives. A leaf has nothing to send on, whatever is set.
        """
        custom = self._extras.custom if self._extras else None
        return getattr(custom, "step", None) or partial(send_on, self)

    @_backward.setter
    def _backward(self, step: Callable[[], Any]) -> None:
        if not callable(step):
            raise TypeError(f"_backward is a function without arguments, which {step!r} is not")
        if self._a is None:
            return
        self._own_extras.custom = recorded(self, step)
        if self.op in OPS:
            self._a, self._b, self.op = self.prevs, None, OWN + self.op
            number = abs(self._number)
            self._number = number if is_tracked(self.op, self.prevs) else -number

    def __repr__(self) -> str:
        return f"{type(self).__name__}(value={two_decimals(self.value)}, grad={two_decimals(self.grad)})"

    # -- passes ----------------------------------------------------------------------------------------------

    def forward(self) -> float:
        """Compute this scalar again from its leaves, after some of them have changed.

        Returns:
            The new value, which is also stored, as are those of everything in between.

        Raises:
            ValueError: A computation on the way has an op that is not in the table.
        """
        leaves: list[Scalar] = []
        with exclusive:
            for node in _upstream(self):
                if node._a is not None:
                    node._value = row_of(node).forward(*[p._value for p in node.prevs])
                elif node._extras is not None:
                    leaves.append(node)
            if self._a is not None:
                self._own_extras.fresh_at = next_number()
            tell(leaves)
            return self._value

    @overload
    def backward(self, draw: float | None = None, *, gradient: float = 1.0) -> None: ...
    @overload
    def backward(self, draw: Callable[[Scalar, str], Picture], *, gradient: float = 1.0) -> list[Picture]: ...
    def backward(
        self, draw: Callable[[Scalar, str], Picture] | float | None = None, *, gradient: float = 1.0
    ) -> list[Picture] | None:
        """Run one backward pass from here and add its gradients to `.grad` of every scalar that it reaches.

        Calls accumulate, as PyTorch's do with `retain_graph=True`; those of several threads run one after the
        other. The pass itself is spread through storage of its own, so that what an earlier pass left in
        `.grad` is never sent on. A pass that fails changes nothing.

        Args:
            draw: Called as `draw(self, "backward")` after each step, that is after each computation has sent
                its gradient on; `draw_graph` is made for it. Or a number: the gradient, as in PyTorch.
            gradient: The gradient of this scalar itself.

        Returns:
            A list of the results of `draw`, one per step; None without it.

        Raises:
            TypeError: `draw` is neither a function nor a number.
            ValueError: A computation on the way has an op that is not in the table.
            RuntimeError: A leaf was set after something was computed from it, and `forward()` was not called.
        """
        if draw is not None and not callable(draw):
            draw, gradient = None, _number(draw)
        with exclusive:
            if Freezing.happened:
                update_tracking(_upstream(self))
            if self._number < 0:
                return None if draw is None else []
            try:
                visits = run_pass(self, gradient if type(gradient) is float else _number(gradient))
            except StaleError as stale:
                raise RuntimeError(_stale_sentence(stale.leaf, self, sys._getframe(1))) from None
            frame = sys._getframe(1)
            visits.this_pass.caller = frame.f_code, frame.f_lasti
            drawn = None if draw is None else pictures(visits, draw)
            if visits.noted:
                tell(visits.noted)
            return drawn

    def zero_grad(self) -> None:
        """Forget the gradients of everything that this scalar was computed from, and its own."""
        with exclusive:
            nodes = _upstream(self)
            for node in nodes:
                node._forget()
            tell(nodes)

    # -- operators: each is one row of the op table ----------------------------------------------------------

    def __neg__(self: S) -> S:
        return unary("neg", self)

    def __pos__(self: S) -> S:
        return self

    def __abs__(self: S) -> S:
        return unary("abs", self)

    def sigmoid(self: S) -> S:
        """1 / (1 + exp(-x))."""
        return unary("sigmoid", self)

    def exp(self: S) -> S:
        """e to the power of this."""
        return unary("exp", self)

    def log(self: S) -> S:
        """The natural logarithm."""
        return unary("log", self)

    def sqrt(self: S) -> S:
        """The square root."""
        return unary("sqrt", self)

    def sin(self: S) -> S:
        """The sine, of radians."""
        return unary("sin", self)

    def cos(self: S) -> S:
        """The cosine, of radians."""
        return unary("cos", self)

    def abs(self: S) -> S:
        """The distance from 0."""
        return unary("abs", self)

    def log1p(self: S) -> S:
        """log(1 + x), accurate near 0."""
        return unary("log1p", self)

    def expm1(self: S) -> S:
        """exp(x) - 1, accurate near 0."""
        return unary("expm1", self)

    def tan(self: S) -> S:
        """The tangent, of radians."""
        return unary("tan", self)

    def asin(self: S) -> S:
        """The inverse sine, in radians."""
        return unary("asin", self)

    def acos(self: S) -> S:
        """The inverse cosine, in radians."""
        return unary("acos", self)

    def atan(self: S) -> S:
        """The inverse tangent, in radians."""
        return unary("atan", self)

    def sinh(self: S) -> S:
        """The hyperbolic sine."""
        return unary("sinh", self)

    def cosh(self: S) -> S:
        """The hyperbolic cosine."""
        return unary("cosh", self)

    def softplus(self: S) -> S:
        """log(1 + exp(x)), a smooth relu."""
        return unary("softplus", self)

    def silu(self: S) -> S:
        """x * sigmoid(x)."""
        return unary("silu", self)

    def gelu(self: S) -> S:
        """x * Phi(x), with the exact normal distribution function."""
        return unary("gelu", self)

    def leaky_relu(self: S) -> S:
        """The value where it is positive, else a hundredth of it."""
        return unary("leaky_relu", self)

    def elu(self: S) -> S:
        """The value where it is positive, else exp(x) - 1."""
        return unary("elu", self)

    def square(self: S) -> S:
        """x * x, as one node."""
        return unary("square", self)

    def reciprocal(self: S) -> S:
        """1 / x."""
        return unary("reciprocal", self)

    def sign(self: S) -> S:
        """-1, 0 or 1; its gradient is 0."""
        return unary("sign", self)

    def floor(self: S) -> S:
        """The largest integer not above; its gradient is 0."""
        return unary("floor", self)

    def rsqrt(self: S) -> S:
        """1 / sqrt(x)."""
        return unary("rsqrt", self)

    def exp2(self: S) -> S:
        """2 to the power of this."""
        return unary("exp2", self)

    def log2(self: S) -> S:
        """The logarithm to the base 2."""
        return unary("log2", self)

    def log10(self: S) -> S:
        """The logarithm to the base 10."""
        return unary("log10", self)

    def asinh(self: S) -> S:
        """The inverse hyperbolic sine."""
        return unary("asinh", self)

    def acosh(self: S) -> S:
        """The inverse hyperbolic cosine."""
        return unary("acosh", self)

    def atanh(self: S) -> S:
        """The inverse hyperbolic tangent."""
        return unary("atanh", self)

    def erf(self: S) -> S:
        """The error function."""
        return unary("erf", self)

    def erfc(self: S) -> S:
        """1 - erf(x), accurate where that is small."""
        return unary("erfc", self)

    def logsigmoid(self: S) -> S:
        """log(sigmoid(x)), finite where the sigmoid underflows."""
        return unary("logsigmoid", self)

    def logit(self: S) -> S:
        """log(x / (1 - x)), the inverse of the sigmoid."""
        return unary("logit", self)

    def softsign(self: S) -> S:
        """x / (1 + abs(x))."""
        return unary("softsign", self)

    def relu6(self: S) -> S:
        """The value between 0 and 6, else the nearer bound; at both its gradient is 0."""
        return unary("relu6", self)

    def hardtanh(self: S) -> S:
        """The value between -1 and 1, else the nearer bound; at both its gradient is 0."""
        return unary("hardtanh", self)

    def ceil(self: S) -> S:
        """The smallest integer not below; its gradient is 0."""
        return unary("ceil", self)

    def round(self: S) -> S:
        """The nearest integer, of two the even one; its gradient is 0."""
        return unary("round", self)

    def trunc(self: S) -> S:
        """The integer part; its gradient is 0."""
        return unary("trunc", self)

    def frac(self: S) -> S:
        """The fractional part, x - trunc(x)."""
        return unary("frac", self)

    def detach(self: S) -> S:
        """The value as a constant: no gradient goes through it."""
        return unary("detach", self)

    def clamp(self: S, min: Number | None = None, max: Number | None = None) -> S:  # noqa: A002 # PyTorch's
        """This between two bounds, else the nearer one. At a bound itself this has the whole gradient.

        Raises:
            ValueError: There is no bound.
        """
        if min is None and max is None:
            raise ValueError("clamp needs a bound: x.clamp(min, max), or one of the two by its name")
        return variadic("clamp", self, (-inf if min is None else min, inf if max is None else max))

    def pow(self: S, exponent: Number) -> S:
        """This to the power of the exponent, as `**`."""
        return variadic("**", self, (exponent,))

    def atan2(self: S, x: Number) -> S:
        """The angle of the point (x, this), in radians."""
        return variadic("atan2", self, (x,))

    def hypot(self: S, other: Number) -> S:
        """sqrt(this**2 + other**2), without overflow."""
        return variadic("hypot", self, (other,))

    def logaddexp(self: S, other: Number) -> S:
        """log(exp(this) + exp(other)), without overflow."""
        return variadic("logaddexp", self, (other,))

    def xlogy(self: S, other: Number) -> S:
        """This times log(other), and 0 where this is 0."""
        return variadic("xlogy", self, (other,))

    def fmod(self: S, other: Number) -> S:
        """The remainder of this / other with the sign of this; `%` has that of the other."""
        return variadic("fmod", self, (other,))

    def sum(self: S, *others: Number) -> S:
        """This and the others added up, as one node."""
        return variadic("sum", self, others)

    def prod(self: S, *others: Number) -> S:
        """This and the others multiplied, as one node."""
        return variadic("prod", self, others)

    def mean(self: S, *others: Number) -> S:
        """The sum of this and the others divided by their number."""
        return variadic("mean", self, others)

    def max(self: S, *others: Number) -> S:
        """The largest of this and the others; a tie shares the gradient."""
        return variadic("max", self, others)

    def min(self: S, *others: Number) -> S:
        """The smallest of this and the others; a tie shares the gradient."""
        return variadic("min", self, others)

    # -- copies ----------------------------------------------------------------------------------------------

    def __copy__(self: S) -> S:
        return shallow_copy(self)

    def __deepcopy__(self: S, memo: dict[int, Any]) -> S:
        return deep_copy(self, memo)

    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        return reduced(self)

    @classmethod
    def _restore(
        cls: type[S], value: float, op: str | None, prevs: tuple[Scalar, ...], needs_grad: bool
    ) -> S:
        """A scalar with all that is known to be right, past `__init__`, which a subclass may have changed."""
        node = allocate(cls)
        node._value, node.op = value, op
        node._pass = node._extras = None
        node._group = innermost_group.get()
        node._set_operands(prevs)
        number = next_number()
        node._number = number if needs_grad else -number
        return node

    # -- within ----------------------------------------------------------------------------------------------

    def _refuse_value(self) -> NoReturn:
        if self.op == CONST:
            raise ValueError(
                f"the constant {self._value:g} can't be set: write Scalar({self._value:g}) in its place for "
                "a leaf that can"
            )
        leaves = [node for node in _upstream(self) if node.op is None]
        name = self.label or f"the result of {self.op!r}"
        if not leaves:
            raise ValueError(f"{name} is computed from constants, and can't be set")
        leaf = next((leaf for leaf in leaves if leaf.label), leaves[0])
        raise ValueError(
            f"{name} is computed: set a leaf that it comes from, such as "
            f"{leaf.label or f'the one of {leaf._value:g}'}, and call forward()"
        )

    @property
    def _is_known(self) -> bool:
        """True for a leaf, and for an op that computes its own local derivatives."""
        custom = self._extras.custom if self._extras else None
        return self._a is None or self.op in OPS or bool(custom and not isinstance(custom, RecordedOp))

    def _forget(self) -> None:
        """Forget all gradients and passes."""
        self._pass = None
        if self._extras:
            self._extras.earlier, self._extras.at = (), None


def apply(op: str, *operands: Number) -> Any:
    """The result of an op of the table on scalars and plain numbers.

    Args:
        op: A name in `ops.OPS`.
        operands: If there is a `Scalar` among them, the result is one, of the class of the first.

    Raises:
        TypeError: An operand is neither a scalar nor a real number.
    """
    return computed(op, operands)


def note_value(leaf: Scalar) -> None:
    """Note that a leaf is about to change; keep the value that it had when the last pass came."""
    extras = leaf._own_extras
    extras.set_at = LastSet.at = next_number()
    if leaf._pass is not None and extras.at is None:
        extras.at = leaf._value


def _stale_sentence(leaf: Any, root: Scalar, frame: FrameType) -> str:
    at = name_in(frame, leaf) or f"the leaf of {leaf._value:g}"
    y = name_in(frame, root)
    if y:
        return f"{at} was set after {y} was computed: call {y}.forward(), or compute {y} again"
    return f"{at} was set after this result was computed: call forward() on it, or compute it again"
