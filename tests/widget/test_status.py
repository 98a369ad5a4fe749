"""A widget's status, for a report of a fault."""

from __future__ import annotations

import pytest
import traitlets

from autograd_widget import GraphWidget, Scalar, __version__


def test_it_has_versions_host_connection_and_size() -> None:
    w = Scalar(0.5, label="w")
    status = GraphWidget(w * 2.0).status()
    assert list(status) == [
        "versions",
        "engine",
        "host",
        "graph",
        "passes",
        "connection",
        "views",
        "pending",
        "last error",
    ]
    assert f"autograd_widget {__version__}" in status["versions"]
    assert status["graph"] == "3 nodes, 1 leaves, 0 custom ops"
    assert status["passes"] == "0 in the ledger"
    assert status["last error"] == "none"
    assert str(status) == repr(status)
    assert len(str(status).splitlines()) == len(status)


def test_it_says_what_is_pending_and_what_was_refused() -> None:
    w = Scalar(0.5, label="w")
    g = GraphWidget(w * 2.0)
    w.value = 1.0
    assert g.status()["pending"] == "what cells have changed"
    assert g["w"] == 1.0
    assert g.status()["pending"] == "nothing"
    with pytest.raises(traitlets.TraitError):
        g.set_state({"values": {"0": "x" * 1_000}})
    assert g.status()["last error"].startswith('TraitError: the value of leaf 0 is a number, "nan", "inf"')
    assert len(g.status()["last error"]) <= 300
    g.set_state({"_view_count": 2})
    assert g.status()["views"] == "2 on the page"


def test_asking_changes_nothing() -> None:
    w = Scalar(0.5, label="w")
    g = GraphWidget(w * 2.0)
    w.value = 1.0
    before = g._is_dirty, g.get_state, w.grad
    g.status()
    assert (g._is_dirty, g.get_state, w.grad) == before


def test_a_closed_widget_says_so() -> None:
    g = GraphWidget(Scalar(0.5) * 2.0)
    g.close()
    assert g.status()["connection"] == "closed"
