"""`explore` on functions of PyTorch's tensors."""

from __future__ import annotations

from typing import Any

import pytest

from autograd_widget import explore

torch = pytest.importorskip(
    "torch", reason="PyTorch is not installed here: `make test-torch` installs and runs these"
)


def test_tensors_are_recorded_again_and_written() -> None:
    def f(w: Any, x: Any) -> Any:
        return w * x if w.item() > 0 else w * w * x

    w = torch.tensor(2.0, requires_grad=True)
    g = explore(f, w, x=torch.tensor(3.0))
    assert (g["w"], g.root_value) == (2.0, 6.0)
    g["w"] = -2.0
    assert (w.item(), g.root_value) == (-2.0, 12.0)
    assert g.grads["w"] == -12.0
