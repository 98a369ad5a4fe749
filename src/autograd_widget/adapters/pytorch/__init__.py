"""Recording PyTorch code, and its results as live graphs of scalars.

    >>> with record():
    ...     loss = F.mse_loss(model(X), Y)
    >>> GraphWidget(loss)

`recorder` notes calls on a `tape`, `unroll` makes scalars of what a result needs by the rows of `rows`
and `layers`, and `fallback` lets PyTorch compute what has no row. PyTorch is imported by importing this
package, which happens only where the person's code has imported it.
"""

from __future__ import annotations

from .recording import Recording, record_torch, recording_of, recordings_of
from .source import TensorSource, source_of

__all__ = ["Recording", "TensorSource", "record_torch", "recording_of", "recordings_of", "source_of"]
