"""Computing without notice: no recorder notes it, and no other mode counts it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.utils._python_dispatch import _disable_current_modes


@contextmanager
def plainly() -> Iterator[None]:
    """Turn off the active modes: the recorder would note the computation, and others would count it."""
    if not torch._C._len_torch_dispatch_stack() and not torch.is_inference_mode_enabled():
        yield
        return
    # Imported late, since it imports half of PyTorch.
    with _disable_current_modes(), torch.inference_mode(False):
        yield
