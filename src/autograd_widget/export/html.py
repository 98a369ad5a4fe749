"""Standalone pages: one file with graphs and the program that draws them.

It asks nothing of a network, a server or a notebook, and forbids itself to: its content security policy lets
only that script run whose hash it names, and nothing be loaded. A graph is an element of its own,
`<autograd-graph>`, with the graph document inside, so that any other page can hold some as well, after one
`script_tag()`.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from typing import Any, Final

from autograd_widget.engine.digits import shown
from autograd_widget.explain.messages import MESSAGES
from autograd_widget.explain.names import name_of
from autograd_widget.graph.document import refuse
from autograd_widget.graph.graph import Graph

from .bundle import bundle_text

POLICY: Final = (
    "default-src 'none'; script-src {}; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)

PAGE: Final = """\
<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark }}
body {{ margin: 0 auto; padding: 12px; max-width: 1700px }}
h1 {{ position: absolute; margin: 0; clip-path: inset(50%); font-size: 1px }}
@media (scripting: none) {{ h1 {{ display: none }} }}
autograd-graph {{ display: block; margin-bottom: 12px; break-inside: avoid }}
@page {{ size: landscape; margin: 10mm }}
@media print {{ :root {{ color-scheme: light }} body {{ padding: 0 }} }}
</style>
</head>
<body>
<noscript><p>{no_script}</p></noscript>
<main>
<h1>{title}</h1>
{elements}
</main>
{script}
</body>
</html>
"""


def page(documents: Sequence[Mapping[str, Any]], program: str = "") -> str:
    """Make a page of its own, one graph below the other.

    Args:
        documents: Graph documents; what else `GraphWidget.to_json` has in them is shown as well.
        program: A module in JavaScript that the page runs before the graphs are shown.

    Raises:
        ValueError: A document is invalid; the sentence says where and why.
    """
    graphs = [Graph.from_json(document) for document in documents]
    language = next((str(document.get("language") or "") for document in documents), "")
    messages = MESSAGES.get(language, MESSAGES[""])
    scripts = [script for script in (program, _script()) if script]
    return PAGE.format(
        lang=language if language in MESSAGES and language else "en",
        policy=POLICY.format(" ".join(map(_allowed, scripts))),
        title=escape(", ".join(_title(graph) for graph in graphs)),
        no_script=escape(messages.no_script),
        elements="\n".join(map(element, documents)),
        script="\n".join(map(_module, scripts)),
    )


def element(document: Mapping[str, Any]) -> str:
    """Make the element that shows a graph on any page with the `script_tag()`."""
    try:
        text = json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except ValueError:
        refuse('a number in it is not finite, which is written "nan", "inf" or "-inf"')
    # This character alone could end the element within the text.
    inside = text.replace("<", "\\u003c")
    return f'<autograd-graph><script type="application/json">{inside}</script></autograd-graph>'


def script_tag() -> str:
    """Make the script behind `<autograd-graph>` elements, which a page needs once."""
    return _module(_script())


def _module(script: str) -> str:
    return f'<script type="module">{script}</script>'


def _allowed(script: str) -> str:
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def _script() -> str:
    # In the program only strings contain these, and in a string the escaped character means the same.
    return re.sub(r"<(?=/?script|!--)", r"\\x3c", bundle_text(), flags=re.IGNORECASE)


def _title(graph: Graph) -> str:
    last = graph.outputs[-1]
    return f"{name_of(graph, last)} = {shown(graph.values[last])}"
