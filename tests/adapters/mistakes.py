"""A learner's engine as a text, and the mistakes that learners make in it, each as a replacement."""

from __future__ import annotations

from typing import Any

SOURCE = """
import math

class Value:
    def __init__(self, data, _children=(), _op=""):
        self.data = data
        self.grad = 0.0
        self._backward = lambda: None
        self._prev = set(_children)
        self._op = _op

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")
        def _backward():
            self.grad += out.grad
            other.grad += out.grad  # add
        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")
        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out._backward = _backward
        return out

    def __sub__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data - other.data, (self, other), "-")
        def _backward():
            self.grad += out.grad
            other.grad += -out.grad  # sub
        out._backward = _backward
        return out

    def __truediv__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data / other.data, (self, other), "/")
        def _backward():
            self.grad += out.grad / other.data
            other.grad += -self.data / other.data**2 * out.grad
        out._backward = _backward
        return out

    def __pow__(self, other):
        out = Value(self.data ** other, (self,), f"**{other}")
        def _backward():
            self.grad += other * self.data ** (other - 1) * out.grad
        out._backward = _backward
        return out

    def __neg__(self):
        return self * -1

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return Value(other) - self

    def __rtruediv__(self, other):
        return Value(other) / self

    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,), "tanh")
        def _backward():
            self.grad += (1 - t**2) * out.grad
        out._backward = _backward
        return out

    def exp(self):
        out = Value(math.exp(self.data), (self,), "exp")
        def _backward():
            self.grad += out.data * out.grad  # exp
        out._backward = _backward
        return out

    def relu(self):
        out = Value(max(0.0, self.data), (self,), "ReLU")
        def _backward():
            self.grad += (out.data > 0) * out.grad
        out._backward = _backward
        return out

    def backward(self):
        topo, visited = [], set()
        def build(v):
            if v not in visited:
                visited.add(v)
                for child in v._prev:
                    build(child)
                topo.append(v)
        build(self)
        self.grad = 1.0
        for v in reversed(topo):
            v._backward()
"""

MISTAKES: dict[str, tuple[str, str, str]] = {
    "assigns": (
        "+",
        "self.grad += out.grad\n            other.grad += out.grad  # add",
        "self.grad = out.grad\n            other.grad = out.grad",
    ),
    "swapped operands": (
        "*",
        "self.grad += other.data * out.grad\n            other.grad += self.data * out.grad",
        "self.grad += self.data * out.grad\n            other.grad += other.data * out.grad",
    ),
    "tanh without square": ("tanh", "(1 - t**2)", "(1 - t)"),
    "exponent": ("**", "self.data ** (other - 1)", "self.data ** other"),
    "quotient": ("/", "-self.data / other.data**2", "-self.data / other.data"),
    "sign of a difference": ("-", "other.grad += -out.grad  # sub", "other.grad += out.grad"),
    "reflected": ("-", "return Value(other) - self", "return self - other"),
    "relu without mask": ("relu", "(out.data > 0) * out.grad", "out.grad"),
    "exp of the operand": (
        "exp",
        "self.grad += out.data * out.grad  # exp",
        "self.grad += self.data * out.grad",
    ),
    "order": ("backward", "for v in reversed(topo):", "for v in topo:"),
    "seed": ("backward", "self.grad = 1.0\n        for", "for"),
}
"""By name the op that is to be found, the right code and the wrong one."""


def engine(*mistakes: str) -> Any:
    """The class with some mistakes."""
    source = SOURCE
    for name in mistakes:
        _, right, wrong = MISTAKES[name]
        assert source.count(right) == 1, name
        source = source.replace(right, wrong)
    names: dict[str, Any] = {}
    exec(compile(source, "engine.py", "exec"), names)  # noqa: S102 # written above
    return names["Value"]
