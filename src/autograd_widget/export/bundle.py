"""The page's program: one file, built from `js/`, that widgets and standalone pages carry."""

from __future__ import annotations

import gzip
import hashlib
import os
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Final

BUNDLE: Final = Path(__file__).parents[1] / "static" / "widget.js"

UNPACK: Final = """\
const programs = (globalThis[Symbol.for("autograd_widget")] ??= {});
const load = async () => {
  const packed = Uint8Array.from(atob("%s"), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const program = await new Response(stream, { headers: { "Content-Type": "text/javascript" } }).blob();
  const url = URL.createObjectURL(program);
  try {
    return (await import(url)).default;
  } finally {
    URL.revokeObjectURL(url);
  }
};
const loaded = (programs["%s"] ??= load());
loaded.catch(() => delete programs["%s"]);
export default await loaded;
"""
"""A page has one copy of a program, by its hash: hosts import one per widget, and modules are never freed."""


def bundle_text() -> str:
    """Read the program.

    Raises:
        ImportError: It was not built.
    """
    try:
        return BUNDLE.read_text("utf-8")
    except FileNotFoundError:
        raise ImportError("the page's bundle is missing from this checkout: run `make build`") from None


@cache
def packed_bundle() -> str:
    """Pack the program into a module of about half its size, which unpacks it and exports it again.

    A saved notebook has a copy for each of its widgets. A host that shows widgets imports their programs from
    blobs, and so does this one.

    Raises:
        ImportError: It was not built.
    """
    program = bundle_text().encode()
    packed = b64encode(gzip.compress(program, mtime=0)).decode()
    key = hashlib.sha256(program).hexdigest()[:16]
    return UNPACK % (packed, key, key)


def page_program() -> str | Path:
    """The program as a widget takes it: packed.

    While the page is developed (`make dev`), the file itself: anywidget watches it and loads it anew in every
    open notebook. Otherwise never a path, because of one anywidget keeps every widget alive that was closed.
    """
    return BUNDLE if os.environ.get("ANYWIDGET_HMR") == "1" else packed_bundle()
