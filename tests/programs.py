"""Runs the programs that graphs are exported as, and looks at what they computed."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import autograd_widget as ours
from autograd_widget import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_TOP = """
abs square reciprocal sqrt rsqrt exp expm1 exp2 log log1p log2 log10 logit erf erfc sigmoid
sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh atan2 hypot logaddexp xlogy
sign floor ceil round trunc frac fmod clamp detach
"""
"""The functions of `torch` itself that the programs call."""

HAS_TORCH = importlib.util.find_spec("torch") is not None


def run(program: str) -> tuple[dict[str, Any], str]:
    """The variables of a program after its end, and what it printed. Without PyTorch ours stands in."""
    names: dict[str, Any] = {}
    depth = sys.getrecursionlimit()
    try:
        with contextlib.redirect_stdout(io.StringIO()) as printed, torch_or_ours():
            exec(compile(program, "program.py", "exec"), names)  # noqa: S102 (made here, of graphs of ours)
    finally:
        sys.setrecursionlimit(depth)  # the programs for micrograd want more
    return names, printed.getvalue()


def value_of(variable: Any) -> float:
    """A variable's number, whoever computed it."""
    return float(variable.item() if hasattr(variable, "item") else variable.data)


def grad_of(variable: Any) -> float:
    """Its gradient; 0 where no pass came."""
    return float(variable.grad or 0.0)


@contextlib.contextmanager
def torch_or_ours() -> Iterator[None]:
    """`import torch` gives PyTorch, or where that is not installed a module of that name over our scalars."""
    if HAS_TORCH:
        yield
        return
    fake = ModuleType("torch")
    functional = ModuleType("functional")
    # Only what PyTorch has under these names, and nowhere else.
    for name in (
        "leaky_relu",
        "elu",
        "softplus",
        "silu",
        "gelu",
        "relu",
        "relu6",
        "hardtanh",
        "logsigmoid",
        "softsign",
    ):
        setattr(functional, name, lifted(name))
    for name in AT_TOP.split():
        setattr(fake, name, lifted(name))
    fake.where = lambda c, a, b: Tensor(ours.where(c.scalar, a.scalar, b.scalar))  # type: ignore[attr-defined]
    fake.div = divided  # type: ignore[attr-defined]
    fake.nn = ModuleType("nn")  # type: ignore[attr-defined]
    fake.nn.functional = functional
    fake.float64 = float  # type: ignore[attr-defined]
    fake.tensor = tensor  # type: ignore[attr-defined]
    fake.stack = Stack  # type: ignore[attr-defined]
    sys.modules["torch"] = fake
    try:
        yield
    finally:
        del sys.modules["torch"]


class Tensor:
    """The part of a tensor of one number that the programs use."""

    def __init__(self, scalar: Scalar) -> None:
        self.scalar = scalar
        self.retains = not scalar.prevs

    def retain_grad(self) -> None:
        assert self.scalar.requires_grad
        self.retains = True

    def backward(self, gradient: Tensor | None = None, retain_graph: bool = False) -> None:
        assert retain_graph, "a second pass would fail"
        self.scalar.backward(gradient=1.0 if gradient is None else gradient.item())

    def item(self) -> float:
        return self.scalar.value

    @property
    def grad(self) -> float | None:
        assert self.retains, "PyTorch warns that it has not been kept"
        return self.scalar.grad if self.scalar.reached else None

    @grad.setter
    def grad(self, grad: Tensor) -> None:
        assert isinstance(grad, Tensor), "PyTorch takes nothing else"
        self.scalar.grad = grad.item()

    def double(self) -> Tensor:
        return self

    def __neg__(self) -> Tensor:
        return Tensor(-self.scalar)


def binary(name: str) -> Any:
    """An operator of tensors and numbers, by the scalars'."""
    return lambda self, other: Tensor(getattr(self.scalar, name)(getattr(other, "scalar", other)))


for operator in ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "pow", "rpow", "mod"):
    setattr(Tensor, f"__{operator}__", binary(f"__{operator}__"))


def compared(name: str) -> Any:
    """A comparison of tensors, and of a tensor with a number."""
    function = getattr(ours, name)
    return lambda self, other: Tensor(function(self.scalar, getattr(other, "scalar", other)))


for sign, name in (("gt", "greater"), ("ge", "greater_equal"), ("lt", "less"), ("le", "less_equal")):
    setattr(Tensor, f"__{sign}__", compared(name))
Tensor.__eq__ = compared("equal")  # type: ignore[method-assign]
Tensor.__ne__ = compared("not_equal")  # type: ignore[method-assign]


class Stack:
    """Some tensors as one, to ask for the largest or the smallest."""

    def __init__(self, tensors: list[Tensor]) -> None:
        self.scalars = [each.scalar for each in tensors]

    def max(self) -> Tensor:
        return Tensor(ours.max(self.scalars))

    def min(self) -> Tensor:
        return Tensor(ours.min(self.scalars))


def tensor(x: float, dtype: type, requires_grad: bool = False) -> Tensor:
    assert dtype is float
    return Tensor(Scalar(x, requires_grad=requires_grad))


def lifted(name: str) -> Any:
    """A function of scalars as one of tensors."""
    function = getattr(ours, name)
    return lambda *x: Tensor(function(*[each.scalar for each in x]))


def divided(a: Tensor, b: Tensor, rounding_mode: str) -> Tensor:
    assert rounding_mode == "floor"
    return Tensor(a.scalar // b.scalar)
