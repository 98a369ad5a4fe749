"""The table of aten ops as scalar ops: one row per op.

A row takes the unroller and a call, and gives per recorded output the scalars of its elements, in
row-major order; None where it doesn't know this use of the op. An op without a row is computed by PyTorch
(`fallback`), also where the table of ops lacks one that a row is made of.
"""

from __future__ import annotations

from typing import Final

from .composed import COMPOSED
from .context import Row
from .elements import ELEMENTWISE, elementwise
from .layers import LAYERS
from .moves import ADDING, MOVES, moved
from .products import PRODUCTS
from .reductions import REDUCTIONS

ROWS: Final[dict[str, Row]] = {
    **dict.fromkeys(ELEMENTWISE, elementwise),
    **dict.fromkeys(MOVES, moved),
    **ADDING,
    **REDUCTIONS,
    **PRODUCTS,
    **LAYERS,
    **COMPOSED,
}
"""Op → its row, which takes the unroller and the call."""
