"""Writes the bill of materials, `dist/sbom.cdx.json`: `make sbom`.

CycloneDX of all pinned packages: `constraints.txt` for Python, `js/package-lock.json` for the page. The
package ships none of them. Dependencies at run time are 'required'; those of builds and tests 'excluded'.
"""

from __future__ import annotations

import json
import re
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
NAME = "autograd-widget"


def bill() -> dict[str, Any]:
    """The bill of materials of this checkout."""
    needed = closure(NAME)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "library",
                "bom-ref": NAME,
                "name": NAME,
                "version": version(NAME),
                "licenses": [{"license": {"id": "BSD-3-Clause"}}],
            }
        },
        "components": [*python_components(needed), *npm_components()],
    }


def closure(name: str) -> set[str]:
    """The packages that one needs when it runs, and those that they need, as far as they are installed."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        try:
            needs = map(Requirement, requires(waiting.pop()) or [])
        except PackageNotFoundError:  # for another system
            continue
        wanted = {
            canonicalize_name(each.name)
            for each in needs
            if each.marker is None or each.marker.evaluate({"extra": ""})
        }
        waiting += wanted - found
        found |= wanted
    return found


def python_components(needed: set[str]) -> list[dict[str, Any]]:
    """The packages of `constraints.txt`; one that is pinned per Python has a component per version."""
    found = []
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        if pin := re.match(r"([\w.-]+)==([^\s;]+)", line):
            name, pinned = canonicalize_name(pin[1]), pin[2]
            found.append(component("pypi", name, pinned, required=name in needed))
    return found


def npm_components() -> list[dict[str, Any]]:
    """The packages in the lock file of the page's build."""
    packages = json.loads((ROOT / "js/package-lock.json").read_text("utf-8"))["packages"]
    found = {}
    for path, package in packages.items():
        if path:
            name = path.rpartition("node_modules/")[2]
            one = component("npm", name, package["version"], required=not package.get("dev"))
            if "license" in package:
                one["licenses"] = [{"expression": package["license"]}]
            found[one["bom-ref"]] = one
    return [found[key] for key in sorted(found)]


def component(kind: str, name: str, pinned: str, *, required: bool) -> dict[str, Any]:
    """One row; its address names no host."""
    purl = f"pkg:{kind}/{name.replace('@', '%40')}@{pinned}"
    scope = "required" if required else "excluded"
    return {"type": "library", "bom-ref": purl, "name": name, "version": pinned, "scope": scope, "purl": purl}


if __name__ == "__main__":
    target = ROOT / "dist/sbom.cdx.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(bill(), indent=1) + "\n", "utf-8")
