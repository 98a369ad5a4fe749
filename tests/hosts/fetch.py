"""Fetches what the hosts of `make test-hosts` would load from elsewhere, into a folder of their own.

Usage: `python tests/hosts/fetch.py FOLDER`, with the Python of the hosts.

There will be `npm/<name>@<version>/` for each package of `NPM`, as a CDN of npm has them, and `wheels/` with
what a Python in the browser installs besides our own wheel. The Pyodide in `npm/` gets those packages of its
distribution that a kernel starts with.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

NPM = {
    "pyodide": "314.0.6",  # the one that jupyterlite-pyodide-kernel names
    "@widgetti/solara-vuetify3-app": "5.2.0",  # the one that solara-server names
    "requirejs": "2.3.6",  # these two as it asks for them
    "font-awesome": "4.5.0",
    "@jupyter-widgets/html-manager": "1.0.14",
}

ANYWIDGET = "anywidget@~0.11.*/dist/index.js"
"""The front end of anywidget that pages made with version 0.11 load."""

KERNEL = ("ipython", "jedi", "micropip", "packaging", "pyodide-http", "typing-extensions")
"""Packages of the Pyodide distribution that a kernel in the browser needs, besides their dependencies."""

WIDGETS = ("anywidget", "comm", "graphviz", "ipywidgets", "jupyterlab_widgets", "psygnal")
"""Packages that our wheel needs there and that Pyodide does not have."""

CONSTRAINTS = Path(__file__).with_name("constraints.txt")


def main(folder: Path) -> None:
    """Fetch everything anew."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, version in NPM.items():
        unpack(name, version, npm_folder(folder, name))
    complete(npm_folder(folder, "pyodide"))
    anywidget = folder / "npm" / ANYWIDGET
    anywidget.parent.mkdir(parents=True)
    shutil.copy(Path(sys.prefix) / "share/jupyter/nbextensions/anywidget/index.js", anywidget)
    download(folder / "wheels", "--constraint", str(CONSTRAINTS), *WIDGETS)


def npm_folder(folder: Path, name: str) -> Path:
    """The folder of a package of npm."""
    return folder / "npm" / f"{name}@{NPM[name]}"


def unpack(name: str, version: str, to: Path) -> None:
    """Have the files of a package of npm in a folder; none of its scripts run."""
    to.mkdir(parents=True)
    pack = ("npm", "pack", "--silent", "--pack-destination", to, f"{name}@{version}")
    packed = to / subprocess.run(pack, check=True, capture_output=True, text=True).stdout.split()[-1]
    with tarfile.open(packed) as archive:
        archive.extractall(to, filter="data")
    packed.unlink()
    for each in (to / "package").iterdir():
        each.rename(to / each.name)
    (to / "package").rmdir()


def complete(pyodide: Path) -> None:
    """Add to a bare Pyodide the pure wheels that a kernel needs; its lock file gets their sums."""
    lock_file = pyodide / "pyodide-lock.json"
    lock = json.loads(lock_file.read_text())
    packages: dict[str, dict[str, Any]] = lock["packages"]
    wanted = list(KERNEL)
    for name in wanted:  # grows while it is read
        needed = [each.lower().replace("_", "-") for each in packages[name]["depends"]]
        wanted += [each for each in needed if each not in wanted]
    download(pyodide, *(f"{name}=={packages[name]['version']}" for name in wanted))
    lock["packages"] = {name: packages[name] for name in wanted}
    for package in lock["packages"].values():
        # Pyodide builds its wheels itself; these hold the same, but are other files.
        package["sha256"] = hashlib.sha256((pyodide / package["file_name"]).read_bytes()).hexdigest()
    lock_file.write_text(json.dumps(lock))


def download(to: Path, *what: str) -> None:
    """Download wheels that run on any machine."""
    pure = (
        "--only-binary=:all:",
        "--platform=any",
        "--python-version=3.14",
        "--implementation=py",
        "--abi=none",
    )
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *pure, "--dest", to)
    subprocess.run((*pip, *what), check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
