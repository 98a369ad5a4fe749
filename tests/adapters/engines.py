"""Small engines in the shapes that people's own have, one class each.

`ENGINES` maps a name to the class; all have `+ - * / **` with plain numbers on either side.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any


def lecture(
    hold: Callable[[Any], Any] = set,
    *,
    direct: bool = False,
    power: Callable[[float], str] = lambda n: f"**{n}",
    spell: dict[str, str] | None = None,
    equal_by_value: bool = False,
) -> type:
    """The lecture's class: closures, wrapped numbers, operands in a container of one's choice."""
    words = spell or {}

    class Value:
        def __init__(self, data: float, children: Any = (), op: str = "", label: str = "") -> None:
            self.data = data
            self.grad = 0.0
            self._backward: Callable[[], None] = lambda: None
            self._prev = hold(children)
            self._op = words.get(op, op)
            self.label = label

        def __add__(self, other: Any) -> Any:
            other = other if isinstance(other, Value) else Value(other)
            out = Value(self.data + other.data, (self, other), "+")

            def _backward() -> None:
                self.grad += out.grad
                other.grad += out.grad

            out._backward = _backward
            return out

        def __mul__(self, other: Any) -> Any:
            other = other if isinstance(other, Value) else Value(other)
            out = Value(self.data * other.data, (self, other), "*")

            def _backward() -> None:
                self.grad += other.data * out.grad
                other.grad += self.data * out.grad

            out._backward = _backward
            return out

        def __pow__(self, other: float) -> Any:
            out = Value(self.data**other, (self,), power(other))

            def _backward() -> None:
                self.grad += other * self.data ** (other - 1) * out.grad

            out._backward = _backward
            return out

        def __neg__(self) -> Any:
            return self * -1

        def __sub__(self, other: Any) -> Any:
            return self + (-other)

        def __truediv__(self, other: Any) -> Any:
            return self * other**-1

        def __radd__(self, other: Any) -> Any:
            return self + other

        def __rmul__(self, other: Any) -> Any:
            return self * other

        def __rsub__(self, other: Any) -> Any:
            return Value(other) - self

        def __rtruediv__(self, other: Any) -> Any:
            return Value(other) / self

        def tanh(self) -> Any:
            t = (math.exp(2 * self.data) - 1) / (math.exp(2 * self.data) + 1)
            out = Value(t, (self,), "tanh")

            def _backward() -> None:
                self.grad += (1 - t**2) * out.grad

            out._backward = _backward
            return out

        def exp(self) -> Any:
            out = Value(math.exp(self.data), (self,), "exp")

            def _backward() -> None:
                self.grad += out.data * out.grad

            out._backward = _backward
            return out

        def relu(self) -> Any:
            out = Value(max(0.0, self.data), (self,), "ReLU")

            def _backward() -> None:
                self.grad += (out.data > 0) * out.grad

            out._backward = _backward
            return out

        def swish(self, beta: float = 1.5) -> Any:
            s = 1 / (1 + math.exp(-beta * self.data))
            out = Value(self.data * s, (self,), "swish")

            def _backward() -> None:
                self.grad += (s + beta * self.data * s * (1 - s)) * out.grad

            out._backward = _backward
            return out

        def backward(self) -> None:
            order: list[Any] = []
            seen: set[int] = set()

            def visit(v: Any) -> None:
                if id(v) not in seen:
                    seen.add(id(v))
                    for child in v._prev:
                        visit(child)
                    order.append(v)

            visit(self)
            self.grad = 1.0
            for v in reversed(order):
                v._backward()

    if direct:
        _add_direct(Value)
    if equal_by_value:
        _compare_by_value(Value)
    return Value


def _add_direct(value: Any) -> None:
    """A true `-`, `/` and negation, each one node."""

    def __sub__(self: Any, other: Any) -> Any:
        other = other if isinstance(other, value) else value(other)
        out = value(self.data - other.data, (self, other), "-")

        def _backward() -> None:
            self.grad += out.grad
            other.grad -= out.grad

        out._backward = _backward
        return out

    def __truediv__(self: Any, other: Any) -> Any:
        other = other if isinstance(other, value) else value(other)
        out = value(self.data / other.data, (self, other), "/")

        def _backward() -> None:
            self.grad += out.grad / other.data
            other.grad -= self.data / other.data**2 * out.grad

        out._backward = _backward
        return out

    def __neg__(self: Any) -> Any:
        out = value(-self.data, (self,), "neg")

        def _backward() -> None:
            self.grad -= out.grad

        out._backward = _backward
        return out

    value.__sub__, value.__truediv__, value.__neg__ = __sub__, __truediv__, __neg__
    for f in (__sub__, __truediv__, __neg__):
        f.__qualname__ = f"Value.{f.__name__}"


def _compare_by_value(value: Any) -> None:
    value.__eq__ = lambda self, other: isinstance(other, value) and self.data == other.data
    value.__hash__ = lambda self: hash(self.data)


class Operators:
    """Reflected and composed operators, for engines that write only `+ * **`."""

    __slots__ = ()

    def __neg__(self: Any) -> Any:
        return self * -1

    def __sub__(self: Any, other: Any) -> Any:
        return self + (-other)

    def __truediv__(self: Any, other: Any) -> Any:
        return self * other**-1

    def __radd__(self: Any, other: Any) -> Any:
        return self + other

    def __rmul__(self: Any, other: Any) -> Any:
        return self * other

    def __rsub__(self: Any, other: Any) -> Any:
        return (-self) + other

    def __rtruediv__(self: Any, other: Any) -> Any:
        return self**-1 * other


class Slotted(Operators):
    """The single-file GPT of 2026: slots, local derivatives in a tuple, no op and no closure."""

    __slots__ = ("_children", "_local_grads", "data", "grad")

    def __init__(self, data: float, children: Any = (), local_grads: Any = ()) -> None:
        self.data = data
        self.grad = 0.0
        self._children = children
        self._local_grads = local_grads

    def __add__(self, other: Any) -> Any:
        other = other if isinstance(other, Slotted) else Slotted(other)
        return Slotted(self.data + other.data, (self, other), (1, 1))

    def __mul__(self, other: Any) -> Any:
        other = other if isinstance(other, Slotted) else Slotted(other)
        return Slotted(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, other: float) -> Any:
        return Slotted(self.data**other, (self,), (other * self.data ** (other - 1),))

    def exp(self) -> Any:
        return Slotted(math.exp(self.data), (self,), (math.exp(self.data),))

    def relu(self) -> Any:
        return Slotted(max(0, self.data), (self,), (float(self.data > 0),))

    def backward(self) -> None:
        order: list[Any] = []
        seen: set[int] = set()

        def visit(v: Any) -> None:
            if id(v) not in seen:
                seen.add(id(v))
                for child in v._children:
                    visit(child)
                order.append(v)

        visit(self)
        self.grad = 1
        for v in reversed(order):
            for child, local in zip(v._children, v._local_grads, strict=True):
                child.grad += local * v.grad


class Plain:
    """Plain numbers stay operands, in a list that lies about the order of `2 - a`; `None` fills up."""

    def __init__(self, v: float, operands: Any = (), op: str | None = None, name: str = "") -> None:
        self.v = v
        self.gradient: float | None = None
        self._operands = list(operands)
        self.parent_op = op
        self.name = name

    @staticmethod
    def of(x: Any) -> float:
        return x.v if isinstance(x, Plain) else x

    def __add__(self, other: Any) -> Any:
        return Plain(self.v + self.of(other), [self, other], "add")

    def __radd__(self, other: Any) -> Any:
        return Plain(other + self.v, [self, other], "add")

    def __sub__(self, other: Any) -> Any:
        return Plain(self.v - self.of(other), [self, other], "sub")

    def __rsub__(self, other: Any) -> Any:
        return Plain(other - self.v, [self, other], "sub")

    def __mul__(self, other: Any) -> Any:
        return Plain(self.v * self.of(other), [self, other], "mul")

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return Plain(self.v / self.of(other), [self, other], "div")

    def __rtruediv__(self, other: Any) -> Any:
        return Plain(other / self.v, [self, other], "div")

    def __pow__(self, other: float) -> Any:
        return Plain(self.v**other, [self, other], "pow")

    def __neg__(self) -> Any:
        return Plain(-self.v, [self, None], "neg")

    def tanh(self) -> Any:
        return Plain(math.tanh(self.v), [self, None], "tanh")


class Context:
    """The record of a `Historied` result: its function and operands."""

    def __init__(self, last_fn: type | None = None, inputs: Any = ()) -> None:
        self.last_fn, self.inputs = last_fn, inputs


class Add:
    """An op as a class."""


class Mul:
    """An op as a class."""


class PowConst:
    """An op as a class."""


class ExpFunction:
    """An op as a class."""


class Historied(Operators):
    """`history.inputs`, and `history.last_fn` is a class."""

    def __init__(self, data: float, history: Context | None = None, name: str = "") -> None:
        self.data, self.history, self.name = data, history or Context(), name
        self.derivative: float | None = None

    def __add__(self, other: Any) -> Any:
        other = other if isinstance(other, Historied) else Historied(other)
        return Historied(self.data + other.data, Context(Add, (self, other)))

    def __mul__(self, other: Any) -> Any:
        other = other if isinstance(other, Historied) else Historied(other)
        return Historied(self.data * other.data, Context(Mul, (self, other)))

    def __pow__(self, other: float) -> Any:
        return Historied(self.data**other, Context(PowConst, (self, other)))

    def exp(self) -> Any:
        return Historied(math.exp(self.data), Context(ExpFunction, (self,)))


class Operator(Enum):
    """Ops as members."""

    ADD = 1
    SUB = 2
    MUL = 3
    DIV = 4
    POW = 5
    NEG = 6


class Enumerated:
    """An Enum for the op, `parents` in a tuple, true operators, a free function as maker."""

    def __init__(self, value: float, parents: Any = (), operator: Operator | None = None) -> None:
        self.value, self.parents, self._operator, self._grad = value, parents, operator, 0.0

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Enumerated) else Enumerated(x)

    def __add__(self, o: Any) -> Any:
        return Enumerated(self.value + self.up(o).value, (self, self.up(o)), Operator.ADD)

    def __radd__(self, o: Any) -> Any:
        return Enumerated(o, ()) + self

    def __sub__(self, o: Any) -> Any:
        return Enumerated(self.value - self.up(o).value, (self, self.up(o)), Operator.SUB)

    def __rsub__(self, o: Any) -> Any:
        return Enumerated(o) - self

    def __mul__(self, o: Any) -> Any:
        return Enumerated(self.value * self.up(o).value, (self, self.up(o)), Operator.MUL)

    __rmul__ = __mul__

    def __truediv__(self, o: Any) -> Any:
        return Enumerated(self.value / self.up(o).value, (self, self.up(o)), Operator.DIV)

    def __rtruediv__(self, o: Any) -> Any:
        return Enumerated(o) / self

    def __pow__(self, o: Any) -> Any:
        return Enumerated(self.value ** self.up(o).value, (self, self.up(o)), Operator.POW)

    def __neg__(self) -> Any:
        return Enumerated(-self.value, (self,), Operator.NEG)


class Paired:
    """Pairs of an operand and a local derivative, and no op."""

    def __init__(self, value: float, local_gradients: Any = ()) -> None:
        self.value, self.local_gradients = value, local_gradients

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Paired) else Paired(x)

    def __add__(self, o: Any) -> Any:
        o = self.up(o)
        return Paired(self.value + o.value, ((self, 1.0), (o, 1.0)))

    __radd__ = __add__

    def __mul__(self, o: Any) -> Any:
        o = self.up(o)
        return Paired(self.value * o.value, ((self, o.value), (o, self.value)))

    __rmul__ = __mul__

    def __sub__(self, o: Any) -> Any:
        o = self.up(o)
        return Paired(self.value - o.value, ((self, 1.0), (o, -1.0)))

    def __rsub__(self, o: Any) -> Any:
        return self.up(o) - self

    def __truediv__(self, o: Any) -> Any:
        o = self.up(o)
        return Paired(self.value / o.value, ((self, 1 / o.value), (o, -self.value / o.value**2)))

    def __rtruediv__(self, o: Any) -> Any:
        return self.up(o) / self

    def __pow__(self, n: float) -> Any:
        return Paired(self.value**n, ((self, n * self.value ** (n - 1)),))

    def __neg__(self) -> Any:
        return Paired(-self.value, ((self, -1.0),))

    def sin(self) -> Any:
        return Paired(math.sin(self.value), ((self, math.cos(self.value)),))


class Book(Operators):
    """Local derivatives in a dict by operand, which loses one of `x * x`; a pass that recurses."""

    def __init__(self, value: float, prevs: Any = (), op: str = "", label: str = "") -> None:
        self.value, self.prevs, self.op, self.label = value, prevs, op, label
        self.grad = 0.0
        self.grad_wrt: dict[Any, float] = {}

    def __add__(self, other: Any) -> Any:
        other = other if isinstance(other, Book) else Book(other)
        out = Book(self.value + other.value, (self, other), "+")
        out.grad_wrt = {self: 1.0, other: 1.0}
        return out

    def __mul__(self, other: Any) -> Any:
        other = other if isinstance(other, Book) else Book(other)
        out = Book(self.value * other.value, (self, other), "*")
        out.grad_wrt = {self: other.value, other: self.value}
        return out

    def __pow__(self, other: float) -> Any:
        out = Book(self.value**other, (self,), "^")
        out.grad_wrt = {self: other * self.value ** (other - 1)}
        return out

    def relu(self) -> Any:
        out = Book(max(0.0, self.value), (self,), "relu")
        out.grad_wrt = {self: float(self.value > 0)}
        return out

    def _backward(self) -> None:
        for operand, local in self.grad_wrt.items():
            operand.grad += local * self.grad
            operand._backward()


class Tree(Operators):
    """A class for each op, with `left` and `right`."""

    def __init__(self, value: float) -> None:
        self.value, self.adjoint = value, 0.0

    def __add__(self, other: Any) -> Any:
        return AddNode(self, other)

    def __mul__(self, other: Any) -> Any:
        return MulNode(self, other)

    def __pow__(self, other: float) -> Any:
        return PowNode(self, other)


class Binary(Tree):
    """The base of binary op nodes."""

    def __init__(self, left: Any, right: Any) -> None:
        self.left = left
        self.right = right if isinstance(right, Tree) else Tree(right)
        super().__init__(self.compute(left.value, self.right.value))

    def compute(self, left: float, right: float) -> float:
        raise NotImplementedError


class AddNode(Binary):
    """A sum."""

    def compute(self, left: float, right: float) -> float:
        return left + right


class MulNode(Binary):
    """A product."""

    def compute(self, left: float, right: float) -> float:
        return left * right


class PowNode(Binary):
    """A power."""

    def compute(self, left: float, right: float) -> float:
        return float(left**right)


class Returning(Operators):
    """A backward function that takes the upstream gradient and returns the operands' in a tuple."""

    def __init__(self, data: float, inputs: Any = (), backward_fn: Any = None, op: str = "") -> None:
        self.data, self.inputs, self.backward_fn, self.op, self.grad = data, inputs, backward_fn, op, None

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Returning) else Returning(x)

    def __add__(self, o: Any) -> Any:
        o = self.up(o)
        return Returning(self.data + o.data, [self, o], lambda g: (g, g), "⊞")

    def __mul__(self, o: Any) -> Any:
        o = self.up(o)
        return Returning(self.data * o.data, [self, o], lambda g: (g * o.data, g * self.data), "⊠")

    def __pow__(self, n: float) -> Any:
        return Returning(self.data**n, [self], lambda g: (g * n * self.data ** (n - 1),), "pow")


class Function:
    """The creator of a `Variable`; it holds the operands."""

    def __init__(self, *inputs: Any, c: float = 0.0) -> None:
        self.inputs, self.c = list(inputs), c


class AddFn(Function):
    """A sum."""


class MulFn(Function):
    """A product."""


class PowFn(Function):
    """A power, with its exponent."""


class Variable(Operators):
    """The operands are those of a `creator`, whose class is the op."""

    def __init__(self, data: float, creator: Any = None, name: str | None = None) -> None:
        self.data, self.creator, self.name, self.grad = data, creator, name, None

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Variable) else Variable(x)

    def __add__(self, o: Any) -> Any:
        o = self.up(o)
        return Variable(self.data + o.data, AddFn(self, o))

    def __mul__(self, o: Any) -> Any:
        o = self.up(o)
        return Variable(self.data * o.data, MulFn(self, o))

    def __pow__(self, n: float) -> Any:
        return Variable(self.data**n, PowFn(self, c=n))


class Pulling(Operators):
    """Pairs of an operand and a function of the upstream gradient, and no op."""

    def __init__(self, val: float, parents: Any = ()) -> None:
        self.val, self.parents, self.grad = val, parents, 0.0

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Pulling) else Pulling(x)

    def __add__(self, o: Any) -> Any:
        o = self.up(o)
        return Pulling(self.val + o.val, [(self, lambda g: g), (o, lambda g: g)])

    def __mul__(self, o: Any) -> Any:
        o = self.up(o)
        return Pulling(self.val * o.val, [(self, lambda g: g * o.val), (o, lambda g: g * self.val)])

    def __pow__(self, n: float) -> Any:
        return Pulling(self.val**n, [(self, lambda g: g * n * self.val ** (n - 1))])


class Private(Operators):
    """Names with two underscores, which Python mangles."""

    def __init__(self, x: float, ch: Any = (), o: str = "") -> None:
        self.__x, self.__ch, self.__o, self.__g = x, ch, o, 0.0

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Private) else Private(x)

    def __add__(self, o: Any) -> Any:
        o = self.up(o)
        return Private(self.__x + o.__x, (self, o), "+")

    def __mul__(self, o: Any) -> Any:
        o = self.up(o)
        return Private(self.__x * o.__x, (self, o), "*")

    def __pow__(self, n: float) -> Any:
        return Private(self.__x**n, (self,), f"**{n}")


class Unhashable(Enumerated):
    """`__eq__` without `__hash__`."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unhashable) and self.value == other.value


class Hooked(Operators):
    """No usual name but `data`: the one function that a node holds is its backward function, and no op."""

    def __init__(self, data: float, made_of: Any = ()) -> None:
        self.data, self.made_of, self.slope = data, set(made_of), 0.0
        self.hook: Callable[[], None] = lambda: None

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Hooked) else Hooked(x)

    def __add__(self, addend: Any) -> Any:
        addend = self.up(addend)
        out = Hooked(self.data + addend.data, (self, addend))

        def hook() -> None:
            self.slope += out.slope
            addend.slope += out.slope

        out.hook = hook
        return out

    def __mul__(self, factor: Any) -> Any:
        factor = self.up(factor)
        out = Hooked(self.data * factor.data, (self, factor))

        def hook() -> None:
            self.slope += factor.data * out.slope
            factor.slope += self.data * out.slope

        out.hook = hook
        return out

    def __pow__(self, n: float) -> Any:
        out = Hooked(self.data**n, (self,))

        def hook() -> None:
            self.slope += n * self.data ** (n - 1) * out.slope

        out.hook = hook
        return out

    def __sub__(self, other: Any) -> Any:
        other = self.up(other)
        out = self + other * -1
        out.made_of.add(other)  # more than its operands
        return out


class Calculation:
    """An op object whose bound method is the backward function of its result."""

    def __init__(self, *nodes: Any, number: float = 0.0) -> None:
        self.first, self.last, self.number = nodes[0], nodes[-1], number

    def result(self) -> Any:
        self.out = Calculated(self.compute(), [*dict.fromkeys((self.first, self.last))])
        self.out.send = self.send
        return self.out

    def compute(self) -> float:
        raise NotImplementedError

    def send(self) -> None:
        raise NotImplementedError


class Addition(Calculation):
    """A sum."""

    def compute(self) -> float:
        return float(self.first.val + self.last.val)

    def send(self) -> None:
        self.first.grad += self.out.grad
        self.last.grad += self.out.grad


class Multiplication(Calculation):
    """A product."""

    def compute(self) -> float:
        return float(self.first.val * self.last.val)

    def send(self) -> None:
        self.first.grad += self.out.grad * self.last.val
        self.last.grad += self.out.grad * self.first.val


class Power(Calculation):
    """A power."""

    def compute(self) -> float:
        return float(self.first.val**self.number)

    def send(self) -> None:
        self.first.grad += self.out.grad * self.number * self.first.val ** (self.number - 1)


class Calculated(Operators):
    """The backward function is a method of an op object, and the op has no other name than that's class."""

    def __init__(self, val: float, inputs: Any = ()) -> None:
        self.val, self.inputs, self.grad = val, inputs, 0.0
        self.send: Callable[[], None] = lambda: None

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Calculated) else Calculated(x)

    def __add__(self, other: Any) -> Any:
        return Addition(self, self.up(other)).result()

    def __mul__(self, other: Any) -> Any:
        return Multiplication(self, self.up(other)).result()

    def __pow__(self, n: float) -> Any:
        return Power(self, number=n).result()


class Plus:
    """An op with two operands."""

    def __init__(self, left: Any, right: Any) -> None:
        self.left, self.right = left, right


class Times(Plus):
    """A product."""


class Negate:
    """An op with one operand, under a name of its own."""

    def __init__(self, operand: Any) -> None:
        self.operand = operand


class Pow(Plus):
    """A power."""


class Operated(Operators):
    """Slots, and the operands are attributes of an op object, others for each op."""

    __slots__ = ("data", "grad", "made_by")

    def __init__(self, data: float, made_by: Any = None) -> None:
        self.data, self.made_by, self.grad = data, made_by, 0.0

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Operated) else Operated(x)

    def __add__(self, o: Any) -> Any:
        return Operated(self.data + self.up(o).data, Plus(self, self.up(o)))

    def __mul__(self, o: Any) -> Any:
        return Operated(self.data * self.up(o).data, Times(self, self.up(o)))

    def __neg__(self) -> Any:
        return Operated(-self.data, Negate(self))

    def __pow__(self, o: Any) -> Any:
        o = self.up(o)
        return Operated(self.data**o.data, Pow(self, o))


class Texted(Operators):
    """The op's name is the last of the operands."""

    def __init__(self, value: float, parents: Any = ()) -> None:
        self.value, self.parents, self.grad = value, parents, 0.0

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Texted) else Texted(x)

    def __add__(self, o: Any) -> Any:
        return Texted(self.value + self.up(o).value, (self, self.up(o), "+"))

    def __mul__(self, o: Any) -> Any:
        return Texted(self.value * self.up(o).value, (self, self.up(o), "*"))

    def __pow__(self, n: float) -> Any:
        return Texted(self.value**n, (self, Texted(n), "**"))


class Edge:
    """A link to an operand, with the function that sends the gradient on."""

    def __init__(self, to: Any, send: Callable[[float], float]) -> None:
        self.to, self.send = to, send


class Edged:
    """Links as objects; plain numbers are in their functions only."""

    def __init__(self, data: float, *edges: Edge) -> None:
        self.data, self.edges, self.grad = data, edges, 0.0

    def __add__(self, o: Any) -> Any:
        if isinstance(o, Edged):
            return Edged(self.data + o.data, Edge(self, lambda g: g), Edge(o, lambda g: g))
        return Edged(self.data + o, Edge(self, lambda g: g))

    __radd__ = __add__

    def __sub__(self, o: Any) -> Any:
        if isinstance(o, Edged):
            return Edged(self.data - o.data, Edge(self, lambda g: g), Edge(o, lambda g: -g))
        return Edged(self.data - o, Edge(self, lambda g: g))

    def __rsub__(self, o: Any) -> Any:
        return Edged(o - self.data, Edge(self, lambda g: -g))

    def __mul__(self, o: Any) -> Any:
        if isinstance(o, Edged):
            return Edged(
                self.data * o.data, Edge(self, lambda g: g * o.data), Edge(o, lambda g: g * self.data)
            )
        return Edged(self.data * o, Edge(self, lambda g: g * o))

    __rmul__ = __mul__

    def __truediv__(self, o: Any) -> Any:
        return self * o**-1

    def __rtruediv__(self, o: Any) -> Any:
        return self**-1 * o

    def __pow__(self, n: float) -> Any:
        return Edged(self.data**n, Edge(self, lambda g: g * n * self.data ** (n - 1)))

    def __neg__(self) -> Any:
        return Edged(-self.data, Edge(self, lambda g: -g))


class Beside(Operators):
    """Pairs without names, and functions beside the class make them."""

    def __init__(self, value: float, local_gradients: Any = ()) -> None:
        self.value, self.local_gradients = value, local_gradients

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Beside) else Beside(x)

    def __add__(self, o: Any) -> Any:
        return Beside(self.value + self.up(o).value, ((self, 1), (self.up(o), 1)))

    def __mul__(self, o: Any) -> Any:
        o = self.up(o)
        return Beside(self.value * o.value, ((self, o.value), (o, self.value)))

    def __pow__(self, n: float) -> Any:
        return Beside(self.value**n, ((self, n * self.value ** (n - 1)),))

    def __sub__(self, o: Any) -> Any:
        return self + _negative(self.up(o))

    def __truediv__(self, o: Any) -> Any:
        return self * _inverse(self.up(o))


def _negative(a: Beside) -> Beside:
    return Beside(-a.value, ((a, -1),))


def _inverse(a: Beside) -> Beside:
    return Beside(1 / a.value, ((a, -1 / a.value**2),))


def sine(a: Beside) -> Beside:
    return Beside(math.sin(a.value), ((a, math.cos(a.value)),))


class Keyed(Operators):
    """Local derivatives in a dict by operand, and nothing else: of `x * x` it keeps one."""

    def __init__(self, value: float, local_grads: Any = None) -> None:
        self.value, self.grad, self.local_grads = value, 0.0, local_grads or {}

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Keyed) else Keyed(x)

    def __add__(self, o: Any) -> Any:
        o = self.up(o)
        return Keyed(self.value + o.value, {self: 1.0, o: 1.0})

    def __mul__(self, o: Any) -> Any:
        o = self.up(o)
        return Keyed(self.value * o.value, {self: o.value, o: self.value})

    def __pow__(self, n: float) -> Any:
        return Keyed(self.value**n, {self: n * self.value ** (n - 1)})


class Linked(Operators):
    """Links in both directions: `children` are consumers."""

    def __init__(self, value: float, parents: Any = (), op: str = "") -> None:
        self.value, self.parents, self.operator, self.grad = value, list(parents), op, 0.0
        self.children: list[Any] = []

    def _made(self, value: float, op: str, *parents: Any) -> Any:
        out = Linked(value, parents, op)
        for parent in parents:
            parent.children.append(out)
        return out

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Linked) else Linked(x)

    def __add__(self, o: Any) -> Any:
        return self._made(self.value + self.up(o).value, "add", self, self.up(o))

    def __mul__(self, o: Any) -> Any:
        return self._made(self.value * self.up(o).value, "mul", self, self.up(o))

    def __pow__(self, o: Any) -> Any:
        return self._made(self.value ** self.up(o).value, "pow", self, self.up(o))


class Twofold(Operators):
    """The gradient is a node, too."""

    def __init__(self, data: float, children: Any = (), op: str = "", tracked: bool = True) -> None:
        self.data, self._children, self._op = data, children, op
        self.grad = Twofold(0.0, tracked=False) if tracked else None

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Twofold) else Twofold(x)

    def __add__(self, o: Any) -> Any:
        return Twofold(self.data + self.up(o).data, (self, self.up(o)), "+")

    def __mul__(self, o: Any) -> Any:
        return Twofold(self.data * self.up(o).data, (self, self.up(o)), "*")

    def __pow__(self, n: float) -> Any:
        return Twofold(self.data**n, (self,), f"**{n}")


class Mislabelled(Operators):
    """A product is called a sum."""

    def __init__(self, data: float, prev: Any = (), op: str = "") -> None:
        self.data, self._prev, self._op, self.grad = data, prev, op, 0.0

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Mislabelled) else Mislabelled(x)

    def __add__(self, o: Any) -> Any:
        return Mislabelled(self.data + self.up(o).data, (self, self.up(o)), "+")

    def __mul__(self, o: Any) -> Any:
        return Mislabelled(self.data * self.up(o).data, (self, self.up(o)), "+")

    def __pow__(self, n: float) -> Any:
        return Mislabelled(self.data**n, (self,), f"**{n}")


class Pairing(Operators):
    """One function, which returns pairs of an operand and a local derivative; no operands are kept."""

    def __init__(self, v: float, grad_fn: Callable[[], list[Any]] = list) -> None:
        self.v, self.grad_fn, self.grad = v, grad_fn, 0.0

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Pairing) else Pairing(x)

    def __add__(self, other: Any) -> Any:
        other = self.up(other)
        return Pairing(self.v + other.v, lambda: [(self, 1.0), (other, 1.0)])

    def __mul__(self, other: Any) -> Any:
        other = self.up(other)
        return Pairing(self.v * other.v, lambda: [(self, other.v), (other, self.v)])

    def __pow__(self, power: float) -> Any:
        return Pairing(self.v**power, lambda: [(self, power * self.v ** (power - 1))])

    def backward_from(self, upstream: float = 1.0) -> None:
        self.grad += upstream
        for operand, local in self.grad_fn():
            operand.backward_from(local * upstream)

    def backward(self) -> None:
        self.backward_from()


class Operative(Operators):
    """The op is the class's own function, under a name of its own; so is the gradient's."""

    def __init__(self, value: float, inputs: Any = (), how: Any = None) -> None:
        self.value, self.inputs, self.how, self.current_gradient = value, inputs, how, 0.0

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Operative) else Operative(x)

    def __add__(self, other: Any) -> Any:
        return Operative(self.value + self.up(other).value, [self, self.up(other)], Operative.__add__)

    def __mul__(self, other: Any) -> Any:
        return Operative(self.value * self.up(other).value, [self, self.up(other)], Operative.__mul__)

    def __pow__(self, other: Any) -> Any:
        return Operative(self.value ** self.up(other).value, [self, self.up(other)], Operative.__pow__)


def _send_sum(out: Any) -> None:
    for operand in out._prev:
        operand.grad += out.grad


def _send_product(out: Any) -> None:
    a, b = out._prev
    a.grad += b.data * out.grad
    b.grad += a.data * out.grad


class Handed(Operators):
    """Backward functions are given the node; those of powers return local derivatives."""

    def __init__(self, data: float, prev: Any = (), op: str = "") -> None:
        self.data, self._prev, self._op, self.grad = data, prev, op, 0.0
        self._backward: Any = None

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Handed) else Handed(x)

    def __add__(self, other: Any) -> Any:
        out = Handed(self.data + self.up(other).data, (self, self.up(other)), "+")
        out._backward = _send_sum
        return out

    def __mul__(self, other: Any) -> Any:
        out = Handed(self.data * self.up(other).data, (self, self.up(other)), "*")
        out._backward = _send_product
        return out

    def __pow__(self, n: float) -> Any:
        out = Handed(self.data**n, (self,), f"**{n}")
        out._backward = lambda node: (n * node._prev[0].data ** (n - 1),)
        return out


class Record:
    """The record of a `Told` result."""

    def __init__(self, last_fn: Any = None, inputs: Any = ()) -> None:
        self.last_fn, self.inputs = last_fn, inputs


class Told(Operators):
    """A property names the operands; leaves alone keep gradients, and None is before a pass."""

    def __init__(self, data: float, record: Record | None = None) -> None:
        self.data, self.record = data, record or Record()
        self.derivative: float | None = None

    @property
    def parents(self) -> Any:
        return self.record.inputs

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Told) else Told(x)

    def __add__(self, o: Any) -> Any:
        return Told(self.data + self.up(o).data, Record(Add, (self, self.up(o))))

    def __mul__(self, o: Any) -> Any:
        return Told(self.data * self.up(o).data, Record(Mul, (self, self.up(o))))

    def __pow__(self, o: Any) -> Any:
        return Told(self.data ** self.up(o).data, Record(PowConst, (self, self.up(o))))

    def backward(self, upstream: float = 1.0) -> None:
        if not self.parents:
            self.derivative = (self.derivative or 0.0) + upstream
            return
        assert self.derivative is None
        a, b = self.parents
        if self.record.last_fn is Add:
            a.backward(upstream)
            b.backward(upstream)
        else:
            a.backward(upstream * b.data)
            b.backward(upstream * a.data)


class Sloped(Operators):
    """Local derivatives in a tuple under a name of their own, and no op."""

    def __init__(self, data: float, parents: Any = (), local_slopes: Any = ()) -> None:
        self.data, self.parents, self.local_slopes, self.adjoint = data, parents, local_slopes, 0.0

    @staticmethod
    def up(x: Any) -> Any:
        return x if isinstance(x, Sloped) else Sloped(x)

    def __add__(self, o: Any) -> Any:
        return Sloped(self.data + self.up(o).data, (self, self.up(o)), (1.0, 1.0))

    def __mul__(self, o: Any) -> Any:
        o = self.up(o)
        return Sloped(self.data * o.data, (self, o), (o.data, self.data))

    def __pow__(self, n: float) -> Any:
        return Sloped(self.data**n, (self,), (n * self.data ** (n - 1),))


ENGINES: dict[str, type] = {
    "lecture: set": lecture(),
    "lecture: tuple": lecture(tuple),
    "lecture: list": lecture(list),
    "lecture: frozenset": lecture(frozenset),
    "set, true - and /": lecture(direct=True),
    "tuple, true - and /": lecture(tuple, direct=True),
    "set, power without exponent": lecture(power=lambda n: "**"),
    "tuple, ^ without exponent": lecture(tuple, power=lambda n: "^"),
    "pow(3)": lecture(power=lambda n: f"pow({n})"),
    "× and (⋅)⁺": lecture(spell={"*": "×", "ReLU": "(⋅)⁺", "+": "plus"}),
    "one op without a name": lecture(direct=True, spell={"-": ""}),
    "no names at all": lecture(
        direct=True, power=lambda n: "", spell=dict.fromkeys(("+", "*", "-", "/", "neg"), "")
    ),
    "equal by value": lecture(equal_by_value=True),
    "equal by value, true - and /": lecture(direct=True, equal_by_value=True),
    "slots and local derivatives": Slotted,
    "plain numbers": Plain,
    "history": Historied,
    "enum": Enumerated,
    "pairs": Paired,
    "book": Book,
    "a class for each op": Tree,
    "returning": Returning,
    "unhashable": Unhashable,
    "functions": Variable,
    "functions of the upstream gradient": Pulling,
    "private names": Private,
    "one function, no usual names": Hooked,
    "op objects with methods": Calculated,
    "op objects with operands": Operated,
    "a text among the operands": Texted,
    "edges": Edged,
    "functions beside the class": Beside,
    "a dict of local derivatives": Keyed,
    "links in both directions": Linked,
    "gradients are nodes": Twofold,
    "a product called a sum": Mislabelled,
    "a function of pairs": Pairing,
    "the op is a function": Operative,
    "functions of the node": Handed,
    "a property and a record": Told,
    "local slopes": Sloped,
}
"""By a short description."""


class Bare:
    """Only a number: no operands, no op, no gradient. Watching its methods is the one way to its graph."""

    __slots__ = ("data",)

    def __init__(self, data: float) -> None:
        self.data = data

    @staticmethod
    def of(x: Any) -> float:
        return x.data if isinstance(x, Bare) else x

    def __add__(self, other: Any) -> Any:
        return Bare(self.data + self.of(other))

    __radd__ = __add__

    def __mul__(self, other: Any) -> Any:
        return Bare(self.data * self.of(other))

    __rmul__ = __mul__

    def __sub__(self, other: Any) -> Any:
        return Bare(self.data - self.of(other))

    def __rsub__(self, other: Any) -> Any:
        return Bare(other - self.data)

    def __truediv__(self, other: Any) -> Any:
        return Bare(self.data / self.of(other))

    def __rtruediv__(self, other: Any) -> Any:
        return Bare(other / self.data)

    def __neg__(self) -> Any:
        return Bare(-self.data)

    def __pow__(self, other: Any) -> Any:
        return Bare(self.data ** self.of(other))

    def relu(self) -> Any:
        return Bare(max(0.0, self.data))

    def scaled(self, by: float = 1.0) -> Any:
        return Bare(self.data * by * 2)


class Consumed:
    """Nodes link to what was computed from them, and keep nothing of what they were computed from."""

    def __init__(self, value: float) -> None:
        self.value, self.grad = value, 0.0
        self.children: list[Any] = []

    def __add__(self, other: Any) -> Any:
        out = type(self)(self.value + other.value)
        self.children.append((1.0, out))
        other.children.append((1.0, out))
        return out

    def __mul__(self, other: Any) -> Any:
        out = type(self)(self.value * other.value)
        self.children.append((other.value, out))
        other.children.append((self.value, out))
        return out


class Waiting:
    """Numbers come with `forward()`, and a leaf has nothing but its number."""

    def __init__(self, x: float = 0.0) -> None:
        self.x = x

    def forward(self) -> float:
        return self.x

    def __add__(self, other: Any) -> Any:
        return WaitingSum(self, other)

    def __mul__(self, other: Any) -> Any:
        return WaitingProduct(self, other)


class WaitingSum(Waiting):
    """A sum that waits."""

    def __init__(self, left: Any, right: Any) -> None:
        super().__init__()
        self.left, self.right, self.op = left, right, "+"

    def forward(self) -> float:
        self.x = self.left.forward() + self.right.forward()
        return self.x


class WaitingProduct(WaitingSum):
    """A product that waits."""

    def __init__(self, left: Any, right: Any) -> None:
        super().__init__(left, right)
        self.op = "*"

    def forward(self) -> float:
        self.x = self.left.forward() * self.right.forward()
        return self.x


class Leaf:
    """A leaf of an engine whose classes have no base in common."""

    def __init__(self, val: float) -> None:
        self.val, self.adjoint = val, 0.0


class PlusNode:
    """A sum of that engine."""

    def __init__(self, left: Any, right: Any) -> None:
        self.left, self.right, self.adjoint = left, right, 0.0
        self.val = self.compute()

    def compute(self) -> float:
        return float(self.left.val + self.right.val)


class TimesNode(PlusNode):
    """A product of that engine."""

    def compute(self) -> float:
        return float(self.left.val * self.right.val)


@dataclass(frozen=True)
class Frozen:
    """A node that can't be written, with operands that must be given."""

    data: float
    children: tuple[Any, ...]
    op: str = ""

    def __add__(self, other: Any) -> Any:
        return Frozen(self.data + other.data, (self, other), "+")

    def __mul__(self, other: Any) -> Any:
        return Frozen(self.data * other.data, (self, other), "*")
