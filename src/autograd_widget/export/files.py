"""Atomic writing of files."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from time import time
from typing import BinaryIO

if sys.platform != "win32":
    import fcntl

ABANDONED = 3600.0
"""Seconds after which a draft has no writer any more, where files have no locks."""


def write_whole(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """Write a file atomically: readers find the old content or the new one.

    A file that is replaced keeps its owner and permissions, a link stays a link, and a device or a pipe is
    written to. Drafts of writers that were killed are removed.

    Args:
        path: The file; its folder must exist.
        content: A text is encoded as UTF-8, with lone surrogates escaped.

    Returns:
        The path.

    Raises:
        OSError: It can't be written. Then nothing has changed.
    """
    given = Path(path)
    target = Path(os.path.realpath(given))  # a new file beside what a link points to, not beside the link
    if target.is_symlink():
        raise OSError(errno.ELOOP, "this link leads back to itself", str(given))
    if target.is_dir():
        raise IsADirectoryError(f"{given} is a folder")
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    if given.exists() and not given.is_file():  # a device or a pipe has nothing to be replaced
        given.write_bytes(data)
        return given
    try:
        _replace(target, data)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(given)) from error  # and not the draft's name
    return given


def _replace(target: Path, data: bytes) -> None:
    _remove_abandoned(target)
    file, draft = _draft_of(target)
    try:
        with file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            if sys.platform != "win32":  # an open file has its lock still
                _put_in_place(draft, target)
        if sys.platform == "win32":  # an open file can't be moved
            _put_in_place(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def _put_in_place(draft: Path, target: Path) -> None:
    if target.exists():
        held, own = target.stat(), draft.stat()
        if (held.st_uid, held.st_gid) != (own.st_uid, own.st_gid):
            try:
                shutil.chown(draft, held.st_uid, held.st_gid)
            except PermissionError as error:
                raise PermissionError(error.errno, "another user owns it, who would lose it") from error
        shutil.copymode(target, draft)
    draft.replace(target)


def _draft_of(target: Path) -> tuple[BinaryIO, Path]:
    """Open a draft, locked as long as it is open."""
    while True:
        draft = target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}")
        file = draft.open("xb")
        if _lock(file) and draft.exists():
            return file, draft
        file.close()  # another writer has taken it for abandoned, just before the lock


def _remove_abandoned(target: Path) -> None:
    """Remove the drafts of writers that were killed."""
    name = re.compile(re.escape(f".{target.name[:100]}.") + "[0-9a-f]{16}")
    for draft in target.parent.iterdir():
        if name.fullmatch(draft.name):
            with suppress(OSError), draft.open("rb") as file:
                if _lock(file, draft.stat().st_mtime):
                    draft.unlink()


def _lock(file: BinaryIO, since: float | None = None) -> bool:
    """Lock a file, unless its writer lives; where files have no locks, its age tells."""
    if sys.platform == "win32":
        return since is None or time() - since > ABANDONED
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return since is None or time() - since > ABANDONED
    return True
