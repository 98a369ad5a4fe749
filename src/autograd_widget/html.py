"""`script_tag`: the program behind `<autograd-graph>` elements, once per page."""

from __future__ import annotations

from .export.html import script_tag as script_tag
