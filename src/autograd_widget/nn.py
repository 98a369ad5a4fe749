"""Small networks with micrograd's interface, which fold on the page.

    >>> model = MLP(2, [16, 16, 1])
    >>> score = model([0.5, -1.0])
    >>> len(model.parameters())
    337

Each call of a network makes a group, in it one per layer, and in those one per neuron, called as in the code:
`layers[1]`, `neurons[3]`. Its parameters, which all calls share, are in groups of the same names within one
called `parameters`; the page shows those that a single call uses, and nothing else, with their neuron.
They are labelled in the same way, as short as they stay unique: `w1[3,0]` is `layers[1].neurons[3].w[0]` and
`b1[3]` its bias.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeAlias

from .engine.groups import group
from .engine.micrograd import Value
from .engine.scalar import Scalar

__all__ = ["MLP", "Layer", "Module", "Neuron"]

Inputs: TypeAlias = "Sequence[Scalar | float]"


class Module:
    """A part of a network, with parameters."""

    _name: str | None = None
    """The name in the parent module."""

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            parameter.grad = None

    def parameters(self) -> list[Value]:
        """All parameters, in order."""
        return []

    def _group(self) -> group:
        return group(self._name or type(self).__name__)


class Neuron(Module):
    """A weighted sum with a bias, and a relu if wanted.

    Args:
        nin: The number of inputs. Weights are drawn evenly between -1 and 1 from `random`.
        nonlin: True if a relu follows.
    """

    def __init__(self, nin: int, nonlin: bool = True) -> None:
        self.w = [Value(random.uniform(-1, 1), label=f"w[{i}]") for i in range(nin)]  # noqa: S311
        self.b = Value(0.0, label="b")
        self.nonlin = nonlin

    def __call__(self, x: Inputs) -> Value:
        """Compute the output for one value per input.

        Raises:
            ValueError: There are more or fewer values than inputs.
        """
        if len(x) != len(self.w):
            raise ValueError(f"{self!r} takes {len(self.w)} inputs, and {len(x)} were given")
        with self._group():
            act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
            return act.relu() if self.nonlin else act

    def parameters(self) -> list[Value]:
        """The weights, then the bias."""
        return [*self.w, self.b]

    def __repr__(self) -> str:
        return f"{'ReLU' if self.nonlin else 'Linear'}Neuron({len(self.w)})"


class Layer(Module):
    """Neurons that share their inputs.

    Args:
        nin: The number of inputs.
        nout: The number of neurons.
        nonlin: True if each has a relu.
    """

    def __init__(self, nin: int, nout: int, nonlin: bool = True) -> None:
        self.neurons: list[Neuron] = []
        for i in range(nout):
            with group(name := f"neurons[{i}]"):
                neuron = Neuron(nin, nonlin)
            neuron._name = name
            self.neurons.append(neuron)
        self._label("")

    def __call__(self, x: Inputs) -> Value | list[Value]:
        """Compute the outputs of the neurons; of a single neuron its output itself."""
        with self._group():
            out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Value]:
        """The parameters of the neurons, in order."""
        return [parameter for neuron in self.neurons for parameter in neuron.parameters()]

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(str, self.neurons))}]"

    def _label(self, layer: str) -> None:
        for i, neuron in enumerate(self.neurons):
            neuron.b.label = f"b{layer}[{i}]"
            for j, weight in enumerate(neuron.w):
                weight.label = f"w{layer}[{i},{j}]"


class MLP(Module):
    """A multi-layer perceptron: layers one after the other, the last without a relu.

    Args:
        nin: The number of inputs.
        nouts: The number of neurons of each layer.
    """

    def __init__(self, nin: int, nouts: Sequence[int]) -> None:
        sizes = [nin, *nouts]
        last = len(nouts) - 1
        self.layers: list[Layer] = []
        with group("parameters"):
            for i in range(len(nouts)):
                with group(name := f"layers[{i}]"):
                    layer = Layer(sizes[i], sizes[i + 1], nonlin=i != last)
                layer._name = name
                layer._label(str(i))
                self.layers.append(layer)

    def __call__(self, x: Inputs) -> Value | list[Value]:
        """Compute the outputs of the last layer; of a single neuron its output itself."""
        out: Value | list[Value] = list(x)  # type: ignore[arg-type] # plain numbers for the first layer only
        with self._group():
            for layer in self.layers:
                out = layer(out)  # type: ignore[arg-type] # as in micrograd, a layer of one ends a network
        return out

    def parameters(self) -> list[Value]:
        """The parameters of the layers, in order."""
        return [parameter for layer in self.layers for parameter in layer.parameters()]

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(str, self.layers))}]"
