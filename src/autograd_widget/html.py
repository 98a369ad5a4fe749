"""`script_tag`: once per page, the program that makes `<autograd-graph>` elements show their graphs."""

from __future__ import annotations

from .export.html import script_tag as script_tag
